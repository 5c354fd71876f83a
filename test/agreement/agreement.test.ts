import { describe, expect, it } from "vitest";
import { agree, foldAsTold } from "./agree.ts";
import { checkAgreement, checkCase, checkFolding, readCorpus } from "./check-agreement.ts";
import type { DrawnRun } from "./drawn-run.ts";

const RUNS = 500;
const FOLDED_RUNS = 100;
const OFTEN = [
  ...["1 to 5 executors", "6 to 15 executors", "16 to 30 executors"].map((size) => `drawn ${size}`),
  ...["direct", "conditional", "switch", "fanOut", "fanIn", "map", "error", "loop", "self-loop"].map(
    (edge) => `drawn ${edge}`,
  ),
  ...["none", "response", "escalation", "failure"].map((timeout) => `drawn port, timeout: ${timeout}`),
  ...["depth 3", "state", "retries", "jitter", "compensation", "time limit of a call"].map((what) => `drawn ${what}`),
  ...["executorDelayed", "executorFailed", "requestAnswered", "requestTimedOut", "compensationStarted"].map(
    (type) => `event ${type}`,
  ),
  ...["messageDropped", "emitted", "runCompleted", "runFailed"].map((type) => `event ${type}`),
];
const NOW_AND_THEN = ["drawn time limit of the run", "event at depth 3", "event runCancelled"];
const { AGREEMENT_CASE, AGREEMENT_SEED, FOLDING_CASE } = process.env;

if (AGREEMENT_CASE !== undefined) {
  it("agrees on the case of the environment", async () => {
    await agree(JSON.parse(AGREEMENT_CASE) as DrawnRun);
  });
} else if (FOLDING_CASE !== undefined) {
  it("folds the case of the environment as it was told", async () => {
    await foldAsTold(JSON.parse(FOLDING_CASE) as DrawnRun);
  });
} else {
  describe("all runners tell the same, and what they recorded tells it again", () => {
    it.for(readCorpus())("$about", async (kept) => {
      await checkCase(kept);
    });

    it(`for ${RUNS} random graphs`, { timeout: 600_000 }, async () => {
      const seed = Number(AGREEMENT_SEED ?? Math.floor(Math.random() * 2 ** 31));
      const { features, failures } = await checkAgreement({ runs: RUNS, seed });
      console.log(`AGREEMENT_SEED=${seed} ${features}`);
      expect(failures).toEqual([]);
      // What is hardly ever drawn is not tested: each of these has to come up in a fair share of the runs.
      for (const feature of OFTEN) expect(features.countOf(feature), feature).toBeGreaterThan(RUNS / 50);
      for (const feature of NOW_AND_THEN) expect(features.countOf(feature), feature).toBeGreaterThan(RUNS / 100);
      expect(features.countOf("drawn generations of 2 supersteps")).toBeGreaterThan(RUNS / 25);
    });

    it(`also when people act at any moment, for ${FOLDED_RUNS} random graphs`, { timeout: 600_000 }, async () => {
      const seed = Number(AGREEMENT_SEED ?? Math.floor(Math.random() * 2 ** 31));
      console.log(`AGREEMENT_SEED=${seed}`);
      const { features, failures } = await checkFolding({ runs: FOLDED_RUNS, seed });
      expect(failures).toEqual([]);
      expect(features.countOf("event requestAnswered")).toBeGreaterThan(FOLDED_RUNS / 20);
    });
  });
}

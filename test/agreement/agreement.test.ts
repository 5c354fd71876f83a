import { describe, expect, it } from "vitest";
import { agree, foldAsTold } from "./agree.ts";
import { checkAgreement, checkCase, checkFolding, readCorpus } from "./check-agreement.ts";
import type { DrawnRun } from "./drawn-run.ts";

const RUNS = 500;
const FOLDED_RUNS = 100;
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
      for (const feature of [
        "executorDelayed",
        "requestTimedOut",
        "compensationStarted",
        "messageDropped",
        "emitted",
      ]) {
        expect(features.countOf(`event ${feature}`), feature).toBeGreaterThan(RUNS / 50);
      }
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

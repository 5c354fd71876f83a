import { randomInt } from "node:crypto";
import { it } from "vitest";
import { machine } from "../../bench/support/report.ts";
import { type LongResult, writeLongResult } from "./long-result.ts";

export interface LongSuite {
  /** All chance of the suite comes from it. */
  readonly seed: number;
  /** Puts a figure, or a few words, into the report; the last value of a name counts. */
  count(what: string, value: number | string): void;
}

/**
 * A suite that is too long for every commit: `npm run test:long` runs them all, and ends with docs/reliability-report.md.
 *
 * To add one, write a file `test/{folder}/{name}.long.ts`:
 *
 * ```ts
 * longSuite("kills", "No acknowledged fact is lost by 1,000 kills", async ({ seed, count }) => {
 *   const lost = await killAgainAndAgain({ seed, kills: 1_000 });
 *   count("kills", 1_000);
 *   expect(lost).toEqual([]);
 * });
 * ```
 *
 * `npm run test:long -- kills` runs the suites with that in the path of their file, and `LONG_SEED=7 npm run test:long` gives
 * them that seed in place of a random one, so that a red one can be run again. They run one after the other. One that would
 * fill the memory of a process, or take one processor for an hour, gives its work to others: `inParts` of parts.ts.
 *
 * @param name - of the result, as a file is named
 * @param claim - the sentence that the report shows as held or not
 */
export function longSuite(name: string, claim: string, run: (suite: LongSuite) => Promise<void>): void {
  it(claim, async () => {
    const seed = Number(process.env.LONG_SEED ?? randomInt(2 ** 31));
    console.log(`${name}: LONG_SEED=${seed}`);
    await recordLong({ name, claim, seed, run: process.env.LONG_RUN }, run);
  });
}

/** Runs a suite and writes down what came of it; until then, that it has not finished, in place of what it found earlier. */
export async function recordLong(
  about: Pick<LongResult, "name" | "claim" | "seed" | "run">,
  run: (suite: LongSuite) => Promise<void>,
  folder?: string,
): Promise<void> {
  const counts: Record<string, number | string> = {};
  const count = (what: string, value: number | string) => {
    counts[what] = value;
  };
  const startedAt = performance.now();
  const write = (ended: { readonly passed?: boolean }) => {
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    writeLongResult({ ...about, ...ended, seconds, counts, machine: machine() }, folder);
  };
  write({});
  let passed = false;
  try {
    await run({ seed: about.seed, count });
    passed = true;
  } finally {
    write({ passed });
  }
}

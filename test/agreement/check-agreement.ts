import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { agree } from "./agree.ts";
import { drawnRun } from "./draw.ts";
import type { DrawnRun } from "./drawn-run.ts";
import { Features } from "./features.ts";

const CORPUS = new URL("./corpus/", import.meta.url);

/** A run that once made runners disagree, or was hard to get right. */
export interface CorpusCase {
  readonly about: string;
  readonly drawn: DrawnRun;
}

export function readCorpus(): readonly CorpusCase[] {
  const files = readdirSync(CORPUS).sort();
  return files.map((file) => JSON.parse(readFileSync(new URL(file, CORPUS), "utf8")) as CorpusCase);
}

/**
 * Draws runs and lets all runners agree on each.
 *
 * @throws an error with one line that runs the smallest failing case again
 */
export async function checkAgreement({
  runs,
  seed,
}: {
  readonly runs: number;
  readonly seed: number;
}): Promise<Features> {
  const features = new Features();
  const property = fc.asyncProperty(drawnRun, async (drawn) => features.take(drawn, await agree(drawn)));
  const details = await fc.check(property, { numRuns: runs, seed });
  if (!details.failed) return features;
  const [smallest] = details.counterexample ?? [];
  throw new Error(
    `Runners disagree (seed ${seed}, run ${details.numRuns}). Run the smallest case again, and keep it in test/agreement/corpus/:\n` +
      `AGREEMENT_CASE='${JSON.stringify(smallest)}' npx vitest run test/agreement/agreement.test.ts`,
    { cause: details.errorInstance },
  );
}

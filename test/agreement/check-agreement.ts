import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { agree, foldAsTold } from "./agree.ts";
import { drawnRun } from "./draw.ts";
import type { DrawnRun } from "./drawn-run.ts";
import { Features } from "./features.ts";
import type { Told } from "./runners.ts";

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

interface Draws {
  readonly runs: number;
  readonly seed: number;
}

/**
 * Draws runs and lets all runners agree on each.
 *
 * @throws an error with one line that runs the smallest failing case again
 */
export function checkAgreement({ runs, seed }: Draws): Promise<Features> {
  return check(drawnRun, { runs, seed, variable: "AGREEMENT_CASE" }, agree);
}

/** Runs are kept short: people who never rest come between their steps all the same. */
const MAX_FUEL = 12;

/**
 * Draws runs, with people who act whenever they like, and folds what each runner recorded.
 *
 * @throws as {@link checkAgreement}
 */
export function checkFolding({ runs, seed }: Draws): Promise<Features> {
  const short = drawnRun.map((drawn) => ({ ...drawn, fuel: Math.min(drawn.fuel, MAX_FUEL) }));
  return check(short, { runs, seed, variable: "FOLDING_CASE" }, foldAsTold);
}

async function check(
  arbitrary: fc.Arbitrary<DrawnRun>,
  { runs, seed, variable }: Draws & { readonly variable: string },
  holds: (drawn: DrawnRun) => Promise<Told>,
): Promise<Features> {
  const features = new Features();
  const property = fc.asyncProperty(arbitrary, async (drawn) => features.take(drawn, await holds(drawn)));
  const details = await fc.check(property, { numRuns: runs, seed });
  if (!details.failed) return features;
  const [smallest] = details.counterexample ?? [];
  throw new Error(
    `Runners disagree (seed ${seed}, run ${details.numRuns}). Run the smallest case again, and keep it in test/agreement/corpus/:\n` +
      `${variable}='${JSON.stringify(smallest)}' npx vitest run test/agreement/agreement.test.ts`,
    { cause: details.errorInstance },
  );
}

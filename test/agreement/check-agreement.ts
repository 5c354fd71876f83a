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
  /** People act at any moment in it; without it they wait until nothing else is left to do. */
  readonly isRestless?: boolean;
  readonly drawn: DrawnRun;
}

export function readCorpus(): readonly CorpusCase[] {
  const files = readdirSync(CORPUS).sort();
  return files.map((file) => JSON.parse(readFileSync(new URL(file, CORPUS), "utf8")) as CorpusCase);
}

/** Holds a case of the corpus to what it is about. */
export function checkCase({ isRestless, drawn }: CorpusCase): Promise<Told> {
  return isRestless ? foldAsTold(drawn) : agree(drawn);
}

export interface Draws {
  readonly runs: number;
  /** Of the first run; each of the next ones has the next number, so every one can be drawn again alone. */
  readonly seed: number;
}

export interface Checked {
  readonly features: Features;
  /** One for each run that did not hold: its seed, why, and a line that runs the smallest case again. */
  readonly failures: readonly string[];
  readonly slowest: { readonly seed: number; readonly seconds: number };
}

/** Draws runs and lets all runners agree on each. */
export function checkAgreement(draws: Draws): Promise<Checked> {
  return check(drawnRun, draws, { variable: "AGREEMENT_CASE", keep: "", holds: agree });
}

/** Runs are kept short: people who never rest come between their steps all the same. */
const MAX_FUEL = 12;

/** Draws runs, with people who act whenever they like, and folds what each runner recorded. */
export function checkFolding(draws: Draws): Promise<Checked> {
  const short = drawnRun.map((drawn) => ({ ...drawn, fuel: Math.min(drawn.fuel, MAX_FUEL) }));
  return check(short, draws, { variable: "FOLDING_CASE", keep: " with isRestless", holds: foldAsTold });
}

interface Claim {
  /** Of the environment: test/agreement/agreement.test.ts runs the case in it. */
  readonly variable: string;
  /** What a file of the corpus says besides the drawn run. */
  readonly keep: string;
  readonly holds: (drawn: DrawnRun) => Promise<Told>;
}

async function check(arbitrary: fc.Arbitrary<DrawnRun>, { runs, seed: first }: Draws, claim: Claim): Promise<Checked> {
  const features = new Features();
  const failures: string[] = [];
  let slowest = { seed: first, seconds: 0 };
  const property = fc.asyncProperty(arbitrary, async (drawn) => features.take(drawn, await claim.holds(drawn)));
  for (let seed = first; seed < first + runs; seed++) {
    const startedAt = performance.now();
    const { failed } = await fc.check(property, { numRuns: 1, seed, endOnFailure: true });
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    if (seconds > slowest.seconds) slowest = { seed, seconds };
    if (failed) failures.push(await smallestFailure(arbitrary, seed, claim));
  }
  return { features, failures, slowest };
}

/** What is found by then counts. */
const MAX_SHRINKING_MS = 300_000;

async function smallestFailure(arbitrary: fc.Arbitrary<DrawnRun>, seed: number, claim: Claim): Promise<string> {
  const property = fc.asyncProperty(arbitrary, async (drawn) => {
    await claim.holds(drawn);
  });
  const details = await fc.check(property, { numRuns: 1, seed, interruptAfterTimeLimit: MAX_SHRINKING_MS });
  const [smallest] = details.counterexample ?? fc.sample(arbitrary, { numRuns: 1, seed });
  const [reason] = String(details.errorInstance ?? "It held when it was run again.").split("\n");
  return (
    `Seed ${seed}: ${reason}. Run the smallest case again, and keep it in test/agreement/corpus/${claim.keep}:\n` +
    `${claim.variable}='${JSON.stringify(smallest)}' npx vitest run test/agreement/agreement.test.ts`
  );
}

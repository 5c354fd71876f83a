import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect } from "vitest";
import { drawnRun } from "../agreement/draw.ts";
import type { DrawnRun } from "../agreement/drawn-run.ts";
import { asOrchestration } from "../agreement/runners.ts";
import { capturedFunctions, type OrchestratorCall, triggerOf } from "../support/capture-functions.ts";
import { type Generation, Generations } from "../support/generations.ts";
import { inOtherWorld, WORLDS } from "./other-world.ts";

/** Shorter histories hold no decision: an orchestration begins with OrchestratorStarted and ExecutionStarted. */
const SHORTEST = 2;

export interface PrefixCounts {
  /** A run has more than one when it goes on as new. */
  readonly generations: number;
  readonly prefixes: number;
  readonly longest: number;
}

export interface CheckedPrefixes extends PrefixCounts {
  /** One for each run that was replayed otherwise: its seed, why, and a line that runs the smallest case again. */
  readonly failures: readonly string[];
}

export interface PrefixDraws {
  readonly histories: number;
  /** Of the first run; each of the next ones has the next number. */
  readonly seed: number;
  /** Keeps histories short: what their prefixes cost grows with the square of their length. */
  readonly maxFuel?: number;
}

/**
 * Records histories of random runs, and replays every prefix of each: as here, and in another world. Both have to give the
 * same commands, status and output, to the byte.
 */
export async function checkPrefixes({
  histories,
  seed: first,
  maxFuel = Number.POSITIVE_INFINITY,
}: PrefixDraws): Promise<CheckedPrefixes> {
  let counts: PrefixCounts = { generations: 0, prefixes: 0, longest: 0 };
  const failures: string[] = [];
  const short = drawnRun.map((drawn) => ({ ...drawn, fuel: Math.min(drawn.fuel, maxFuel) }));
  const property = fc.asyncProperty(short, async (drawn) => {
    counts = sumOf(counts, countsOf(await replayPrefixes(drawn)));
  });
  for (let seed = first; seed < first + histories; seed++) {
    const details = await fc.check(property, { numRuns: 1, seed });
    if (details.failed) failures.push(failureOf(seed, details));
  }
  return { ...counts, failures };
}

export function sumOf(one: PrefixCounts, other: PrefixCounts): PrefixCounts {
  return {
    generations: one.generations + other.generations,
    prefixes: one.prefixes + other.prefixes,
    longest: Math.max(one.longest, other.longest),
  };
}

function countsOf(lengths: readonly number[]): PrefixCounts {
  const prefixes = lengths.reduce((sum, length) => sum + length + 1 - SHORTEST, 0);
  return { generations: lengths.length, prefixes, longest: Math.max(...lengths) };
}

function failureOf(seed: number, { counterexample, errorInstance }: fc.RunDetails<[DrawnRun]>): string {
  const [reason] = String(errorInstance).split("\n");
  return (
    `Seed ${seed}: ${reason}. Run the smallest case again:\n` +
    `PREFIX_CASE='${JSON.stringify(counterexample?.[0])}' npx vitest run test/replay/prefixes.test.ts`
  );
}

/** @returns the lengths of the histories of its generations */
export async function replayPrefixes(drawn: DrawnRun): Promise<number[]> {
  // Answers hold all commands since the beginning: for all episodes of a long run they would fill the memory.
  const generations = new Generations(({ result }) => hashOf(result));
  const watch = (call: OrchestratorCall) => generations.take(call);
  // Each of the two replay schemas for half of the runs.
  await asOrchestration(drawn, { schema: drawn.seed % 2 === 0 ? 2 : 3, watch });
  const lengths: number[] = [];
  for (const generation of generations.all) lengths.push(await replayGeneration(generation));
  return lengths;
}

/** @returns the length of its history */
async function replayGeneration({ last, episodes }: Generation<string>): Promise<number> {
  for (const { historyLength, said } of episodes) {
    const again = await replay(last, historyLength);
    expect(hashOf(again), `an episode of ${historyLength} events, replayed`).toBe(said);
  }
  for (let length = SHORTEST; length <= last.trigger.history.length; length++) {
    const here = await replay(last, length);
    const world = WORLDS[length % WORLDS.length] as (typeof WORLDS)[number];
    const there = await inOtherWorld(world, () => replay(last, length));
    expect(there, `${length} events, replayed with ${world.name}`).toEqual(here);
  }
  return last.trigger.history.length;
}

function hashOf(result: OrchestratorCall["result"]): string {
  return createHash("sha256").update(JSON.stringify(result)).digest("hex");
}

async function replay({ trigger, instanceId }: OrchestratorCall, length: number): Promise<OrchestratorCall["result"]> {
  const sent = triggerOf({ ...trigger, history: trigger.history.slice(0, length) });
  const { idsTaken: _, ...result } = await capturedFunctions().invokeOrchestrator("dafx-Drawn", sent, instanceId);
  return result as OrchestratorCall["result"];
}

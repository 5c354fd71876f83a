import fc from "fast-check";
import { expect } from "vitest";
import { drawnRun } from "../agreement/draw.ts";
import type { DrawnRun } from "../agreement/drawn-run.ts";
import { asOrchestration } from "../agreement/runners.ts";
import { capturedFunctions, type OrchestratorCall, triggerOf } from "../support/capture-functions.ts";
import { byGeneration } from "../support/generations.ts";
import { inOtherWorld, WORLDS } from "./other-world.ts";

/** Shorter histories hold no decision: an orchestration begins with OrchestratorStarted and ExecutionStarted. */
const SHORTEST = 2;

export interface PrefixCounts {
  readonly histories: number;
  /** A run has more than one when it goes on as new. */
  readonly generations: number;
  readonly prefixes: number;
  readonly longest: number;
}

/**
 * Records histories of random runs, and replays every prefix of each: as here, and in another world. Both have to give the
 * same commands, status and output, to the byte.
 *
 * @throws an error with one line that runs the smallest failing case again
 */
export async function checkPrefixes({
  histories,
  seed,
  maxFuel = Number.POSITIVE_INFINITY,
}: {
  readonly histories: number;
  readonly seed: number;
  /** Keeps histories short: what their prefixes cost grows with the square of their length. */
  readonly maxFuel?: number;
}): Promise<PrefixCounts> {
  let [generations, prefixes, longest] = [0, 0, 0];
  const short = drawnRun.map((drawn) => ({ ...drawn, fuel: Math.min(drawn.fuel, maxFuel) }));
  const property = fc.asyncProperty(short, async (drawn) => {
    for (const length of await replayPrefixes(drawn)) {
      generations += 1;
      prefixes += length + 1 - SHORTEST;
      longest = Math.max(longest, length);
    }
  });
  const details = await fc.check(property, { numRuns: histories, seed });
  if (!details.failed) return { histories, generations, prefixes, longest };
  throw new Error(
    `A replay gave something else (seed ${seed}, run ${details.numRuns}). Run the smallest case again:\n` +
      `PREFIX_CASE='${JSON.stringify(details.counterexample?.[0])}' npx vitest run test/replay/prefixes.test.ts`,
    { cause: details.errorInstance },
  );
}

/** @returns the lengths of the histories of its generations */
export async function replayPrefixes(drawn: DrawnRun): Promise<number[]> {
  const episodes: OrchestratorCall[] = [];
  // Each of the two replay schemas for half of the runs.
  await asOrchestration(drawn, { schema: drawn.seed % 2 === 0 ? 2 : 3, watch: (call) => episodes.push(call) });
  const lengths: number[] = [];
  for (const generation of byGeneration(episodes)) lengths.push(await replayGeneration(generation));
  return lengths;
}

/** @returns the length of its history */
async function replayGeneration(episodes: readonly OrchestratorCall[]): Promise<number> {
  const last = episodes.at(-1);
  if (!last) throw new Error("The generation had no episode.");
  for (const { trigger, result } of episodes) {
    const again = await replay(last, trigger.history.length);
    expect(again, `an episode of ${trigger.history.length} events, replayed`).toEqual(result);
  }
  for (let length = SHORTEST; length <= last.trigger.history.length; length++) {
    const here = await replay(last, length);
    const world = WORLDS[length % WORLDS.length] as (typeof WORLDS)[number];
    const there = await inOtherWorld(world, () => replay(last, length));
    expect(there, `${length} events, replayed with ${world.name}`).toEqual(here);
  }
  return last.trigger.history.length;
}

async function replay({ trigger, instanceId }: OrchestratorCall, length: number): Promise<OrchestratorCall["result"]> {
  const sent = triggerOf({ ...trigger, history: trigger.history.slice(0, length) });
  const { idsTaken: _, ...result } = await capturedFunctions().invokeOrchestrator("dafx-Drawn", sent, instanceId);
  return result as OrchestratorCall["result"];
}

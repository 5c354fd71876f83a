import { expect } from "vitest";
import { capturedFunctions } from "../../support/capture-functions.ts";
import { storePlaces } from "../../support/hub-harness.ts";
import { replayViolationsIn, violationsIn } from "../checker/invariants.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { type Crash, type Play, play, TIMERS } from "./play.ts";

const [makeMemoryPlace, makeSqlitePlace] = storePlaces.map(([, makePlace]) => makePlace);

/**
 * Plays a story once undisturbed, to count its writes; then once for each point at which the hub can die: before and after
 * each commit, in memory, where a commit is one step; and within each commit, behind each of its writes, in SQLite, which
 * has to take back what it wrote.
 *
 * @returns how many points were tried
 */
export async function crashEverywhere(scenario: Scenario): Promise<number> {
  const undisturbed = await playIn(scenario);
  expectRight(undisturbed, scenario);
  expect(await replayViolationsIn(undisturbed.exported, capturedFunctions(), TIMERS)).toEqual([]);
  const around = pointsAround(undisturbed);
  for (const crash of around) expectRight(await playIn(scenario, makeMemoryPlace, [crash]), scenario, [crash]);
  const within = pointsWithin(undisturbed);
  for (const crash of within) expectRight(await playIn(scenario, makeSqlitePlace, [crash]), scenario, [crash]);
  return around.length + within.length;
}

/** Dies at some point, and again while it recovers, so many times. */
export async function crashTwice(scenario: Scenario, pairs: number, random: () => number): Promise<void> {
  const points = pointsAround(await playIn(scenario));
  const pick = (): Crash => points[Math.floor(random() * points.length)] as Crash;
  for (let pair = 0; pair < pairs; pair += 1) {
    const crashes = [pick(), pick()];
    expectRight(await playIn(scenario, makeMemoryPlace, crashes), scenario, crashes);
  }
}

async function playIn(scenario: Scenario, makePlace = makeMemoryPlace, crashes: readonly Crash[] = []): Promise<Play> {
  const place = makePlace?.();
  if (!place) throw new Error("There is no such place.");
  try {
    return await play(scenario, place, crashes);
  } finally {
    place.remove();
  }
}

function expectRight(
  { ends, entities, exported, evidence }: Play,
  scenario: Scenario,
  crashes: readonly Crash[] = [],
): void {
  const violations = violationsIn(exported, evidence);
  const expected = { ends: scenario.ends, entities: scenario.entities ?? {}, violations: [] };
  expect({ crashes, ends, entities, violations }).toEqual({ crashes, ...expected });
}

function pointsAround({ commits }: Play): Crash[] {
  return commits.flatMap((_writes, index) => (["before", "after"] as const).map((when) => ({ at: index + 1, when })));
}

function pointsWithin({ commits }: Play): Crash[] {
  return commits.flatMap((writes, index) =>
    Array.from({ length: writes }, (_, behind) => ({ at: index + 1, when: { behind: behind + 1 } })),
  );
}

import { afterAll, describe, expect, it } from "vitest";
import { capturedFunctions } from "../support/capture-functions.ts";
import { storePlaces } from "../support/hub-harness.ts";
import { replayViolationsIn, violationsIn } from "./checker/invariants.ts";
import { orchestrationScenarios } from "./scenarios/orchestrations.ts";
import { runScenarios } from "./scenarios/runs.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { type Crash, type Play, play, TIMERS } from "./support/play.ts";

/**
 * Each story is played once undisturbed, to count its writes; then once for each point at which the hub can die. A point
 * within a commit needs a store that takes back what it wrote, so it costs files: the quick suite takes every fifth.
 */
const WITHIN_STRIDE = process.env.TRUST_SCALE === "long" ? 1 : 5;

const scenarios = [...orchestrationScenarios, ...runScenarios];
const [makeMemoryPlace, makeSqlitePlace] = storePlaces.map(([, makePlace]) => makePlace);
let pointsTried = 0;

async function playIn(scenario: Scenario, makePlace = makeMemoryPlace, crashes: readonly Crash[] = []): Promise<Play> {
  const place = makePlace?.();
  if (!place) throw new Error("There is no such place.");
  try {
    return await play(scenario, place, crashes);
  } finally {
    place.remove();
  }
}

function expectRight({ ends, entities, exported, evidence }: Play, scenario: Scenario, crash?: Crash): void {
  expect({ crash, ends }).toEqual({ crash, ends: scenario.ends });
  expect({ crash, entities }).toEqual({ crash, entities: scenario.entities ?? {} });
  expect({ crash, violations: violationsIn(exported, evidence) }).toEqual({ crash, violations: [] });
}

/** Before a commit, and after it. */
function pointsAround({ commits }: Play): Crash[] {
  return commits.flatMap((_writes, index) => (["before", "after"] as const).map((when) => ({ at: index + 1, when })));
}

/** Within a commit, behind each of its writes. */
function pointsWithin({ commits }: Play): Crash[] {
  return commits.flatMap((writes, index) =>
    Array.from({ length: writes }, (_, behind) => ({ at: index + 1, when: { behind: behind + 1 } })),
  );
}

describe("a hub that dies at any write", () => {
  afterAll(() => console.log(`crash everywhere: ${scenarios.length} stories, ${pointsTried} points`));

  it("is tried with 40 stories at least", () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(40);
  });

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    "brings %s to the same end",
    async (_name, scenario) => {
      const undisturbed = await playIn(scenario);
      expectRight(undisturbed, scenario);
      expect(await replayViolationsIn(undisturbed.exported, capturedFunctions(), TIMERS)).toEqual([]);
      for (const crash of pointsAround(undisturbed)) {
        pointsTried += 1;
        expectRight(await playIn(scenario, makeMemoryPlace, [crash]), scenario, crash);
      }
      const within = pointsWithin(undisturbed).filter((_crash, place) => place % WITHIN_STRIDE === 0);
      for (const crash of within) {
        pointsTried += 1;
        expectRight(await playIn(scenario, makeSqlitePlace, [crash]), scenario, crash);
      }
    },
    120_000,
  );
});

import type { EntityContext, OrchestrationContext, Task } from "durable-functions";
import {
  type Arbitrary,
  array as arrayOf,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
} from "fast-check";
import { expect, it } from "vitest";
import { df, type OrchestratorCall, type Watch } from "../../../test/support/capture-functions.ts";
import { openHub } from "../../../test/support/hub-harness.ts";

type Flow = Generator<Task, unknown, unknown>;

/** A step of a random orchestration. Left out is what the SDK and the extension are known to number differently. */
type Step =
  | { readonly kind: "call"; readonly fails: boolean }
  | { readonly kind: "retry"; readonly failures: number; readonly attempts: number }
  | { readonly kind: "all"; readonly retries: readonly number[] }
  | { readonly kind: "sleep"; readonly delayMs: number }
  | { readonly kind: "race"; readonly delayMs: number; readonly thenRetry: boolean }
  | { readonly kind: "entity"; readonly signals: number; readonly calls: number; readonly thenRetry: boolean }
  | { readonly kind: "section"; readonly keys: readonly string[]; readonly isReleased: boolean }
  | { readonly kind: "child"; readonly steps: readonly Step[] };

const failuresLeft = new Map<string, number>();
df.app.activity("Try", {
  handler: ({ key, failures }: { key: string; failures: number }) => {
    const left = failuresLeft.get(key) ?? failures;
    failuresLeft.set(key, left - 1);
    if (left > 0) throw new Error(`failure ${left}`);
    return key;
  },
});

df.app.entity("Tally", (context: EntityContext<number>) => {
  const count = (context.df.getState(() => 0) ?? 0) + 1;
  context.df.setState(count);
  context.df.return(count);
});
const tally = (key: string) => new df.EntityId("Tally", key);

let calls = 0;
const random = function* (context: OrchestrationContext): Flow {
  const { steps, path } = context.df.getInput() as { steps: readonly Step[]; path: string };
  const now = (): number => context.df.currentUtcDateTime.getTime();
  const retry = (key: string, failures: number, attempts: number): Task =>
    context.df.callActivityWithRetry("Try", new df.RetryOptions(500, attempts), { key, failures });
  const results: unknown[] = [];
  for (const [index, step] of steps.entries()) {
    const key = `${path}/${index}`;
    try {
      if (step.kind === "call") {
        results.push(yield context.df.callActivity("Try", { key, failures: step.fails ? 1 : 0 }));
      } else if (step.kind === "retry") {
        results.push(yield retry(key, step.failures, step.attempts));
      } else if (step.kind === "all") {
        const members = step.retries.map((failures, member) => retry(`${key}.${member}`, failures, failures + 1));
        results.push(yield context.df.Task.all(members));
      } else if (step.kind === "sleep") {
        yield context.df.createTimer(new Date(now() + step.delayMs));
      } else if (step.kind === "race") {
        const timer = context.df.createTimer(new Date(now() + step.delayMs));
        const event = context.df.waitForExternalEvent(`Go ${key}`);
        const winner = yield context.df.Task.any([event, timer]);
        if (winner === event) timer.cancel();
        results.push(winner === event);
        if (step.thenRetry) results.push(yield retry(`${key}+`, 1, 2));
      } else if (step.kind === "entity") {
        for (let n = 0; n < step.signals; n += 1) context.df.signalEntity(tally(key), "add");
        const counts = Array.from({ length: step.calls }, () => context.df.callEntity(tally(key), "add"));
        results.push(yield context.df.Task.all([...counts, context.df.callActivity("Try", { key, failures: 0 })]));
        if (step.thenRetry) results.push(yield retry(`${key}+`, 1, 2));
      } else if (step.kind === "section") {
        // Only the last section may be left open: there is no other one then.
        const lock = (yield context.df.lock(step.keys.map((part) => tally(part)))) as { release(): void };
        results.push(yield context.df.callEntity(tally(step.keys[0] ?? ""), "add"));
        if (step.isReleased || index < steps.length - 1) lock.release();
      } else {
        results.push(yield context.df.callSubOrchestrator("Random", { steps: step.steps, path: key }));
      }
    } catch (error) {
      results.push((error as Error).message.split("\n")[0]);
    }
  }
  return results;
};
const mark = { [Symbol.for("durable-workflows.may-be-kept")]: true };
df.app.orchestration("Random", (context) => Object.assign(random(context), mark));

const plainStep = oneof(
  record({ kind: constant("call" as const), fails: boolean() }),
  record({
    kind: constant("retry" as const),
    failures: integer({ min: 0, max: 3 }),
    attempts: integer({ min: 1, max: 3 }),
  }),
  record({
    kind: constant("all" as const),
    retries: arrayOf(integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 4, size: "max" }),
  }),
  // Sleeps of 4.5 s go in legs. A race's timer must not: cancelled after its first leg it is a known trap.
  record({ kind: constant("sleep" as const), delayMs: constantFrom(0, 700, 4500) }),
  record({ kind: constant("race" as const), delayMs: constantFrom(300, 1900), thenRetry: boolean() }),
);
const entityStep = oneof(
  record({
    kind: constant("entity" as const),
    signals: integer({ min: 0, max: 2 }),
    calls: integer({ min: 0, max: 2 }),
    thenRetry: boolean(),
  }),
  record({
    kind: constant("section" as const),
    keys: arrayOf(constantFrom("x", "y", "z"), { minLength: 1, maxLength: 3, size: "max" }),
    isReleased: boolean(),
  }),
);
const child = record({
  kind: constant("child" as const),
  steps: arrayOf(plainStep, { minLength: 1, maxLength: 3, size: "max" }),
});
const program: Arbitrary<Step[]> = arrayOf(
  oneof({ weight: 5, arbitrary: plainStep }, { weight: 2, arbitrary: entityStep }, { weight: 1, arbitrary: child }),
  {
    minLength: 2,
    maxLength: 6,
    size: "max",
  },
);

/** Each call's history holds the ids that the SDK gave in the call before, no more and no fewer. */
function expectSameIds(seen: readonly OrchestratorCall[]): void {
  const taken = new Map<string, number>();
  for (const { instanceId, trigger, idsTaken } of seen) {
    const recorded = trigger.history.filter(({ EventType }) => [4, 7, 10, 14].includes(EventType)).length;
    expect(recorded).toBe(taken.get(instanceId) ?? 0);
    taken.set(instanceId, idsTaken);
  }
}

/** Runs the steps to their end. @returns their results, without the path that makes each run's names its own */
async function play(steps: readonly Step[], raises: readonly boolean[], watch: Watch): Promise<unknown> {
  calls += 1;
  const { hub, run, view, environment } = await openHub({ watch, longestTimerMs: 2000, timerLegMs: 1000 });
  const input = JSON.stringify({ steps, path: String(calls) });
  const instanceId = await run({ name: "Random", instanceId: `random-${calls}`, inputJson: input });
  for (let round = 0; round < 400 && (await view(instanceId)).runtimeStatus === "Running"; round += 1) {
    if (raises[round % raises.length]) {
      for (let index = 0; index < 5; index += 1) await hub.raiseEvent(instanceId, `Go ${calls}/${index}`, "1");
    }
    await environment.advance(250);
  }
  const { runtimeStatus, output } = await view(instanceId);
  expect(runtimeStatus).toBe("Completed");
  await hub.close();
  return JSON.parse((output ?? "").replaceAll(`"${calls}/`, '"path/'));
}

const raises = arrayOf(boolean(), { minLength: 8, maxLength: 8 });

it("numbers whatever an orchestration does as the SDK numbers it, and lets it come to its end", async () => {
  await assert(
    asyncProperty(program, raises, async (steps, raised) => {
      const seen: OrchestratorCall[] = [];
      await play(steps, raised, { orchestrator: (call) => seen.push(call) });
      expectSameIds(seen);
    }),
    { numRuns: 40 },
  );
});

it("comes to the same with an orchestration that is kept between its episodes", async () => {
  let [replays, beginnings] = [0, 0];
  await assert(
    asyncProperty(program, raises, async (steps, raised) => {
      const replayed = await play(steps, raised, { began: () => replays++ });
      const kept = await play(steps, raised, { keepsSessions: true, began: () => beginnings++ });
      expect(kept).toEqual(replayed);
    }),
    { numRuns: 40 },
  );
  expect(beginnings).toBeLessThan(replays / 2);
});

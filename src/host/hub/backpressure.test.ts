import type { OrchestrationContext, Task } from "durable-functions";
import { expect, it } from "vitest";
import { df } from "../../../test/support/capture-functions.ts";
import { openHub } from "../../../test/support/hub-harness.ts";
import { quiet } from "../../../test/support/manual-environment.ts";

type Flow = Generator<Task, unknown, unknown>;

let letGo: (() => void)[] = [];
df.app.activity("Slow", { handler: () => new Promise<void>((resolve) => letGo.push(resolve)) });
df.app.orchestration("Wait", function* (context: OrchestrationContext): Flow {
  return yield context.df.waitForExternalEvent("Go");
});
df.app.orchestration("Fan", function* (context: OrchestrationContext): Flow {
  return yield context.df.Task.all(Array.from({ length: 5 }, () => context.df.callActivity("Slow")));
});

const outcome = (work: Promise<unknown>) =>
  work.then(
    () => "accepted",
    (error: { code?: string }) => error.code,
  );

it("starts are refused while as many instances wait for their turn as are allowed, and taken again after that", async () => {
  const { hub } = await openHub({ maxWaiting: 3 });
  const start = () => outcome(hub.start({ name: "Wait", inputJson: null }));
  const outcomes = await Promise.all([start(), start(), start(), start(), start()]);
  expect(outcomes).toEqual(["accepted", "accepted", "accepted", "HOST_OVERLOADED", "HOST_OVERLOADED"]);
  await quiet();
  expect(await start()).toBe("accepted");
});

it("starts are refused while as many activities wait for their turn", async () => {
  letGo = [];
  const { hub, run } = await openHub({ maxWaiting: 3, activityConcurrency: 1 });
  await run({ name: "Fan" });
  expect(await outcome(hub.start({ name: "Wait", inputJson: null }))).toBe("HOST_OVERLOADED");
  for (let call = 0; call < 2; call += 1) {
    letGo.shift()?.();
    await quiet();
  }
  expect(await outcome(hub.start({ name: "Wait", inputJson: null }))).toBe("accepted");
});

it("events are refused while as many wait for their instance; those of others are not", async () => {
  const { hub, run } = await openHub({ maxWaiting: 3 });
  for (const instanceId of ["one", "two"]) await run({ name: "Wait", instanceId });
  const raise = (id: string) => outcome(hub.raiseEvent(id, "Other", "1"));
  const outcomes = await Promise.all(["one", "one", "one", "one", "two"].map(raise));
  expect(outcomes).toEqual(["accepted", "accepted", "accepted", "HOST_OVERLOADED", "accepted"]);
  await quiet();
  expect(await raise("one")).toBe("accepted");
});

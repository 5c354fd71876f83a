import type { EntityContext, OrchestrationContext, Task } from "durable-functions";
import { beforeEach, expect, it } from "vitest";
import { df } from "../../../test/support/capture-functions.ts";
import { faultyStore } from "../../../test/support/faulty-store.ts";
import { openHub } from "../../../test/support/hub-harness.ts";
import { quiet } from "../../../test/support/manual-environment.ts";
import { createMemoryStore } from "../store/memory.ts";

type Flow = Generator<Task, unknown, unknown>;

let called: string[] = [];
let letGo: (() => void)[] = [];
beforeEach(() => {
  called = [];
  letGo = [];
});
const gate = () => new Promise<void>((resolve) => letGo.push(resolve));
async function finishAll(): Promise<void> {
  for (const resolve of letGo.splice(0)) resolve();
  await quiet();
}

df.app.activity("Gated", {
  handler: async ({ word }: { word: string }) => {
    called.push(word);
    await gate();
    return word;
  },
});
df.app.entity("GatedCount", async (context: EntityContext<number>) => {
  called.push(`count ${context.df.entityKey}`);
  await gate();
  context.df.setState((context.df.getState() ?? 0) + 1);
});
df.app.orchestration("TwoAtOnceAndOne", function* (context: OrchestrationContext): Flow {
  const words = ["first", "second"].map((word) => context.df.callActivity("Gated", { word }));
  const both = yield context.df.Task.all(words);
  return [both, yield context.df.callActivity("Gated", { word: "third" })];
});
df.app.orchestration("TakesOne", function* (context: OrchestrationContext): Flow {
  called.push("orchestrator");
  return yield context.df.waitForExternalEvent("Go");
});
df.app.orchestration("Signals", function* (context: OrchestrationContext): Flow {
  context.df.signalEntity(new df.EntityId("GatedCount", "first"), "add", {});
  context.df.signalEntity(new df.EntityId("GatedCount", "second"), "add", {});
  return yield context.df.waitForExternalEvent("Never");
});

it("a hub that begins no more calls no activity that waited its turn, and keeps the outcome of the one in flight", async () => {
  const store = createMemoryStore();
  const { hub, run, history } = await openHub({ store, activityConcurrency: 1 });
  await run({ name: "TwoAtOnceAndOne", instanceId: "one" });
  hub.beginNoMore();
  await finishAll();
  expect(called).toEqual(["first"]);
  expect(store.activities().map(({ taskId }) => taskId)).toEqual([1]);
  expect(store.messages().map(({ event }) => JSON.parse(event))).toMatchObject([
    { EventType: 5, TaskScheduledId: 0, Result: '"first"' },
  ]);
  expect(await history("one")).toBe("12 0 4#0 4#1 13");
  await hub.close();
});

it("a hub that begins no more calls no orchestrator, and takes events and starts for the next start", async () => {
  const store = createMemoryStore();
  const { hub, run } = await openHub({ store });
  await run({ name: "TakesOne", instanceId: "one" });
  called = [];
  hub.beginNoMore();
  expect(await hub.raiseEvent("one", "Go", '"late"')).toBe("accepted");
  expect(await hub.start({ name: "TakesOne", instanceId: "two", inputJson: null })).toMatchObject({ ok: true });
  await quiet();
  expect(called).toEqual([]);
  await hub.close();
  const next = await openHub({ store });
  await quiet();
  expect(await next.view("one")).toMatchObject({ runtimeStatus: "Completed", output: '"late"' });
  expect(await next.view("two")).toMatchObject({ runtimeStatus: "Running" });
  await next.hub.close();
});

it("a hub that begins no more takes no turn of an entity, and keeps what the one in flight has set", async () => {
  const store = createMemoryStore();
  const { hub, run } = await openHub({ store, entityConcurrency: 1 });
  await run({ name: "Signals", instanceId: "one" });
  hub.beginNoMore();
  await finishAll();
  expect(called).toEqual(["count first"]);
  expect(await hub.entity("GatedCount", "first")).toMatchObject({ stateJson: "1" });
  expect(store.entityMessages().map(({ entityId }) => entityId)).toEqual(["@gatedcount@second"]);
  await hub.close();
});

it("a hub that begins no more stays so when the disk takes writes again", async () => {
  let isFull = false;
  const store = faultyStore(createMemoryStore(), () => (isFull ? "before" : null));
  const { hub, run, environment } = await openHub({ store });
  await run({ name: "TakesOne", instanceId: "one" });
  isFull = true;
  await expect(hub.raiseEvent("one", "Go", "1")).rejects.toThrow("disk is full");
  hub.beginNoMore();
  called = [];
  isFull = false;
  await environment.advance(10_000);
  expect(await hub.raiseEvent("one", "Go", "2")).toBe("accepted");
  await environment.advance(10_000);
  expect(called).toEqual([]);
  await hub.close();
});

import type { OrchestrationContext, Task } from "durable-functions";
import { expect, it } from "vitest";
import { df } from "../../../test/support/capture-functions.ts";
import { faultyStore } from "../../../test/support/faulty-store.ts";
import { type HarnessOptions, openHub } from "../../../test/support/hub-harness.ts";
import { manualEnvironment, quiet } from "../../../test/support/manual-environment.ts";
import { createMemoryStore } from "../store/memory.ts";

type Flow = Generator<Task, unknown, unknown>;

const starts = new Map<string, number>();
const startsOf = (instanceId: string) => starts.get(instanceId) ?? 0;

/** Registers an orchestrator twice: as one that may be kept, and as any other. */
function define(name: string, run: (context: OrchestrationContext, start: number) => Flow): void {
  const counted = (context: OrchestrationContext): Flow => {
    const start = startsOf(context.df.instanceId) + 1;
    starts.set(context.df.instanceId, start);
    return run(context, start);
  };
  df.app.orchestration(name, counted);
  const mark = { [Symbol.for("durable-workflows.may-be-kept")]: true };
  df.app.orchestration(`${name}Kept`, (context) => Object.assign(counted(context), mark));
}

df.app.activity("Echo", { handler: (value: number) => value });

define("Count", function* ({ df: orchestration }) {
  let sum = 0;
  for (let step = 1; step <= 20; step++) sum += (yield orchestration.callActivity("Echo", step)) as number;
  return sum;
});

define("Race", function* ({ df: orchestration }) {
  const timer = orchestration.createTimer(new Date(orchestration.currentUtcDateTime.getTime() + 60_000));
  const event = orchestration.waitForExternalEvent("Go");
  yield orchestration.callActivity("Echo", 1);
  const winner = yield orchestration.Task.any([event, timer]);
  if (winner === event) timer.cancel();
  return yield orchestration.callActivity("Echo", 2);
});

define("Fickle", function* ({ df: orchestration }, start) {
  for (let step = 1; step <= 9; step++) yield orchestration.callActivity(start === 1 ? "Echo" : "Other", step);
});
df.app.activity("Other", { handler: () => 0 });

define("Loop", function* ({ df: orchestration }) {
  const round = (orchestration.getInput() as number | null) ?? 1;
  const sum = ((yield orchestration.callActivity("Echo", round)) as number) + 1;
  if (round < 5) orchestration.continueAsNew(sum);
  return sum;
});

define("Sum", function* ({ df: orchestration }) {
  for (let round = 0; round < 20; round++) yield orchestration.callActivity("Echo", round);
  let sum = 0;
  for (let count = 0; count < 3; count++) sum += (yield orchestration.waitForExternalEvent("Add")) as number;
  return sum;
});

define("Ask", function* ({ df: orchestration }) {
  const { rounds } = orchestration.getInput() as { rounds: number };
  for (let round = 0; round < rounds; round++) yield orchestration.callActivity("Echo", round);
  yield orchestration.waitForExternalEvent("Go");
});

const keptHub = (options: HarnessOptions = {}) => openHub({ ...options, watch: { keepsSessions: true } });

it("goes on with an orchestrator that may be kept, and replays it when its history has grown fourfold", async () => {
  const { run, view } = await keptHub();
  expect(await view(await run({ name: "CountKept", instanceId: "kept" }))).toMatchObject({ output: "210" });
  // After 0, 16 and 64 of the 4 events of each of its 21 episodes.
  expect(startsOf("kept")).toBe(3);
});

it("replays every other orchestrator in each of its episodes, as on Azure", async () => {
  const { run, view } = await keptHub();
  expect(await view(await run({ name: "Count", instanceId: "replayed" }))).toMatchObject({ output: "210" });
  expect(startsOf("replayed")).toBe(21);
});

it("keeps no more orchestrators than there is room for histories", async () => {
  const { run, view } = await keptHub({ historyCacheBytes: 0 });
  expect(await view(await run({ name: "CountKept", instanceId: "no-room" }))).toMatchObject({ output: "210" });
  expect(startsOf("no-room")).toBe(21);
});

it("writes the same history for one that is kept as for one that is replayed", async () => {
  const { run, history } = await keptHub();
  await run({ name: "CountKept", instanceId: "history-kept" });
  await run({ name: "Count", instanceId: "history-replayed" });
  expect(await history("history-kept")).toBe(await history("history-replayed"));
});

it("lets an instance end whose timer was cancelled in a later episode than it was made", async () => {
  const { hub, run, view } = await keptHub();
  await run({ name: "RaceKept", instanceId: "race" });
  await hub.raiseEvent("race", "Go", "1");
  await quiet();
  expect(await view("race")).toMatchObject({ runtimeStatus: "Completed", output: "2" });
  expect(startsOf("race")).toBe(1);
});

it("finds out that a kept orchestrator asks for something else when it is replayed", async () => {
  const { run, view } = await keptHub();
  const { runtimeStatus, output } = await view(await run({ name: "FickleKept", instanceId: "fickle" }));
  expect(runtimeStatus).toBe("Failed");
  expect(output).toContain("named 'Echo' with sequence number 0");
});

it("takes up with a replay what another process has kept", async () => {
  const store = createMemoryStore();
  const environment = manualEnvironment();
  const first = await keptHub({ store, environment });
  await first.run({ name: "RaceKept", instanceId: "moved" });
  await first.hub.close();
  const second = await keptHub({ store, environment });
  await second.hub.raiseEvent("moved", "Go", "1");
  await quiet();
  expect(await second.view("moved")).toMatchObject({ runtimeStatus: "Completed", output: "2" });
  expect(startsOf("moved")).toBe(2);
});

it("begins a new generation with a new orchestrator", async () => {
  const { run, view } = await keptHub();
  expect(await view(await run({ name: "LoopKept", instanceId: "loop" }))).toMatchObject({ output: "6" });
  expect(startsOf("loop")).toBe(5);
});

it("gives a kept orchestrator what came while its instance was suspended, once it goes on", async () => {
  const histories: string[] = [];
  for (const name of ["Sum", "SumKept"]) {
    const { hub, run, view, history } = await keptHub();
    await run({ name, instanceId: `${name}-held` });
    await hub.raiseEvent(`${name}-held`, "Add", "1");
    await quiet();
    await hub.suspend(`${name}-held`, "");
    await hub.raiseEvent(`${name}-held`, "Add", "20");
    await hub.raiseEvent(`${name}-held`, "Add", "300");
    await quiet();
    expect((await view(`${name}-held`)).runtimeStatus).toBe("Suspended");
    await hub.resume(`${name}-held`, "");
    await quiet();
    expect(await view(`${name}-held`)).toMatchObject({ runtimeStatus: "Completed", output: "321" });
    histories.push(await history(`${name}-held`));
  }
  expect(histories[1]).toBe(histories[0]);
  // Three for its growth; and one for the resumption, when it has returned already and cannot be kept.
  expect([startsOf("Sum-held"), startsOf("SumKept-held")]).toEqual([26, 4]);
});

it("forgets a kept orchestrator that is ahead of what the disk has taken", async () => {
  let beginnings = 0;
  for (let refused = 2; refused <= 21; refused++) {
    const environment = manualEnvironment();
    const store = faultyStore(createMemoryStore(), (commit) => (commit === refused ? "before" : null));
    const { run, view } = await keptHub({ store, environment });
    const instanceId = await run({ name: "CountKept", instanceId: `refused-${refused}` });
    await environment.advance(60_000);
    expect(await view(instanceId)).toMatchObject({ runtimeStatus: "Completed", output: "210" });
    beginnings += startsOf(instanceId);
  }
  // Without a refusal, 20 runs would have 60.
  expect(beginnings).toBeGreaterThan(60);
});

it("keeps no orchestrator that waits for people alone while its history is short", async () => {
  const { hub, run, view } = await keptHub();
  for (const [rounds, beginnings] of [
    [2, 2],
    // After 0, 16 and 64 events; not once more.
    [20, 3],
  ] as const) {
    const instanceId = await run({ name: "AskKept", instanceId: `ask-${rounds}`, inputJson: `{"rounds":${rounds}}` });
    await hub.raiseEvent(instanceId, "Go", null);
    await quiet();
    expect((await view(instanceId)).runtimeStatus).toBe("Completed");
    expect(startsOf(instanceId)).toBe(beginnings);
  }
});

import { afterEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { agentAsTool, createScriptedClient, defineAgent } from "../../src/agents/index.ts";
import { missingParts } from "../../src/deployment/missing.ts";
import { registerDurableFunctions } from "../../src/durable/register.ts";
import { defineCatalog, defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import { runStart } from "../../src/wire/run-start.ts";
import { serveDurably, until } from "./support/durable-runs.ts";
import { createSteeredEnvironment } from "./support/steered-environment.ts";

afterEach(() => {
  vi.useRealTimers();
});

const START_MS = Date.parse("2026-11-23T08:00:00.000Z");
const MINUTE_MS = 60_000;

const number = z.number();
const step = <Id extends string>(id: Id, add: number) =>
  defineExecutor({ id, input: number, output: number, handle: (value) => value + add });

it("puts a call off whose executor is not deployed, and goes on once it is", async () => {
  const [first, gone] = [step("First", 1), step("Gone", 10)];
  const before = new WorkflowBuilder("Redeployed", first).addEdge(first, gone).withOutputFrom(gone).build();
  const after = new WorkflowBuilder("Redeployed", first).build();

  // Activities read the clock of their process: it has to stand where the hub's does.
  vi.useFakeTimers({ toFake: ["Date"], now: START_MS });
  const environment = createSteeredEnvironment(START_MS);
  const runs = await serveDurably(after, { recordedPlans: [before.plan], environment });
  // Started by the version before, and taken up by the one after.
  const run = await runs.runner.start(before, 1, { runId: "r" });
  const eventsOf = (type: string) =>
    runs.events(after, "r").then((events) => events.filter((event) => event.type === type));

  await until(async () => (await eventsOf("executorDelayed")).length === 1);
  expect(await eventsOf("executorDelayed")).toMatchObject([
    {
      executorId: "Gone",
      attempt: 1,
      nextAttemptAt: "2026-11-23T08:01:00.000Z",
      error: { code: "EXECUTOR_NOT_DEPLOYED" },
    },
  ]);
  environment.advance(MINUTE_MS - 1);
  environment.advance(1);
  await until(async () => (await eventsOf("executorDelayed")).length === 2);
  expect((await eventsOf("executorDelayed"))[1]).toMatchObject({ nextAttemptAt: "2026-11-23T08:03:00.000Z" });
  expect((await run.status()).status).toBe("Running");

  registerDurableFunctions(defineCatalog([before]), []);
  environment.advance(2 * MINUTE_MS);
  await until(async () => (await run.status()).status === "Completed");
  expect((await run.status()).outputs).toEqual([12]);
  expect((await eventsOf("executorStarted")).map((event) => "callKey" in event && event.callKey)).toEqual([
    "First-1-1",
    "Gone-2-1",
    "Gone-2-1",
    "Gone-2-1",
  ]);
});

it("puts a call in a sub-workflow off whose executor is not deployed, and goes on once it is", async () => {
  const [first, gone] = [step("First", 1), step("Gone", 10)];
  const inner = new WorkflowBuilder("InnerRedeployed", first).addEdge(first, gone).withOutputFrom(gone).build();
  const before = new WorkflowBuilder("OuterRedeployed", inner).withOutputFrom(inner).build();
  const without = new WorkflowBuilder("InnerRedeployed", first).withOutputFrom(first).build();
  const after = new WorkflowBuilder("OuterRedeployed", without).withOutputFrom(without).build();

  vi.useFakeTimers({ toFake: ["Date"], now: START_MS });
  const environment = createSteeredEnvironment(START_MS);
  // The activity of the missing executor is known from the recorded plan alone.
  const runs = await serveDurably(after, { recordedPlans: [before.plan], environment });
  const run = await runs.runner.start(before, 1, { runId: "nested" });
  const eventsOf = (type: string) =>
    runs.events(after, "nested").then((events) => events.filter((event) => event.type === type));

  await until(async () => (await eventsOf("executorDelayed")).length === 1);
  expect(await eventsOf("executorDelayed")).toMatchObject([
    { executorId: "Gone", frame: "InnerRedeployed~1", error: { code: "EXECUTOR_NOT_DEPLOYED" } },
  ]);
  expect((await run.status()).executors).toMatchObject([
    { id: "InnerRedeployed", status: "running" },
    { id: "InnerRedeployed~First", status: "completed" },
    { id: "InnerRedeployed~Gone", status: "running", nextAttemptAt: "2026-11-23T08:01:00.000Z" },
  ]);

  registerDurableFunctions(defineCatalog([before]), []);
  environment.advance(MINUTE_MS);
  await until(async () => (await run.status()).status === "Completed");
  expect((await run.status()).outputs).toEqual([12]);
});

it("keeps an open run on the graph it was started with", async () => {
  const [first, second, third] = [step("First", 1), step("Second", 10), step("Third", 100)];
  const ask = defineRequestPort({ id: "Ask", request: number, response: number });
  const before = new WorkflowBuilder("Rewired", ask).addEdge(ask, first).addEdge(first, second).build();
  const after = new WorkflowBuilder("Rewired", ask)
    .addEdge(ask, second)
    .addEdge(second, first)
    .addEdge(first, third)
    .build();
  const runs = await serveDurably(before);
  const old = await runs.runner.start(before, 0, { runId: "old" });
  await old.nextRequest(ask);

  registerDurableFunctions(defineCatalog([after]), [before.plan]);
  const seenAfter = runs.runner.open(after, "old");
  expect((await seenAfter.status()).version).toBe(before.plan.fingerprint);
  expect((await seenAfter.status()).waitingForInput).toMatchObject([{ eventName: "Ask" }]);
  await seenAfter.respond(ask, 1_000);
  expect(await seenAfter.output()).toBe(1_011);
  expect((await seenAfter.status()).executors.map(({ id }) => id)).toEqual(["Ask", "First", "Second"]);

  const fresh = await runs.runner.start(after, 0, { runId: "new" });
  await (await fresh.nextRequest(ask)).respond(1_000);
  expect(await fresh.output()).toBe(1_111);
});

it("keeps a run and its sub-workflow on their graphs when it goes on in a new generation", async () => {
  const [small, large] = [step("Small", 1), step("Large", 1_000)];
  const ask = defineRequestPort({ id: "Ask", request: number, response: number });
  const innerBefore = new WorkflowBuilder("InnerRewired", ask).addEdge(ask, small).withOutputFrom(small).build();
  const innerAfter = new WorkflowBuilder("InnerRewired", ask)
    .addEdge(ask, small)
    .addEdge(small, large)
    .withOutputFrom(large)
    .build();
  const last = step("Last", 0);
  const before = new WorkflowBuilder("OuterRewired", innerBefore)
    .addEdge(innerBefore, innerBefore, { when: (value) => value < 8 })
    .addEdge(innerBefore, last, { when: (value) => value >= 8 })
    .withOutputFrom(last)
    .build();
  const after = new WorkflowBuilder("OuterRewired", innerAfter)
    .addEdge(innerAfter, innerAfter, { when: (value) => value < 8 })
    .addEdge(innerAfter, last, { when: (value) => value >= 8 })
    .withOutputFrom(last)
    .build();
  const runs = await serveDurably(before, { generationLimits: { maxSupersteps: 2, maxChars: 1_000_000 } });
  const old = await runs.runner.start(before, 0, { runId: "old" });
  const generation = async () =>
    runStart.parse((await runs.instances.read("old", { withInput: true }))?.input).continued?.generation ?? 1;
  await (await old.nextRequest(ask)).respond(1);
  await until(async () => (await old.status()).waitingForInput.length === 1);
  const generationBefore = await generation();

  registerDurableFunctions(defineCatalog([after]), [before.plan], { instances: () => runs.instances });
  const seenAfter = runs.runner.open(after, "old");
  for (const answer of [2, 3, 4, 5, 6, 7]) await (await seenAfter.nextRequest(ask)).respond(answer);
  expect(await seenAfter.output()).toBe(8);
  expect(await generation()).toBeGreaterThan(generationBefore);
  const { version, executors } = await seenAfter.status();
  expect(version).toBe(before.plan.fingerprint);
  expect(executors.map(({ id }) => id)).toEqual(["InnerRewired", "InnerRewired~Ask", "InnerRewired~Small", "Last"]);

  const fresh = await runs.runner.start(after, 0, { runId: "new" });
  await (await fresh.nextRequest(ask)).respond(1_500);
  expect(await fresh.output()).toBe(2_501);
});

it("answers for a workflow that is not deployed any more", async () => {
  const only = step("Only", 1);
  const removed = new WorkflowBuilder("Removed", only).build();
  const other = new WorkflowBuilder("Remaining", step("Other", 1)).build();
  const runs = await serveDurably(other, { recordedPlans: [removed.plan] });
  await runs.runner.start(removed, 1, { runId: "r" });
  await until(async () => (await runs.events(removed, "r")).some(({ type }) => type === "executorDelayed"));
  expect((await runs.hub.get("r"))?.runtimeStatus).toBe("Running");
});

it.each([
  [
    "brings the reference of its question back",
    (reference: unknown) => ({ reference, agent: "Hotline", text: "hello", messages: [], output: "hello" }),
    { outputs: [{ text: "The model heard: hello" }], error: null },
  ],
  [
    "answers in another shape",
    (reference: unknown) => ({ reference, say: "hello" }),
    { outputs: [{ text: expect.stringMatching(/^The model heard: The tool failed: The message to executor "ask_H/) }] },
  ],
  [
    "does not bring the reference back",
    () => ({ agent: "Hotline", text: "hello", messages: [], output: "hello" }),
    {
      outputs: [],
      error: {
        code: "TOOL_ANSWER_INVALID",
        causes: [{ message: expect.stringMatching(/^The message to executor "ask_Hotline_answer" does not fit/) }],
      },
    },
  ],
])(
  "goes on with a run whose plan asks the workflow of a tool in no frame of its own: it %s",
  async (what, say, end) => {
    const usage = { modelCalls: 0, inputTokens: 0, outputTokens: 0 };
    const reply = defineExecutor({
      id: "Reply",
      input: z.looseObject({ reference: z.string() }),
      output: z.any(),
      handle: ({ reference }) => ({ ...say(reference), usage, turns: 0 }),
    });
    const hotline = new WorkflowBuilder("Hotline", reply).build();
    const model = createScriptedClient(({ messages }) => {
      const last = messages.at(-1);
      if (last?.role === "tool") return `The model heard: ${String(last.result)}`;
      return { toolCalls: [{ tool: "ask_Hotline", arguments: { task: "Anything" } }] };
    });
    const tool = agentAsTool(hotline as never);
    const { asked: _asked, ...direct } = tool as typeof tool & { asked?: unknown };
    const callerWith = (tools: readonly unknown[]) =>
      defineAgent({ id: "Caller", instructions: "", model, tools: tools as never });
    const before = callerWith([{ ...direct, agent: hotline }]);
    const after = callerWith([tool]);
    expect(after.plan.fingerprint).not.toBe(before.plan.fingerprint);
    expect(missingParts(before.plan, after)).toEqual([]);

    const runs = await serveDurably(after, { recordedPlans: [before.plan] });
    const run = await runs.runner.start(before, "Go", { runId: `older-${what.length}` });
    await until(async () => (await run.status()).status !== "Running" && (await run.status()).status !== "Pending");
    expect(await run.status()).toMatchObject(end);
  },
);

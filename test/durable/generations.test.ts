import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readEvents } from "../../src/durable/events.ts";
import { answerData, answerEvent } from "../../src/durable/mail.ts";
import { rerunRun } from "../../src/durable/manage.ts";
import { respondToRun } from "../../src/durable/respond.ts";
import { defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import { ARCHIVE_ACTIVITY } from "../../src/wire/durable-names.ts";
import { runStart } from "../../src/wire/run-start.ts";
import { createGate, type DurableRuns, serveDurably, until } from "./support/durable-runs.ts";

const count = defineExecutor({
  id: "Count",
  input: z.number(),
  output: z.number(),
  handle: (value) => value + 1,
});

/** Counts up to a number, one superstep each. */
const countTo = (name: string, end: number) =>
  new WorkflowBuilder(name, count)
    .addEdge(count, count, { when: (value) => value < end })
    .withLimits({ maxSupersteps: 1_000 })
    .withOutputFrom(count)
    .build();

const generationLimits = { maxSupersteps: 5, maxChars: 1_000_000 };

describe.each([2, 3] as const)("a long run, with replay schema %d", (schema) => {
  it("goes on in generations, each with a short history, and keeps all its events", async () => {
    const workflow = countTo(`Generations${schema}`, 23);
    let longest = 0;
    const runs = await serveDurably(workflow, {
      schema,
      generationLimits,
      around: (functions) => ({
        ...functions,
        invokeOrchestrator(name, trigger, instanceId) {
          longest = Math.max(longest, JSON.parse(trigger.json).history.length);
          return functions.invokeOrchestrator(name, trigger, instanceId);
        },
      }),
    });
    const run = await runs.runner.start(workflow, 0, { runId: "r" });
    const status = await run.wait();
    expect(status).toMatchObject({ status: "Completed", superstep: 23 });
    expect(status.outputs).toHaveLength(23);
    const events = await runs.events(workflow, "r");
    expect(events.map(({ number }) => number)).toEqual(events.map((_event, place) => place + 1));
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === "executorStarted")).toHaveLength(23);
    expect([types[0], types.at(-1)]).toEqual(["runStarted", "runCompleted"]);
    const input = runStart.parse((await runs.instances.read("r", { withInput: true }))?.input);
    expect(input.continued).toMatchObject({ generation: 5, archiveParts: 4 });
    // 4 events of a call, with those of its episode, for 5 supersteps; then the archive and the last wait.
    expect(longest).toBeLessThan(50);
  });
});

const ask = defineRequestPort({ id: "Ask", request: z.number(), response: z.number() });
const go = defineExecutor({ id: "Go", input: z.number(), output: z.number(), handle: (value) => value });

/** Each answer counts up once, then it asks again; up to 100. */
const asking = (name: string) =>
  new WorkflowBuilder(name, ask)
    .addEdge(ask, go)
    .addEdge(go, ask, { when: (value) => value < 100 })
    .withOutputFrom(go)
    .build();

/** Two supersteps to an answer: the port looks at it, and the next executor. */
const shortGenerations = { maxSupersteps: 4, maxChars: 1_000_000 };

async function answered(runs: DurableRuns, workflow: ReturnType<typeof asking>, values: readonly number[]) {
  const run = await runs.runner.start(workflow, 0, { runId: "r" });
  const ids: string[] = [];
  for (const value of values) {
    const request = await run.nextRequest("Ask");
    ids.push(request.requestId);
    await request.respond(value);
  }
  ids.push((await run.nextRequest("Ask")).requestId);
  return { run, ids };
}

const generationOf = async ({ instances }: DurableRuns, runId = "r") =>
  runStart.parse((await instances.read(runId, { withInput: true }))?.input).continued?.generation ?? 1;

describe("a run in a later generation", () => {
  it("keeps its start: the same id with the same input is the same run, and a rerun begins with it", async () => {
    const workflow = asking("KeepsItsStart");
    const runs = await serveDurably(workflow, { generationLimits: shortGenerations });
    const { run } = await answered(runs, workflow, [1, 2, 3]);
    await until(async () => (await generationOf(runs)) > 1);
    await expect(runs.runner.start(workflow, 0, { runId: "r" })).resolves.toMatchObject({ runId: "r" });
    await expect(runs.runner.start(workflow, 1, { runId: "r" })).rejects.toMatchObject({ code: "RUN_EXISTS" });
    const { runId } = await rerunRun(runs.instances, workflow, "r");
    const again = runs.runner.open(workflow, runId);
    expect((await again.nextRequest("Ask")).request).toBe(0);
    expect((await again.status()).superstep).toBe(1);
    await run.cancel();
  });

  it("knows its outputs, counts, open requests and the time of its creation", async () => {
    const workflow = asking("KnowsItsPast");
    const runs = await serveDurably(workflow, { generationLimits: shortGenerations });
    const before = await (await runs.runner.start(workflow, 0, { runId: "r" })).status();
    const { run, ids } = await answered(runs, workflow, [5, 6, 7]);
    await until(async () => (await generationOf(runs)) > 1);
    const status = await run.status();
    expect(status).toMatchObject({
      status: "Running",
      createdAt: before.createdAt,
      superstep: 10,
      outputs: [5, 6, 7],
      waitingForInput: [{ requestId: ids[3], eventName: "Ask", input: 7 }],
    });
    expect(status.executors).toMatchObject([
      { id: "Ask", status: "waiting", calls: 4 },
      { id: "Go", status: "completed", calls: 3 },
    ]);
  });

  it("refuses an answer to a request that was closed generations ago as closed, and to one that never was as unknown", async () => {
    const workflow = asking("KnowsWhatItAsked");
    const runs = await serveDurably(workflow, { generationLimits: shortGenerations });
    const { run, ids } = await answered(runs, workflow, [1, 2, 3, 4, 5]);
    await until(async () => (await generationOf(runs)) > 2);
    const respond = (requestId: string) => respondToRun(runs.instances, workflow, "r", { requestId }, 1);
    await expect(respond(ids[0] ?? "")).rejects.toMatchObject({ code: "REQUEST_CLOSED" });
    await expect(respond("ask-1-00000000")).rejects.toMatchObject({ code: "REQUEST_NOT_FOUND" });
    await expect(respond("ask-99-00000000")).rejects.toMatchObject({ code: "REQUEST_NOT_FOUND" });
    // Past the door: by whoever holds the key of the host.
    await runs.instances.raiseEvent("r", answerEvent(ids[0] ?? ""), answerData("9"));
    await until(async () => (await runs.events(workflow, "r")).at(-1)?.type === "responseIgnored");
    expect((await runs.events(workflow, "r")).at(-1)).toMatchObject({ type: "responseIgnored", requestId: ids[0] });
    await run.cancel();
  });

  it("tells nothing of what comes too late while it leaves a generation, unless it stays", async () => {
    const gate = createGate();
    let [isToBeHeld, isHeld] = [false, false];
    const workflow = asking("TellsNothing");
    const runs = await serveDurably(workflow, {
      generationLimits: shortGenerations,
      around: (functions) => ({
        ...functions,
        async invokeActivity(name, ...call) {
          isHeld = isToBeHeld && name === ARCHIVE_ACTIVITY;
          if (isHeld) await gate.passed;
          return functions.invokeActivity(name, ...call);
        },
      }),
    });
    const { run, ids } = await answered(runs, workflow, [1]);
    await until(async () => (await generationOf(runs)) === 2);
    isToBeHeld = true;
    await run.respond("Ask", 2);
    await (await run.nextRequest("Ask")).respond(3);
    await until(() => isHeld);
    const told = await runs.events(workflow, "r");
    // Closed in the generation before, so no waiter of this one would ever see it.
    await runs.instances.raiseEvent("r", answerEvent(ids[0] ?? ""), answerData("9"));
    await until(async () => JSON.stringify(await runs.hub.history("r")).includes(ids[0] ?? ""));
    expect(await runs.events(workflow, "r")).toEqual(told);
    gate.open();
    await until(async () => (await generationOf(runs)) === 3);
    await (await run.nextRequest("Ask")).respond(100);
    await run.wait();
    expect((await runs.events(workflow, "r")).slice(0, told.length)).toEqual(told);
  });

  it("goes on without a new generation when the archive cannot be written, and tries again later", async () => {
    const workflow = countTo("WithoutArchive", 30);
    let failures = 0;
    const runs = await serveDurably(workflow, {
      generationLimits,
      around: (functions) => ({
        ...functions,
        async invokeActivity(name, ...call) {
          if (name !== ARCHIVE_ACTIVITY || ++failures > 3) return functions.invokeActivity(name, ...call);
          return { ok: false, message: "the store is away", stack: "" };
        },
      }),
    });
    const run = await runs.runner.start(workflow, 0, { runId: "r" });
    expect(await run.wait()).toMatchObject({ status: "Completed", superstep: 30 });
    expect(failures).toBe(3 + 5);
    const events = await runs.events(workflow, "r");
    expect(events.map(({ number }) => number)).toEqual(events.map((_event, place) => place + 1));
  });

  it("holds its limits: supersteps are counted over all generations", async () => {
    const workflow = new WorkflowBuilder("LimitsHold", count)
      .addEdge(count, count, { when: () => true })
      .withLimits({ maxSupersteps: 17 })
      .withOutputFrom(count)
      .build();
    const runs = await serveDurably(workflow, { generationLimits });
    const run = await runs.runner.start(workflow, 0, { runId: "r" });
    expect(await run.wait()).toMatchObject({ status: "Failed", superstep: 17, error: { code: "MAX_SUPERSTEPS" } });
  });

  it("holds its limits: what it keeps is counted over all generations", async () => {
    const talk = defineExecutor({
      id: "Talk",
      input: z.number(),
      output: z.number(),
      handle: (value, context) => {
        context.yieldOutput("x".repeat(1_000));
        return value + 1;
      },
      yields: z.string(),
    });
    const workflow = new WorkflowBuilder("SizeHolds", talk)
      .addEdge(talk, talk, { when: () => true })
      .withLimits({ maxStateChars: 12_500 })
      .build();
    const runs = await serveDurably(workflow, { generationLimits });
    const run = await runs.runner.start(workflow, 0, { runId: "r" });
    expect(await run.wait()).toMatchObject({ status: "Failed", superstep: 13, error: { code: "STATE_TOO_LARGE" } });
  });

  it("begins with the next superstep where its characters are too many, and not only its supersteps", async () => {
    const workflow = countTo("ManyChars", 12);
    const runs = await serveDurably(workflow, { generationLimits: { maxSupersteps: 1_000, maxChars: 4_000 } });
    const run = await runs.runner.start(workflow, 0, { runId: "r" });
    await run.wait();
    // A call counts with 1,000 characters and what it was given and gave back.
    expect(await generationOf(runs)).toBe(3);
  });

  it("that is restarted under another id begins at the beginning", async () => {
    const workflow = countTo("RestartedElsewhere", 12);
    const runs = await serveDurably(workflow, { generationLimits });
    await (await runs.runner.start(workflow, 3, { runId: "r" })).wait();
    expect(await generationOf(runs)).toBe(2);
    const restarted = await runs.hub.restart("r", true);
    const runId = restarted?.ok ? restarted.instanceId : "";
    const status = await runs.runner.open(workflow, runId).wait();
    expect(status.outputs).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const events = await runs.events(workflow, runId);
    expect(events.map(({ number }) => number)).toEqual(events.map((_event, place) => place + 1));
    expect(events[0]).toMatchObject({ type: "runStarted" });
  });

  it("tells its events page by page while it has more, and ends with the last one", async () => {
    const workflow = countTo("PageByPage", 23);
    const runs = await serveDurably(workflow, { generationLimits });
    await (await runs.runner.start(workflow, 0, { runId: "r" })).wait();
    const first = await readEvents(runs.instances, workflow, "r", 0);
    expect(first.hasEnded).toBe(false);
    const rest = await readEvents(runs.instances, workflow, "r", first.nextAfter);
    expect([rest.events[0]?.number, rest.hasEnded]).toEqual([first.nextAfter + 1, true]);
    expect(await readEvents(runs.instances, workflow, "r", rest.nextAfter)).toEqual({
      events: [],
      nextAfter: rest.nextAfter,
      hasEnded: true,
    });
  });
});

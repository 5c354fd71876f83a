import { describe, expect, it } from "vitest";
import { z } from "zod";
import { answerData, answerEvent } from "../../src/durable/mail.ts";
import { parseFailureText } from "../../src/durable/run-result.ts";
import { defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import type { RunEvent } from "../../src/wire/run-event.ts";
import { createGate, type DurableRuns, type Gate, serveDurably, until } from "./support/durable-runs.ts";

/** An executor that waits for its gate, so that a test says when its superstep ends. */
function slow<Id extends string>(id: Id, gate: () => Gate) {
  return defineExecutor({
    id,
    input: z.number(),
    output: z.number(),
    async handle(value) {
      await gate().passed;
      return value + 1;
    },
  });
}

const fast = <Id extends string>(id: Id) =>
  defineExecutor({ id, input: z.number(), output: z.number(), handle: (value) => value + 1 });
const port = <Id extends string>(id: Id) =>
  defineRequestPort({ id, request: z.number(), response: z.number().max(100) });

const shortOf = (event: RunEvent) =>
  [event.superstep, event.type, "executorId" in event ? event.executorId : "requestId" in event ? event.requestId : ""]
    .join(" ")
    .trim();

async function requestIdAt(
  runs: DurableRuns,
  workflow: Parameters<DurableRuns["events"]>[0],
  runId: string,
  id: string,
) {
  let requestId = "";
  await until(async () => {
    const events = await runs.events(workflow, runId);
    const opened = events.find((event) => event.type === "requestOpened" && event.executorId === id);
    if (opened?.type === "requestOpened") requestId = opened.requestId;
    return requestId !== "";
  });
  return requestId;
}

const raised = async ({ hub }: DurableRuns, runId: string, count: number) =>
  until(async () => ((await hub.history(runId)) ?? []).filter(({ EventType }) => EventType === 15).length >= count);

describe.each([
  ["V3", 2],
  ["V4", 3],
] as const)("an orchestration under replay schema %s", (version, schema) => {
  const name = (text: string) => `${text}${version}`;

  it("takes in an answer that came while a slow call held up its superstep", async () => {
    const gate = createGate();
    const start = fast("Start");
    const ask = port("Ask");
    const approved = fast("Approved");
    const before = fast("Before");
    const work = slow("Work", () => gate);
    const workflow = new WorkflowBuilder(name("AnswerBesideWork"), start)
      .addFanOut(start, [ask, before])
      .addEdge(before, work)
      .addEdge(ask, approved)
      .withOutputFrom(approved, work)
      .build();
    const runs = await serveDurably(workflow, { schema });
    const run = await runs.runner.start(workflow, 1, { runId: "r" });
    const { respond } = await run.nextRequest(ask);
    await until(async () => (await run.status()).executors.find(({ id }) => id === "Work")?.status === "running");
    await respond(10);
    await raised(runs, "r", 1);
    expect((await run.status()).status).toBe("Running");
    gate.open();
    expect(await run.outputs()).toEqual([4, 11]);
    const events = (await runs.events(workflow, "r")).map(shortOf);
    expect(events.slice(events.indexOf("3 executorStarted Work"))).toEqual([
      "3 executorStarted Work",
      "3 executorCompleted Work",
      "3 runOutput Work",
      "4 executorStarted Ask",
      "4 requestAnswered Ask",
      "4 executorCompleted Ask",
      "5 executorStarted Approved",
      "5 executorCompleted Approved",
      "5 runOutput Approved",
      "5 runCompleted",
    ]);
  });

  it("applies two answers that came in one superstep in the order of the requests, not of the answers", async () => {
    const gate = createGate();
    const start = fast("Start");
    const [left, right, before, work] = [port("Left"), port("Right"), fast("Before"), slow("Work", () => gate)];
    const join = defineExecutor({
      id: "Join",
      input: z.tuple([z.number(), z.number()]),
      output: z.string(),
      handle: ([one, other]) => `${one} and ${other}`,
    });
    const workflow = new WorkflowBuilder(name("TwoAnswers"), start)
      .addFanOut(start, [left, right, before])
      .addEdge(before, work)
      .addFanIn([left, right], join)
      .withOutputFrom(join)
      .build();
    const runs = await serveDurably(workflow, { schema });
    const run = await runs.runner.start(workflow, 1, { runId: "r" });
    const [atLeft, atRight] = [await run.nextRequest(left), await run.nextRequest(right)];
    await until(async () => (await run.status()).executors.find(({ id }) => id === "Work")?.status === "running");
    await atRight.respond(2);
    await atLeft.respond(1);
    await raised(runs, "r", 2);
    gate.open();
    expect(await run.output()).toBe("1 and 2");
    const calls = (await runs.events(workflow, "r")).filter(({ type }) => type === "executorStarted").map(shortOf);
    expect(calls.slice(-3)).toEqual(["4 executorStarted Left", "4 executorStarted Right", "5 executorStarted Join"]);
  });

  it("keeps what the siblings of a lost call produced, and names the call", async () => {
    const start = fast("Start");
    const [first, lost, last] = [fast("First"), fast("Lost"), fast("Last")];
    const workflow = new WorkflowBuilder(name("LostCall"), start).addFanOut(start, [first, lost, last]).build();
    const runs = await serveDurably(workflow, {
      schema,
      around: (functions) => ({
        ...functions,
        invokeActivity: (activity, ...call) =>
          activity.endsWith("-Lost")
            ? Promise.resolve({ ok: false, message: "The worker died\n   at frame", stack: "" })
            : functions.invokeActivity(activity, ...call),
      }),
    });
    const run = await runs.runner.start(workflow, 1, { runId: "r" });
    const status = await run.wait();
    expect(status).toMatchObject({
      status: "Failed",
      outputs: [3, 3],
      error: { code: "ACTIVITY_LOST", executorId: "Lost", retryable: true },
    });
    expect(status.error?.causes[0]?.message).toContain("The worker died");
    expect(status.error?.causes[0]?.message).not.toContain("at frame");
    const ends = (await runs.events(workflow, "r")).filter(({ superstep }) => superstep === 2).map(shortOf);
    expect(ends).toEqual([
      "2 executorStarted First",
      "2 executorStarted Lost",
      "2 executorStarted Last",
      "2 executorCompleted First",
      "2 runOutput First",
      "2 executorFailed Lost",
      "2 executorCompleted Last",
      "2 runOutput Last",
      "2 runFailed",
    ]);
  });

  it("is cancelled beside a call: its outcome is recorded, and nothing more is delivered", async () => {
    const gate = createGate();
    const work = slow("Work", () => gate);
    const after = fast("After");
    const workflow = new WorkflowBuilder(name("CancelBesideWork"), work).addEdge(work, after).build();
    const runs = await serveDurably(workflow, { schema });
    const run = await runs.runner.start(workflow, 1, { runId: "r" });
    await until(async () => (await run.status()).executors[0]?.status === "running");
    await run.cancel("not needed any more");
    await raised(runs, "r", 1);
    gate.open();
    expect(await run.wait()).toMatchObject({ status: "Cancelled", outputs: [], error: null });
    expect((await runs.hub.get("r"))?.runtimeStatus).toBe("Completed");
    expect((await runs.events(workflow, "r")).map(shortOf).slice(-3)).toEqual([
      "1 executorStarted Work",
      "1 executorCompleted Work",
      "1 runCancelled",
    ]);
    await run.cancel();
  });

  it("is cancelled while it waits for a person", async () => {
    const ask = port("Ask");
    const workflow = new WorkflowBuilder(name("CancelWaiting"), ask).build();
    const runs = await serveDurably(workflow, { schema });
    const run = await runs.runner.start(workflow, 1, { runId: "r" });
    await run.nextRequest(ask);
    await run.cancel();
    expect((await run.wait()).status).toBe("Cancelled");
    await expect(run.respond(ask, 1)).rejects.toMatchObject({ code: "RUN_ENDED" });
    await expect(run.output()).rejects.toMatchObject({ code: "RUN_CANCELLED" });
  });

  it("goes on waiting after a response that does not fit, and takes the next one", async () => {
    const ask = port("Ask");
    const workflow = new WorkflowBuilder(name("InvalidThenValid"), ask).build();
    const runs = await serveDurably(workflow, { schema });
    const run = await runs.runner.start(workflow, 1, { runId: "r" });
    const { requestId } = await run.nextRequest(ask);
    await expect(run.respond(ask, 101)).rejects.toMatchObject({ code: "PORT_RESPONSE_INVALID" });
    // Past the door: by whoever holds the key of the host.
    await runs.instances.raiseEvent("r", answerEvent(requestId), answerData("101"));
    await runs.instances.raiseEvent("r", answerEvent(requestId), answerData("7"));
    expect(await run.output()).toBe(7);
    const events = (await runs.events(workflow, "r")).map(shortOf);
    expect(events).toContain("2 responseRejected Ask");
    expect(events.at(-1)).toMatch(/runCompleted$/);
  });

  it("takes the first of several answers, and ignores the others and what is no answer at all", async () => {
    const gate = createGate();
    const start = fast("Start");
    const [ask, before, work, last] = [port("Ask"), fast("Before"), slow("Work", () => gate), fast("Last")];
    const workflow = new WorkflowBuilder(name("SeveralAnswers"), start)
      .addFanOut(start, [ask, before])
      .addEdge(before, work)
      .addEdge(work, last)
      .withOutputFrom(ask, last)
      .build();
    const runs = await serveDurably(workflow, { schema });
    const run = await runs.runner.start(workflow, 1, { runId: "r" });
    const requestId = await requestIdAt(runs, workflow, "r", "Ask");
    await until(async () => (await run.status()).executors.find(({ id }) => id === "Work")?.status === "running");
    const event = answerEvent(requestId);
    await runs.instances.raiseEvent("r", "something-else", { responseJson: "1" });
    await runs.instances.raiseEvent("r", event, { answer: 1 });
    await runs.instances.raiseEvent("r", event, { responseJson: "{" });
    for (const answer of ["50", "60", "70"]) await runs.instances.raiseEvent("r", event, answerData(answer));
    await raised(runs, "r", 6);
    gate.open();
    const status = await run.wait();
    expect(status).toMatchObject({ status: "Completed", error: null });
    expect(status.outputs).toEqual([5, 50]);
    const answered = (await runs.events(workflow, "r")).filter(({ type }) => type === "requestAnswered");
    expect(answered).toMatchObject([{ executorId: "Ask", response: 50 }]);
  });

  it("fails as an orchestration when the run fails, with the reason for machines behind the one for people", async () => {
    const start = defineExecutor({
      id: "Start",
      input: z.number(),
      output: z.number(),
      handle() {
        throw Object.assign(new Error("There is no such order."), { code: "ORDER_NOT_FOUND" });
      },
    });
    const workflow = new WorkflowBuilder(name("Fails"), start).build();
    const runs = await serveDurably(workflow, { schema });
    const run = await runs.runner.start(workflow, 1, { runId: "r" });
    expect(await run.wait()).toMatchObject({
      status: "Failed",
      error: { code: "ORDER_NOT_FOUND", executorId: "Start" },
    });
    const instance = await runs.hub.get("r");
    expect(instance?.runtimeStatus).toBe("Failed");
    expect(instance?.output).toMatch(
      /^Orchestrator function 'dafx-Fails\w+' failed: Executor "Start" failed: There is no such order. \(ORDER_NOT_FOUND\)/,
    );
    expect(parseFailureText(instance?.output ?? "")?.error?.executorId).toBe("Start");
    await expect(run.output()).rejects.toMatchObject({ code: "RUN_FAILED" });
  });
});

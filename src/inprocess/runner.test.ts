import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { defineRequestPort } from "../graph/request-port.ts";
import type { RunEvent } from "../wire/run-event.ts";
import { createInProcessRunner, runInProcess } from "./runner.ts";

const unhandled: unknown[] = [];
const note = (error: unknown) => unhandled.push(error);
beforeAll(() => {
  process.on("unhandledRejection", note);
});
afterAll(() => {
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const withCode = (code: string) => expect.objectContaining({ code });

const addOne = defineExecutor({ id: "AddOne", input: z.number(), output: z.number(), handle: (value) => value + 1 });
const double = defineExecutor({ id: "Double", input: z.number(), output: z.number(), handle: (value) => value * 2 });
const chain = new WorkflowBuilder("Chain", addOne).addEdge(addOne, double).withOutputFrom(double).build();

const fails = defineExecutor({
  id: "Fails",
  input: z.number(),
  output: z.number(),
  handle: () => {
    throw Object.assign(new Error("No money", { cause: new Error("Account closed.") }), { code: "NO_MONEY" });
  },
});
const failing = new WorkflowBuilder("Failing", fails).withOutputFrom(fails).build();

const question = z.object({ subject: z.string() });
const decision = z.object({ approved: z.boolean() });
const ask = defineExecutor({ id: "Ask", input: z.string(), output: question, handle: (subject) => ({ subject }) });
const manager = defineRequestPort({ id: "Manager", request: question, response: decision });
const again = defineExecutor({
  id: "Again",
  input: decision,
  output: question,
  handle: ({ approved }) => ({ subject: `manager said ${approved}` }),
});
const finance = defineRequestPort({ id: "Finance", request: question, response: decision });
const end = defineExecutor({ id: "End", input: decision, output: z.string(), handle: ({ approved }) => `${approved}` });
const approvals = new WorkflowBuilder("Approvals", ask)
  .addEdge(ask, manager)
  .addEdge(manager, again)
  .addEdge(again, finance)
  .addEdge(finance, end)
  .withOutputFrom(end)
  .build();

const askAll = defineExecutor({
  id: "AskAll",
  input: z.array(z.string()),
  sends: question,
  handle(subjects, { sendMessage }) {
    for (const subject of subjects) sendMessage({ subject });
  },
});
const questions = new WorkflowBuilder("Questions", askAll)
  .addEdge(askAll, manager)
  .addEdge(manager, end)
  .withOutputFrom(end)
  .build();

/** A workflow whose handlers wait for the test. */
function gated(...ids: string[]) {
  const gates = new Map<string, { open: () => void; signal: AbortSignal }>();
  const gate = (id: string) =>
    defineExecutor({
      id,
      input: z.number(),
      output: z.string(),
      async handle(_value, { signal }) {
        await new Promise<void>((resolve) => gates.set(id, { open: resolve, signal }));
        signal.throwIfAborted();
        return id;
      },
    });
  const start = defineExecutor({ id: "Start", input: z.number(), output: z.number(), handle: (value) => value });
  const executors = ids.map(gate);
  const workflow = new WorkflowBuilder("Gated", start)
    .addFanOut(start, executors)
    .withOutputFrom(...(executors as [(typeof executors)[number]]))
    .build();
  const reached = async (id: string) => {
    for (;;) {
      const found = gates.get(id);
      if (found) return found;
      await turn();
    }
  };
  return { workflow, reached };
}

describe("a run in process", () => {
  it("gives its output", async () => {
    const run = runInProcess(chain, 1);
    const output: number = await run.output();
    expect(output).toBe(4);
    expect(await run.outputs()).toEqual([4]);
    expect(await run.status()).toMatchObject({ runId: run.runId, status: "Completed", output: 4 });
    expect(run.runId).toMatch(/^[0-9a-f]{32}$/);
  });

  it("refuses an input of the wrong shape, at every method", async () => {
    const run = runInProcess(chain, "one" as never);
    const invalid = expect.objectContaining({
      code: "RUN_INPUT_INVALID",
      issues: [expect.objectContaining({ pointer: "" })],
    });
    await expect(run.output()).rejects.toEqual(invalid);
    await expect(run.status()).rejects.toEqual(invalid);
    await expect(run.events()[Symbol.asyncIterator]().next()).rejects.toEqual(invalid);
    await expect(run.cancel()).rejects.toEqual(invalid);
  });

  it("refuses a bad run id", async () => {
    await expect(runInProcess(chain, 1, { runId: "a/b" }).output()).rejects.toEqual(withCode("RUN_ID_INVALID"));
  });

  it("tells a failure with executor, code and causes", async () => {
    const error = await runInProcess(failing, 1)
      .output()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "RUN_FAILED",
      message: expect.stringContaining('failed in executor "Fails": No money. The cause has the details.'),
      cause: { code: "NO_MONEY", message: "No money", executorId: "Fails", cause: { message: "Account closed." } },
    });
  });

  it("stops no process when it fails and nobody looks", async () => {
    runInProcess(failing, 1);
    runInProcess(chain, "one" as never);
    for (let turns = 0; turns < 5; turns++) await turn();
    expect(unhandled).toEqual([]);
  });

  it("says when it ended without an output", async () => {
    const silent = defineExecutor({ id: "Silent", input: z.number(), handle: () => undefined });
    const run = runInProcess(new WorkflowBuilder("Silence", silent).build(), 1);
    await expect(run.output()).rejects.toEqual(withCode("RUN_WITHOUT_OUTPUT"));
    expect(await run.outputs()).toEqual([]);
  });

  it("lets timers and sockets have their turn, however busy it is", async () => {
    const loop = new WorkflowBuilder("Loop", addOne)
      .addSwitch(addOne, (on) => on.case((value) => value < 2_000, addOne).default(double))
      .withOutputFrom(double)
      .build();
    let turns = 0;
    const count = setInterval(() => turns++, 0);
    expect(await runInProcess(loop, 0).output()).toBe(4_000);
    clearInterval(count);
    expect(turns).toBeGreaterThan(3);
  });
});

describe("events of a run in process", () => {
  it("come live, from the first one, and end with the run", async () => {
    const { workflow, reached } = gated("A");
    const run = runInProcess(workflow, 1);
    const events = run.events()[Symbol.asyncIterator]();
    const next = async () => ((await events.next()).value as RunEvent | undefined)?.type;
    expect([await next(), await next(), await next(), await next()]).toEqual([
      "runStarted",
      "executorStarted",
      "executorCompleted",
      "executorStarted",
    ]);
    (await reached("A")).open();
    expect([await next(), await next(), await next(), await next()]).toEqual([
      "executorCompleted",
      "runOutput",
      "runCompleted",
      undefined,
    ]);
  });

  it("are the same whoever finishes first", async () => {
    const { workflow, reached } = gated("A", "B");
    const run = runInProcess(workflow, 1);
    (await reached("B")).open();
    await turn();
    (await reached("A")).open();
    expect(await run.outputs()).toEqual(["A", "B"]);
  });
});

describe("asking people in process", () => {
  it("hands out each request once, in the order in which they were asked for", async () => {
    const run = runInProcess(questions, ["a", "b"]);
    const [first, second] = await Promise.all([run.nextRequest(manager), run.nextRequest("Manager")]);
    expect([first.request.subject, second.request.subject]).toEqual(["a", "b"]);
    await first.respond({ approved: true });
    await second.respond({ approved: false });
    await expect(run.nextRequest(manager)).rejects.toEqual(withCode("RUN_ENDED"));
    expect(await run.outputs()).toEqual(["true", "false"]);
  });

  it("makes request ids from the seed, and shows what may be answered", async () => {
    const run = runInProcess(approvals, "a desk", { ids: { runId: () => "run-1", seed: () => "00" } });
    await run.nextRequest(manager);
    expect((await run.status()).waitingForInput).toMatchObject([
      { requestId: "manager-1-10fa55de", eventName: "Manager", responseSchema: { required: ["approved"] } },
    ]);
  });

  it("takes responses in the order in which they will be asked for", async () => {
    const run = runInProcess(approvals, "a desk");
    await run.respond(manager, { approved: false });
    await run.respond("Finance", { approved: true });
    expect(await run.output()).toBe("true");
  });

  it("takes one of two responses that come at once", async () => {
    const run = runInProcess(approvals, "a desk");
    const { requestId, respond } = await run.nextRequest(manager);
    const results = await Promise.allSettled([
      respond({ approved: true }),
      run.respond({ requestId }, { approved: false }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(results[1]).toMatchObject({ reason: { code: "REQUEST_CLOSED" } });
    expect((await run.nextRequest(finance)).request).toEqual({ subject: "manager said true" });
  });

  it("does not wait for a port that the run cannot come to without another answer", async () => {
    const run = runInProcess(approvals, "a desk");
    await run.nextRequest(manager);
    await expect(run.respond(finance, { approved: true })).rejects.toEqual(withCode("REQUEST_CLOSED"));
    await expect(run.respond(end as never, { approved: true })).rejects.toEqual(withCode("REQUEST_NOT_FOUND"));
    await expect(run.nextRequest("Nobody" as never)).rejects.toEqual(withCode("REQUEST_NOT_FOUND"));
  });

  it("refuses a value that is no JSON, and keeps waiting", async () => {
    const run = runInProcess(approvals, "a desk");
    const { respond } = await run.nextRequest(manager);
    await expect(respond(new Map() as never)).rejects.toEqual(withCode("VALUE_NOT_JSON"));
    await respond({ approved: true });
    await run.nextRequest(finance);
  });

  it("takes an answer in while a slow branch is at work", async () => {
    const slow = gated("Slow");
    const start = defineExecutor({
      id: "Begin",
      input: z.number(),
      output: question,
      handle: () => ({ subject: "x" }),
    });
    const work = slow.workflow.nodes.get("Slow") as never;
    const wait = defineExecutor({ id: "Wait", input: question, output: z.number(), handle: () => 1 });
    const workflow = new WorkflowBuilder("Both", start)
      .addFanOut(start, [manager, wait])
      .addEdge(wait, work)
      .addEdge(manager, end)
      .withOutputFrom(end)
      .build();
    const run = runInProcess(workflow, 1);
    const gate = await slow.reached("Slow");
    await run.respond(manager, { approved: true });
    expect((await run.status()).outputs).toEqual([]);
    gate.open();
    expect(await run.outputs()).toEqual(["true"]);
  });
});

describe("cancel in process", () => {
  it("aborts the handlers at once, and the run is cancelled, not failed", async () => {
    const { workflow, reached } = gated("A");
    const run = runInProcess(workflow, 1);
    const gate = await reached("A");
    await run.cancel("not needed");
    expect(gate.signal.aborted).toBe(true);
    expect((await run.status()).status).toBe("Running");
    gate.open();
    expect((await run.wait()).status).toBe("Cancelled");
    await expect(run.output()).rejects.toEqual(withCode("RUN_CANCELLED"));
  });

  it("ends a waiting run, and whoever waits for its requests", async () => {
    const run = runInProcess(approvals, "a desk");
    await run.nextRequest(manager);
    const next = expect(run.nextRequest(finance)).rejects.toEqual(withCode("RUN_ENDED"));
    await run.cancel();
    await next;
    await expect(run.respond(manager, { approved: true })).rejects.toEqual(withCode("RUN_ENDED"));
  });

  it("is taken in whenever it comes", async () => {
    for (let ticks = 0; ticks < 100; ticks++) {
      const run = runInProcess(approvals, "a desk");
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
      await run.cancel();
      expect(await run.wait()).toMatchObject({ status: "Cancelled" });
    }
  });

  it("leaves an ended run as it is", async () => {
    const run = runInProcess(chain, 1);
    await run.wait();
    await run.cancel();
    expect((await run.status()).status).toBe("Completed");
  });
});

describe("time in process", () => {
  it("ends a wait, and not the run", async () => {
    const clock = new ManualClock();
    const run = runInProcess(approvals, "a desk", { clock });
    await run.nextRequest(manager);
    const waited = expect(run.wait({ timeoutMs: 500 })).rejects.toEqual(withCode("RUN_TIMED_OUT_WAITING"));
    await turn();
    clock.advance(500);
    await waited;
    expect((await run.status()).status).toBe("Running");
    expect(clock.timers).toBe(0);
  });

  it("lets a request with 30 days be answered on day 8, and by nobody after 30", async () => {
    const day = 24 * 60 * 60 * 1_000;
    const approval = defineRequestPort({
      id: "Approval",
      request: z.number(),
      response: z.string(),
      timeout: { afterMs: 30 * day, respondWith: "nobody" },
    });
    const month = new WorkflowBuilder("Month", approval).withOutputFrom(approval).build();
    const clock = new ManualClock();
    const [answered, unanswered] = [runInProcess(month, 1, { clock }), runInProcess(month, 2, { clock })];
    await Promise.all([answered.nextRequest(approval), unanswered.nextRequest(approval)]);
    clock.advance(8 * day);
    await answered.respond(approval, "the boss");
    expect(await answered.output()).toBe("the boss");
    clock.advance(22 * day - 1);
    expect((await unanswered.status()).waitingForInput).toMatchObject([{ deadline: "1970-01-31T00:00:00.000Z" }]);
    clock.advance(1);
    expect(await unanswered.output()).toBe("nobody");
    expect(clock.timers).toBe(0);
  });

  it("brings a call back that was put off", async () => {
    const clock = new ManualClock();
    const nodes = new Map(chain.nodes);
    nodes.delete("Double");
    const run = runInProcess({ ...chain, nodes }, 1, { clock });
    while (clock.timers === 0) await turn();
    expect((await run.status()).executors[1]).toEqual({
      id: "Double",
      status: "running",
      calls: 1,
      nextAttemptAt: "1970-01-01T00:01:00.000Z",
      isNotDeployed: true,
    });
    nodes.set("Double", double);
    clock.advance(60_000);
    expect(await run.output()).toBe(4);
    expect(await run.status()).toMatchObject({
      createdAt: "1970-01-01T00:00:00.000Z",
      updatedAt: "1970-01-01T00:01:00.000Z",
    });
  });
});

async function allOf(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const all: RunEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** A workflow whose handler ignores its signal, and answers when the test says so. */
function stubborn(runTimeoutMs?: number) {
  let answer = () => {};
  const ignores = defineExecutor({
    id: "Ignores",
    input: z.number(),
    output: z.number(),
    handle: (value) =>
      new Promise<number>((resolve) => {
        answer = () => resolve(value);
      }),
  });
  const ask = defineRequestPort({ id: "Ask", request: z.number(), response: z.number() });
  const builder = new WorkflowBuilder("Stubborn", addOne).addFanOut(addOne, [ignores, ask]);
  return { workflow: (runTimeoutMs ? builder.withTimeout(runTimeoutMs) : builder).build(), answer: () => answer() };
}

describe("an output that is asked for in vain", () => {
  it("says what could not be undone beside the reason, and not in its place", async () => {
    const stuck = defineExecutor({
      id: "Stuck",
      input: z.number(),
      output: z.number(),
      handle: (value) => value,
      compensate() {
        throw new Error("Closed.");
      },
    });
    const fails = defineExecutor({
      id: "Fails",
      input: z.number(),
      output: z.number(),
      handle(value): number {
        if (value < 0) return value;
        throw new Error("No money.");
      },
    });
    const workflow = new WorkflowBuilder("Undone", stuck).addEdge(stuck, fails).build();
    await expect(runInProcess(workflow, 1).output()).rejects.toMatchObject({
      code: "RUN_FAILED",
      message: expect.stringMatching(
        /failed in executor "Fails", and what "Stuck" did could not be undone: No money\. The cause has the details\.$/,
      ),
      cause: { message: "No money." },
    });
  });
});

describe("handlers that do not stop", () => {
  it("do not keep a cancelled run from ending", async () => {
    const { workflow, answer } = stubborn();
    const run = runInProcess(workflow, 1);
    while ((await run.status()).superstep < 2) await turn();
    await run.cancel("enough");
    expect((await run.wait()).status).toBe("Cancelled");
    answer();
    await turn();
    const events = await allOf(run.events());
    expect(events.filter(({ type }) => type === "executorFailed")).toMatchObject([
      { executorId: "Ignores", error: { code: "EXECUTOR_ABORTED" } },
    ]);
    expect(events.at(-1)).toMatchObject({ type: "runCancelled", reason: "enough" });
  });

  it("do not keep a cancelled run from undoing what it has done, with a signal of its own", async () => {
    let wasAborted: boolean | undefined;
    const book = defineExecutor({
      id: "Book",
      input: z.number(),
      output: z.number(),
      handle: (value) => value,
      async compensate(_output, _input, { signal }) {
        await turn();
        wasAborted = signal.aborted;
      },
    });
    const stuck = defineExecutor({ id: "Stuck", input: z.number(), handle: () => new Promise<void>(() => {}) });
    const run = runInProcess(new WorkflowBuilder("Booked", book).addEdge(book, stuck).build(), 1);
    while ((await run.status()).superstep < 2) await turn();
    await run.cancel();
    expect((await run.wait()).status).toBe("Cancelled");
    expect(wasAborted).toBe(false);
    expect((await allOf(run.events())).map(({ type }) => type)).toContain("compensationCompleted");
  });

  it("do not keep a run from timing out", async () => {
    const clock = new ManualClock();
    const run = runInProcess(stubborn(1_000).workflow, 1, { clock });
    while ((await run.status()).superstep < 2) await turn();
    clock.advance(999);
    await turn();
    expect((await run.status()).status).toBe("Running");
    clock.advance(1);
    expect(await run.wait()).toMatchObject({ status: "Failed", error: { code: "RUN_TIMED_OUT" } });
    expect(clock.timers).toBe(0);
  });

  it("have what they answer after their time limit recorded while the run goes on", async () => {
    const clock = new ManualClock();
    let answer = () => {};
    const slow = defineExecutor({
      id: "Slow",
      input: z.number(),
      output: z.number(),
      timeoutMs: 500,
      retry: { maxAttempts: 2, firstDelayMs: 1_000 },
      handle: (value, { attempt }) =>
        attempt > 1
          ? value
          : new Promise<number>((resolve) => {
              answer = () => resolve(99);
            }),
    });
    const run = runInProcess(new WorkflowBuilder("Late", slow).withOutputFrom(slow).build(), 1, { clock });
    while (clock.timers === 0) await turn();
    clock.advance(500);
    while ((await run.status()).executors[0]?.nextAttemptAt === undefined) await turn();
    answer();
    await turn();
    clock.advance(1_000);
    expect(await run.outputs()).toEqual([1]);
    expect((await allOf(run.events())).map(({ type }) => type)).toEqual([
      "runStarted",
      "executorStarted",
      "executorDelayed",
      "lateResultIgnored",
      "executorStarted",
      "executorCompleted",
      "runOutput",
      "runCompleted",
    ]);
  });
});

describe("the in-process runner", () => {
  it("gives the same run for the same id and input, and refuses another input", async () => {
    const runner = createInProcessRunner();
    const run = await runner.start(approvals, "a desk", { runId: "r" });
    await run.nextRequest(manager);
    const same = await runner.start(approvals, "a desk", { runId: "r" });
    expect((await same.status()).waitingForInput).toHaveLength(1);
    await expect(runner.start(approvals, "a chair", { runId: "r" })).rejects.toEqual(withCode("RUN_EXISTS"));
    await expect(runner.start(chain, 1, { runId: "r" })).rejects.toEqual(withCode("RUN_EXISTS"));
  });

  it("starts one run of two starts at once", async () => {
    const runner = createInProcessRunner();
    const [one, other] = await Promise.all([
      runner.start(chain, 1, { runId: "r" }),
      runner.start(chain, 1, { runId: "r" }),
    ]);
    expect(await one.status()).toEqual(await other.status());
  });

  it("finds runs of a workflow again, and no other", async () => {
    const runner = createInProcessRunner();
    await runner.start(chain, 1, { runId: "r" });
    expect(await runner.open(chain, "r").output()).toBe(4);
    await expect(runner.open(chain, "s").status()).rejects.toEqual(withCode("RUN_NOT_FOUND"));
    await expect(runner.open(approvals, "r").status()).rejects.toEqual(withCode("RUN_NOT_FOUND"));
  });

  it("refuses a wrong input and a wrong id before it starts anything", async () => {
    const runner = createInProcessRunner();
    await expect(runner.start(chain, "x" as never)).rejects.toEqual(withCode("RUN_INPUT_INVALID"));
    await expect(runner.start(chain, 1, { runId: "@x" })).rejects.toEqual(withCode("RUN_ID_INVALID"));
  });
});

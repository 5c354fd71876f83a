import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { faultyJournal, type JournalPlace, journalPlaces } from "../../test/support/journals.ts";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineCatalog } from "../graph/catalog.ts";
import { defineExecutor } from "../graph/executor.ts";
import { defineRequestPort } from "../graph/request-port.ts";
import { defineState } from "../graph/state.ts";
import type { RunEvent } from "../wire/run-event.ts";
import type { Journal } from "./journal/journal.ts";
import { createMemoryJournal } from "./journal/memory.ts";
import type { JournaledRunner } from "./journaled-runner.ts";
import { createInProcessRunner } from "./runner.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const withCode = (code: string) => expect.objectContaining({ code });

/** Call keys in the order in which handlers were called. */
const calls: string[] = [];
beforeEach(() => {
  calls.length = 0;
});

const total = defineState({ name: "total", schema: z.number().max(1_000), initial: 0 });
const step = <const Id extends string>(id: Id) =>
  defineExecutor({
    id,
    input: z.number(),
    output: z.number(),
    state: { writes: [total] },
    handle(value, { callKey, state }) {
      calls.push(callKey);
      state.set(total, state.get(total) + value);
      return value + 1;
    },
  });
const [first, second, third] = [step("First"), step("Second"), step("Third")];
const report = defineExecutor({
  id: "Report",
  input: z.number(),
  output: z.string(),
  state: { reads: [total] },
  handle: (value, { state }) => `${value}, total ${state.get(total)}`,
});
const chain = new WorkflowBuilder("Chain", first)
  .addEdge(first, second)
  .addEdge(second, third)
  .addEdge(third, report)
  .withOutputFrom(report)
  .build();

const approve = defineRequestPort({ id: "Approve", request: z.number(), response: z.number() });
const approval = new WorkflowBuilder("Approval", first)
  .addEdge(first, approve)
  .addEdge(approve, second)
  .withOutputFrom(second)
  .build();

let open: () => void = () => {};
const held = defineExecutor({
  id: "Held",
  input: z.number(),
  output: z.number(),
  async handle(value, { callKey, signal }) {
    calls.push(callKey);
    await new Promise<void>((resolve, reject) => {
      open = resolve;
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    return value + 1;
  },
});
const holding = new WorkflowBuilder("Holding", first)
  .addFanOut(first, [held, second])
  .withOutputFrom(held, second)
  .build();

async function eventsOf(run: { events(): AsyncIterable<unknown> }): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run.events()) events.push(event as RunEvent);
  return events;
}

async function until(isReached: () => boolean): Promise<void> {
  while (!isReached()) await turn();
}

describe.each(journalPlaces)("a runner with a journal in %s", (_kind, makePlace) => {
  let place: JournalPlace;
  let runner: JournaledRunner;
  const clock = new ManualClock(1_764_000_000_000);
  beforeEach(async () => {
    place = makePlace();
    await restart();
  });
  afterEach(async () => {
    await runner.close();
    place.remove();
  });

  /** A new runner on the same journal, as after a restart of the process. */
  async function restart(): Promise<void> {
    await runner?.close();
    runner = createInProcessRunner({ journal: await place.open(), clock });
  }

  it("gives status, outputs and events of runs of earlier processes, as they were told then", async () => {
    const run = await runner.start(chain, 1, { runId: "r" });
    const before = { events: await eventsOf(run), status: await run.status() };
    expect(await run.output()).toBe("4, total 6");
    expect(before.events.map(({ type }) => type).at(-1)).toBe("runCompleted");
    await restart();
    const again = runner.open(chain, "r");
    expect({ events: await eventsOf(again), status: await again.status() }).toEqual(before);
    expect(await again.output()).toBe("4, total 6");
    expect(calls).toEqual(["First-1-1", "Second-2-1", "Third-3-1"]);
    await expect(again.nextRequest(approve as never)).rejects.toEqual(withCode("REQUEST_NOT_FOUND"));
    await again.cancel();
    expect((await again.status()).status).toBe("Completed");
  });

  it("gives the run that is there for the same id and input, also after a restart", async () => {
    await (await runner.start(chain, 1, { runId: "r" })).wait();
    await (await runner.start(approval, 1, { runId: "open" })).nextRequest(approve);
    await restart();
    expect(await (await runner.start(chain, 1, { runId: "r" })).output()).toBe("4, total 6");
    const same = await runner.start(approval, 1, { runId: "open" });
    await (await same.nextRequest(approve)).respond(7);
    expect(await same.output()).toBe(8);
    await expect(runner.start(chain, 2, { runId: "r" })).rejects.toEqual(withCode("RUN_EXISTS"));
    await expect(runner.start(approval, 1, { runId: "r" })).rejects.toEqual(withCode("RUN_EXISTS"));
    expect(calls).toEqual(["First-1-1", "Second-2-1", "Third-3-1", "First-1-1", "Second-4-1"]);
  });

  it("starts one run of two starts at once", async () => {
    const [one, other] = await Promise.all([
      runner.start(chain, 1, { runId: "r" }),
      runner.start(chain, 1, { runId: "r" }),
    ]);
    await expect(runner.start(chain, 2, { runId: "r" })).rejects.toEqual(withCode("RUN_EXISTS"));
    expect(await one.output()).toBe(await other.output());
    expect(calls).toHaveLength(3);
  });

  it("knows no run of another workflow, and no unknown one", async () => {
    await runner.start(chain, 1, { runId: "r" });
    await expect(runner.open(approval, "r").status()).rejects.toEqual(withCode("RUN_NOT_FOUND"));
    await expect(runner.open(chain, "s").status()).rejects.toEqual(withCode("RUN_NOT_FOUND"));
    await expect(runner.start(chain, "x" as never)).rejects.toEqual(withCode("RUN_INPUT_INVALID"));
  });

  it("goes on with open requests after a restart, under the same ids", async () => {
    const run = await runner.start(approval, 1, { runId: "r" });
    const { requestId } = await run.nextRequest(approve);
    const status = await run.status();
    await restart();
    expect(await runner.recover(defineCatalog([chain, approval]))).toEqual({ runIds: ["r"], unreadable: [] });
    const again = runner.open(approval, "r");
    expect(await again.status()).toEqual(status);
    await again.respond({ requestId }, 7);
    expect(await again.output()).toBe(8);
    expect(await runner.recover([approval])).toEqual({ runIds: [], unreadable: [] });
  });

  it("keeps a response that was accepted, and not taken in, through a restart", async () => {
    const start = defineExecutor({ id: "Begin", input: z.number(), output: z.number(), handle: (value) => value });
    const both = new WorkflowBuilder("Both", start)
      .addFanOut(start, [approve, second])
      .addEdge(second, held)
      .addEdge(approve, third)
      .withOutputFrom(held, third)
      .build();
    const run = await runner.start(both, 1, { runId: "r" });
    await until(() => calls.includes("Held-3-1"));
    const { requestId, respond } = await run.nextRequest(approve);
    await respond(7);
    await restart();
    await runner.recover([both]);
    await until(() => calls.filter((key) => key === "Held-3-1").length === 2);
    await expect(runner.open(both, "r").respond({ requestId }, 8)).rejects.toEqual(withCode("REQUEST_CLOSED"));
    open();
    expect(await runner.open(both, "r").outputs()).toEqual([3, 8]);
  });

  it("keeps a cancel that was accepted through a restart, and calls nothing again that was cut off", async () => {
    const deaf = defineExecutor({
      id: "Deaf",
      input: z.number(),
      output: z.number(),
      handle(_value, { callKey }) {
        calls.push(callKey);
        return new Promise<number>(() => {});
      },
    });
    const workflow = new WorkflowBuilder("Deafness", first).addEdge(first, deaf).build();
    const run = await runner.start(workflow, 1, { runId: "r" });
    await until(() => calls.includes("Deaf-2-1"));
    await run.cancel("not needed");
    await restart();
    await runner.recover([workflow]);
    expect(await runner.open(workflow, "r").wait()).toMatchObject({ status: "Cancelled" });
    expect((await eventsOf(runner.open(workflow, "r"))).slice(-2)).toMatchObject([
      { type: "executorFailed", callKey: "Deaf-2-1", error: { code: "ACTIVITY_LOST" } },
      { type: "runCancelled", reason: "not needed" },
    ]);
    expect(calls).toEqual(["First-1-1", "Deaf-2-1"]);
  });

  it("makes a compensation again that a restart cut off, although the run is cancelled", async () => {
    const undone: string[] = [];
    let finish: () => void = () => {};
    const pay = defineExecutor({
      id: "Pay",
      input: z.number(),
      output: z.number(),
      handle: (value) => value,
      async compensate(_output, _input, { callKey }) {
        undone.push(callKey);
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      },
    });
    const workflow = new WorkflowBuilder("Payment", pay).addEdge(pay, approve).build();
    const run = await runner.start(workflow, 1, { runId: "r" });
    await run.nextRequest(approve);
    await run.cancel("not needed");
    await until(() => undone.length === 1);
    await restart();
    await runner.recover([workflow]);
    await until(() => undone.length === 2);
    finish();
    expect(await runner.open(workflow, "r").wait()).toMatchObject({ status: "Cancelled" });
    expect(undone).toEqual(["Pay-1-1-compensation", "Pay-1-1-compensation"]);
    expect((await eventsOf(runner.open(workflow, "r"))).slice(-2)).toMatchObject([
      { type: "compensationCompleted", callKey: "Pay-1-1-compensation" },
      { type: "runCancelled", reason: "not needed" },
    ]);
  });

  it("keeps what it gave up, and what came late, through a restart", async () => {
    let answer: (value: number) => void = () => {};
    const slow = defineExecutor({
      id: "Slow",
      input: z.number(),
      output: z.number(),
      timeoutMs: 50,
      retry: { maxAttempts: 2, firstDelayMs: 1_000 },
      handle(value, { attempt }) {
        if (attempt === 2) return value;
        return new Promise<number>((resolve) => {
          answer = resolve;
        });
      },
    });
    const workflow = new WorkflowBuilder("Slowness", slow).withOutputFrom(slow).build();
    const run = await runner.start(workflow, 1, { runId: "r" });
    await until(() => clock.timers === 1);
    clock.advance(50);
    while ((await run.status()).executors[0]?.nextAttemptAt === undefined) await turn();
    answer(5);
    await turn();
    await turn();
    await restart();
    await runner.recover([workflow]);
    clock.advance(1_000);
    expect(await runner.open(workflow, "r").outputs()).toEqual([1]);
    expect((await eventsOf(runner.open(workflow, "r"))).map(({ type }) => type)).toEqual([
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

  it("records a call that did not stop when its run was cancelled, and keeps no timer of a closed one", async () => {
    const deaf = defineExecutor({
      id: "Deaf",
      input: z.number(),
      output: z.number(),
      handle(_value, { callKey }) {
        calls.push(callKey);
        return new Promise<number>(() => {});
      },
    });
    const workflow = new WorkflowBuilder("Deafness", deaf).withTimeout(60_000).build();
    const run = await runner.start(workflow, 1, { runId: "r" });
    await until(() => calls.length === 1);
    await run.cancel();
    await run.wait();
    const before = await eventsOf(run);
    expect(before.at(-2)).toMatchObject({ type: "executorFailed", error: { code: "EXECUTOR_ABORTED" } });
    await restart();
    expect(await eventsOf(runner.open(workflow, "r"))).toEqual(before);
    await runner.start(workflow, 1, { runId: "s" });
    await until(() => calls.length === 2);
    await runner.close();
    await turn();
    await turn();
    expect(clock.timers).toBe(0);
  });

  it("leaves a trace of a response that was accepted while the run was ending, also after a restart", async () => {
    const fails = defineExecutor({
      id: "Fails",
      input: z.number(),
      output: z.number(),
      async handle() {
        await new Promise<void>((resolve) => {
          open = resolve;
        });
        throw new Error("No money.");
      },
    });
    const pass = defineExecutor({ id: "Pass", input: z.number(), output: z.number(), handle: (value) => value });
    const workflow = new WorkflowBuilder("Ending", first)
      .addFanOut(first, [approve, pass])
      .addEdge(pass, fails)
      .addEdge(approve, second)
      .withOutputFrom(fails, second)
      .build();
    const run = await runner.start(workflow, 1, { runId: "r" });
    const { respond } = await run.nextRequest(approve);
    await respond(7);
    open();
    await run.wait();
    const types = ["executorFailed", "runFailed", "responseIgnored"];
    expect((await eventsOf(run)).slice(-3).map(({ type }) => type)).toEqual(types);
    await restart();
    expect((await eventsOf(runner.open(workflow, "r"))).slice(-3).map(({ type }) => type)).toEqual(types);
  });

  it("takes no cancel in once it is closed", async () => {
    const run = await runner.start(approval, 1, { runId: "r" });
    await run.nextRequest(approve);
    const cancelled = expect(run.cancel()).rejects.toEqual(withCode("RUNNER_CLOSED"));
    await restart();
    await cancelled;
    expect((await runner.open(approval, "r").status()).status).toBe("Running");
  });

  it("calls again what was cut off, with the same call key, and nothing that has an outcome", async () => {
    await runner.start(holding, 1, { runId: "r" });
    await until(() => calls.includes("Second-2-1"));
    await turn();
    await restart();
    await runner.recover([holding]);
    await until(() => calls.length === 4);
    open();
    expect(await runner.open(holding, "r").outputs()).toEqual([3, 3]);
    expect(calls).toEqual(["First-1-1", "Held-2-1", "Second-2-1", "Held-2-1"]);
  });

  it("aborts the handlers of a runner that is closed, and every use of it says so", async () => {
    const run = await runner.start(holding, 1, { runId: "r" });
    await until(() => calls.includes("Held-2-1"));
    const waiting = expect(run.wait()).rejects.toEqual(withCode("RUNNER_CLOSED"));
    await runner.close();
    await waiting;
    await expect(run.status()).rejects.toEqual(withCode("RUNNER_CLOSED"));
    await expect(runner.start(chain, 1)).rejects.toEqual(withCode("RUNNER_CLOSED"));
    await expect(runner.recover([chain])).rejects.toEqual(withCode("RUNNER_CLOSED"));
    await expect(runner.deleteRun("r")).rejects.toEqual(withCode("RUNNER_CLOSED"));
    await runner.close();
    expect(clock.timers).toBe(0);
  });

  it("keeps the plan a run was started with: old runs finish on the old graph, new ones use the new one", async () => {
    await (await runner.start(approval, 1, { runId: "old" })).nextRequest(approve);
    await restart();
    const changed = new WorkflowBuilder("Approval", first)
      .addEdge(first, approve)
      .addEdge(approve, third)
      .addEdge(third, second)
      .withOutputFrom(second)
      .build();
    await runner.recover([changed]);
    const old = runner.open(changed, "old");
    await old.respond(approve, 7);
    expect(await old.output()).toBe(8);
    expect((await old.status()).version).toBe(approval.plan.fingerprint);
    const fresh = await runner.start(changed, 1);
    await (await fresh.nextRequest(approve)).respond(7);
    expect(await fresh.output()).toBe(9);
  });

  it("waits for an executor that the code no longer has, and goes on when it is back", async () => {
    await (await runner.start(approval, 1, { runId: "r" })).nextRequest(approve);
    await restart();
    const without = new WorkflowBuilder("Approval", first).addEdge(first, approve).build();
    await runner.recover([without]);
    await runner.open(without, "r").respond(approve, 7);
    await until(() => clock.timers === 1);
    expect((await runner.open(without, "r").status()).status).toBe("Running");
    await restart();
    await runner.recover([approval]);
    expect(clock.timers).toBe(1);
    clock.advance(60_000);
    expect(await runner.open(approval, "r").output()).toBe(8);
    const delays = (await eventsOf(runner.open(approval, "r"))).filter(({ type }) => type === "executorDelayed");
    expect(delays).toMatchObject([{ executorId: "Second", error: { code: "EXECUTOR_NOT_DEPLOYED" } }]);
  });

  it("waits for a whole workflow that the code no longer has", async () => {
    const run = await runner.start(holding, 1, { runId: "r" });
    await until(() => calls.includes("Held-2-1"));
    await restart();
    expect((await runner.recover([])).runIds).toEqual([run.runId]);
    await until(() => clock.timers === 1);
    await restart();
    await runner.recover([holding]);
    clock.advance(60_000);
    await until(() => calls.filter((key) => key === "Held-2-1").length === 2);
    open();
    expect(await runner.open(holding, "r").outputs()).toEqual([3, 3]);
  });

  it("gives a fork as long as its parent had, from its own start", async () => {
    const limited = new WorkflowBuilder("Limited", first)
      .addEdge(first, second)
      .withOutputFrom(second)
      .withTimeout(1_000)
      .build();
    await (await runner.start(limited, 1, { runId: "limited" })).wait();
    clock.advance(5_000);
    const fork = await runner.fork(limited, "limited", { atSuperstep: 2, input: 10 });
    expect(await fork.output()).toBe(11);
  });

  it("gives people as long for an inherited request as they had, from the start of the fork", async () => {
    const ask = defineRequestPort({
      id: "Ask",
      request: z.number(),
      response: z.number(),
      timeout: { afterMs: 1_000, respondWith: 50 },
    });
    const asking = new WorkflowBuilder("Asking", first)
      .addFanOut(first, [ask, second])
      .addEdge(second, third)
      .withOutputFrom(ask)
      .build();
    const run = await runner.start(asking, 1, { runId: "asking" });
    await run.nextRequest(ask);
    await until(() => calls.includes("Third-3-1"));
    await run.cancel();
    clock.advance(5_000);
    const fork = await runner.fork(asking, "asking", { atSuperstep: 3 });
    const { requestId } = await fork.nextRequest(ask);
    const [openedAt, deadline] = [0, 1_000].map((ms) => new Date(clock.nowMs() + ms).toISOString());
    expect((await fork.status()).waitingForInput).toMatchObject([{ openedAt, deadline }]);
    await until(() => clock.timers === 1);
    clock.advance(999);
    await turn();
    expect((await fork.status()).status).toBe("Running");
    clock.advance(1);
    expect(await fork.output()).toBe(50);
    const opened = (await eventsOf(fork)).filter(({ type }) => type === "requestOpened");
    expect(opened).toMatchObject([{ number: 2, superstep: 2, executorId: "Ask", requestId, request: 2 }]);
  });

  it("lets a fork undo what it did itself, and nothing of its parent", async () => {
    const undone: string[] = [];
    const booked = <const Id extends string>(id: Id) =>
      defineExecutor({
        id,
        input: z.number(),
        output: z.number(),
        handle: (value) => value,
        compensate: (_output, _input, { runId, callKey }) => void undone.push(`${runId} ${callKey}`),
      });
    const [flight, hotel] = [booked("Flight"), booked("Hotel")];
    const fails = defineExecutor({
      id: "Fails",
      input: z.number(),
      output: z.number(),
      handle(): number {
        throw new Error("No money.");
      },
    });
    const trip = new WorkflowBuilder("Trip", flight).addEdge(flight, hotel).addEdge(hotel, fails).build();
    await (await runner.start(trip, 1, { runId: "parent" })).wait();
    expect(undone.splice(0)).toEqual(["parent Hotel-2-1-compensation", "parent Flight-1-1-compensation"]);
    const fork = await runner.fork(trip, "parent", { atSuperstep: 2, runId: "fork" });
    expect(await fork.wait()).toMatchObject({ status: "Failed" });
    expect(undone.splice(0)).toEqual(["fork Hotel-2-1-compensation"]);
    await expect(runner.fork(trip, "parent", { atSuperstep: 4 })).rejects.toThrow(/was undoing by then/);
  });

  it("deletes ended runs, and no open ones", async () => {
    await (await runner.start(chain, 1, { runId: "r" })).wait();
    await runner.start(approval, 1, { runId: "open" });
    await runner.deleteRun("r");
    await expect(runner.open(chain, "r").status()).rejects.toEqual(withCode("RUN_NOT_FOUND"));
    await expect(runner.deleteRun("r")).rejects.toEqual(withCode("RUN_NOT_FOUND"));
    await expect(runner.deleteRun("open")).rejects.toEqual(withCode("RUN_NOT_ENDED"));
    expect(await (await runner.start(chain, 5, { runId: "r" })).output()).toBe("8, total 18");
  });
});

describe.each(journalPlaces)("a fork, with a journal in %s", (_kind, makePlace) => {
  let place: JournalPlace;
  let runner: JournaledRunner;
  beforeEach(async () => {
    place = makePlace();
    runner = createInProcessRunner({ journal: await place.open() });
    await (await runner.start(chain, 1, { runId: "parent" })).wait();
    calls.length = 0;
  });
  afterEach(async () => {
    await runner.close();
    place.remove();
  });

  it("goes on from a superstep with another message, and calls no executor of an earlier one", async () => {
    const fork = await runner.fork(chain, "parent", { atSuperstep: 3, input: 100, runId: "fork" });
    expect(await fork.output()).toBe("101, total 103");
    expect(calls).toEqual(["Third-3-1"]);
    expect(await fork.status()).toMatchObject({ runId: "fork", parentRunId: "parent", superstep: 4 });
    expect((await eventsOf(fork))[0]).toMatchObject({
      number: 1,
      type: "runStarted",
      parentRunId: "parent",
      superstep: 2,
    });
    expect(await runner.open(chain, "parent").output()).toBe("4, total 6");
  });

  it("goes on inside a sub-workflow, with the frame and its state as they were, and as much time", async () => {
    const inner = new WorkflowBuilder("Inner", second)
      .addEdge(second, third)
      .withTimeout(1_000)
      .withOutputFrom(third)
      .build();
    const outer = new WorkflowBuilder("Outer", first)
      .addEdge(first, inner)
      .addEdge(inner, report)
      .withOutputFrom(report)
      .build();
    const clock = new ManualClock();
    const own = createInProcessRunner({ journal: createMemoryJournal(), clock });
    expect(await (await own.start(outer, 1, { runId: "nested" })).output()).toBe("4, total 1");
    calls.length = 0;
    clock.advance(5_000);
    const fork = await own.fork(outer, "nested", { atSuperstep: 3, input: 100, runId: "fork" });
    expect(await fork.output()).toBe("101, total 1");
    expect(calls).toEqual(["Inner~1~Third-3-1"]);
    await own.close();
  });

  it("goes on from a superstep with changed state", async () => {
    const fork = await runner.fork(chain, "parent", { atSuperstep: 2, state: { total: 500 } });
    expect(await fork.output()).toBe("4, total 505");
    expect(calls).toEqual(["Second-2-1", "Third-3-1"]);
  });

  it("at superstep 1 is the run once more with another input", async () => {
    const fork = await runner.fork(chain, "parent", { atSuperstep: 1, input: 10 });
    expect(await fork.output()).toBe("13, total 33");
  });

  it("can be forked itself, and is a run like any other after a restart", async () => {
    await (await runner.fork(chain, "parent", { atSuperstep: 3, input: 100, runId: "fork" })).wait();
    await runner.close();
    runner = createInProcessRunner({ journal: await place.open() });
    expect(await runner.open(chain, "fork").output()).toBe("101, total 103");
    const again = await runner.fork(chain, "fork", { atSuperstep: 4, state: { total: 0 } });
    expect(await again.output()).toBe("101, total 0");
    expect(await again.status()).toMatchObject({ parentRunId: "fork" });
  });

  it("of an open run asks the same question, and both are answered by themselves", async () => {
    const run = await runner.start(approval, 1, { runId: "asking" });
    await run.nextRequest(approve);
    const fork = await runner.fork(approval, "asking", { atSuperstep: 3, state: { total: 40 } });
    await fork.respond(approve, 5);
    await run.respond(approve, 7);
    expect([await fork.output(), await run.output()]).toEqual([6, 8]);
  });

  it("is refused when the parent never came there, or the change fits nothing", async () => {
    const fork = (how: Parameters<JournaledRunner["fork"]>[2]) => runner.fork(chain, "parent", how);
    await expect(fork({ atSuperstep: 6 })).rejects.toEqual(withCode("FORK_INVALID"));
    await expect(fork({ atSuperstep: 0 })).rejects.toEqual(withCode("FORK_INVALID"));
    await expect(fork({ atSuperstep: 2, input: "x" })).rejects.toEqual(withCode("RUN_INPUT_INVALID"));
    await expect(fork({ atSuperstep: 2, state: { total: 5_000 } })).rejects.toEqual(withCode("STATE_VALUE_INVALID"));
    await expect(fork({ atSuperstep: 2, state: { sum: 1 } })).rejects.toEqual(withCode("FORK_INVALID"));
    await expect(fork({ atSuperstep: 2, runId: "parent" })).rejects.toEqual(withCode("RUN_EXISTS"));
    await expect(fork({ atSuperstep: 2, runId: "a/b" })).rejects.toEqual(withCode("RUN_ID_INVALID"));
    await expect(runner.fork(approval, "parent", { atSuperstep: 1 })).rejects.toEqual(withCode("RUN_NOT_FOUND"));
    expect(calls).toEqual([]);
  });

  it("takes no input where several messages are delivered at once", async () => {
    await runner.start(holding, 1, { runId: "holding" });
    await until(() => calls.includes("Held-2-1"));
    await expect(runner.fork(holding, "holding", { atSuperstep: 2, input: 1 })).rejects.toThrow(
      /delivers 2 messages and responses/,
    );
  });
});

describe("a journal that cannot be written", () => {
  function brokenRunner() {
    const clock = new ManualClock();
    const disk = { isFull: false };
    const memory = createMemoryJournal();
    const journal = faultyJournal(memory, () => (disk.isFull ? "before" : null));
    return { clock, disk, runner: createInProcessRunner({ journal, clock }) };
  }

  it("rejects whoever starts, responds or cancels, and the run goes on as if they had not", async () => {
    const { disk, runner } = brokenRunner();
    const run = await runner.start(approval, 1, { runId: "r" });
    const { respond } = await run.nextRequest(approve);
    await turn();
    disk.isFull = true;
    await expect(runner.start(chain, 1, { runId: "s" })).rejects.toEqual(withCode("STORE_WRITE_FAILED"));
    await expect(respond(7)).rejects.toEqual(withCode("STORE_WRITE_FAILED"));
    await expect(run.cancel()).rejects.toEqual(withCode("STORE_WRITE_FAILED"));
    disk.isFull = false;
    expect((await run.status()).status).toBe("Running");
    await expect(runner.open(chain, "s").status()).rejects.toEqual(withCode("RUN_NOT_FOUND"));
    expect(await (await runner.start(chain, 1, { runId: "s" })).output()).toBe("4, total 6");
    await respond(9);
    expect(await run.output()).toBe(10);
  });

  it("holds runs where they are, and loses nothing that their executors did", async () => {
    const { disk, runner, clock } = brokenRunner();
    const run = await runner.start(holding, 1, { runId: "r" });
    await until(() => calls.includes("Held-2-1"));
    await turn();
    disk.isFull = true;
    open();
    await until(() => clock.timers === 1);
    expect((await run.status()).outputs).toEqual([]);
    disk.isFull = false;
    clock.advance(1_000);
    expect(await run.outputs()).toEqual([3, 3]);
    expect(calls).toEqual(["First-1-1", "Held-2-1", "Second-2-1"]);
  });
});

describe("a damaged journal", () => {
  it("holds up no other run, and says which run cannot be read", async () => {
    const memory = createMemoryJournal();
    const runner = createInProcessRunner({ journal: memory });
    const good = await runner.start(approval, 1, { runId: "good" });
    await good.nextRequest(approve);
    await (await runner.start(approval, 1, { runId: "bad" })).nextRequest(approve);
    await turn();
    await runner.close();
    const bad = memory.run("bad")?.key;
    const damaged: Journal = faultyJournal(memory, () => null);
    const read = (key: number) => (key === bad ? ['{"kind":"outcome"'] : memory.trace(key));
    const next = createInProcessRunner({ journal: { ...damaged, trace: read } });
    const { runIds, unreadable } = await next.recover([approval]);
    expect([runIds, unreadable.map(({ runId }) => runId)]).toEqual([["good"], ["bad"]]);
    expect(unreadable[0]?.error).toEqual(withCode("STORE_UNREADABLE"));
    await expect(next.open(approval, "bad").status()).rejects.toEqual(withCode("STORE_UNREADABLE"));
    await next.open(approval, "good").respond(approve, 7);
    expect(await next.open(approval, "good").output()).toBe(8);
    await next.close();
  });
});

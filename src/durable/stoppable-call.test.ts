import { expect, it, vi } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { Outcome } from "../wire/outcome.ts";
import { LATE_EVENT } from "./mail.ts";
import { RunningCalls } from "./running-calls.ts";
import type { Instance, Instances } from "./sdk.ts";
import { type ActivityHost, callStoppably } from "./stoppable-call.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp() {
  let nowMs = 0;
  let timers: { readonly atMs: number; readonly wake: () => void }[] = [];
  const answers: (() => void)[] = [];
  const handler = defineExecutor({
    id: "Handler",
    input: z.number(),
    output: z.number(),
    handle: (value) => new Promise<number>((resolve) => answers.push(() => resolve(value))),
    compensate: () => new Promise<void>((resolve) => answers.push(resolve)),
  });
  const workflow = new WorkflowBuilder("Long", handler).build();
  const looks: number[] = [];
  const raised: unknown[] = [];
  const logged: string[] = [];
  const run = { runtimeStatus: "Running", isCancelRequested: false, fails: false, isGone: false };
  const instances = {
    async read() {
      looks.push(nowMs);
      if (run.fails) throw new Error("The hub is away.");
      return run.isGone ? undefined : instanceOf(workflow.plan.fingerprint, run);
    },
    async raiseEvent(...event: unknown[]) {
      raised.push(event);
    },
  } as unknown as Instances;
  const running = new RunningCalls();
  const host: ActivityHost = {
    instances: () => instances,
    logError: (text) => logged.push(text),
    running,
    clock: {
      nowMs: () => nowMs,
      setTimer(delayMs, wake) {
        const timer = { atMs: nowMs + delayMs, wake };
        timers.push(timer);
        return () => {
          timers = timers.filter((one) => one !== timer);
        };
      },
    },
  };
  return {
    run,
    looks,
    raised,
    logged,
    running,
    answer: () => answers.shift()?.(),
    timers: () => timers.length,
    call: (more: Partial<Delivery> = {}) => callStoppably(workflow, { ...delivery, ...more }, host),
    async advance(ms: number) {
      nowMs += ms;
      for (const timer of timers.filter(({ atMs }) => atMs <= nowMs)) {
        timers = timers.filter((one) => one !== timer);
        timer.wake();
      }
      await turn();
      await turn();
    },
  };
}

const delivery: Delivery = {
  runId: "r",
  workflow: "Long",
  executorId: "Handler",
  callKey: "Handler-1-1",
  superstep: 1,
  attempt: 1,
  call: { kind: "message", from: null, valueJson: "7" },
  state: {},
  edges: [],
};

function instanceOf(
  version: string,
  { runtimeStatus, isCancelRequested }: { readonly runtimeStatus: string; readonly isCancelRequested: boolean },
): Instance {
  const counts = { requests: [], requestCount: 0, outputCount: 0, counts: {}, isComplete: true };
  const status = { format: 1, status: "running", version, inputHash: "", superstep: 1, ...counts };
  return {
    name: "dafx-Long",
    instanceId: "r",
    runtimeStatus: runtimeStatus as Instance["runtimeStatus"],
    input: null,
    customStatus: { ...status, ...(isCancelRequested && { isCancelRequested: true }) },
    output: null,
    createdTime: "",
    lastUpdatedTime: "",
  };
}

it("a call that is short looks at nothing", async () => {
  const { call, answer, looks, timers } = setUp();
  const outcome = call();
  await turn();
  answer();
  expect((await outcome).result).toMatchObject({ status: "completed" });
  expect(looks).toEqual([]);
  expect(timers()).toBe(0);
});

it("a cancel in this process gives a call up a turn later, and the outcome says what for", async () => {
  const { call, running, timers } = setUp();
  const outcome = call();
  running.stop("another", { reason: "not this one" });
  await turn();
  running.stop("r", { reason: "enough" });
  expect(await outcome).toMatchObject({
    cancel: { reason: "enough" },
    result: { status: "failed", error: { code: "EXECUTOR_ABORTED", executorId: "Handler" } },
  });
  expect(timers()).toBe(0);
});

it("a cancel in another process is seen at the next look, after 5 s and then less and less often", async () => {
  const { call, run, looks, advance, timers } = setUp();
  const outcome = call();
  for (let second = 0; second < 120; second++) await advance(1_000);
  expect(looks.map((atMs) => atMs / 1_000)).toEqual([5, 10, 15, 23, 35, 52, 78, 108]);
  run.isCancelRequested = true;
  await advance(30_000);
  expect(await outcome).toMatchObject({ cancel: {}, result: { error: { code: "EXECUTOR_ABORTED" } } });
  expect(timers()).toBe(0);
});

it.each([
  ["was terminated", (run: ReturnType<typeof setUp>["run"]) => Object.assign(run, { runtimeStatus: "Terminated" })],
  ["is there no more", (run: ReturnType<typeof setUp>["run"]) => Object.assign(run, { isGone: true })],
])("a call whose run %s is given up, and no cancel comes of it", async (_how, end) => {
  const { call, run, advance } = setUp();
  const outcome = call();
  end(run);
  await advance(5_000);
  const { cancel, result } = await outcome;
  expect(cancel).toBeUndefined();
  expect(result).toMatchObject({ error: { code: "EXECUTOR_ABORTED" } });
});

it("a look that fails is logged, and looked again", async () => {
  const { call, run, logged, advance } = setUp();
  const outcome = call();
  run.fails = true;
  await advance(5_000);
  expect(logged).toEqual([
    "Whether run r was cancelled cannot be seen now, so it is looked again: Error: The hub is away.",
  ]);
  Object.assign(run, { fails: false, isCancelRequested: true });
  await advance(5_000);
  expect(await outcome).toMatchObject({ cancel: {} });
});

it("a call that begins just after its run was cancelled looks at once", async () => {
  const { call, run, running, looks, advance } = setUp();
  running.stop("r", {});
  run.isCancelRequested = true;
  const outcome = call();
  await advance(0);
  expect(looks).toEqual([0]);
  expect(await outcome).toMatchObject({ cancel: {} });
});

it("what undoes a call is stopped by no cancel, and looks at nothing", async () => {
  const { call, answer, running, looks, advance } = setUp();
  const outcome = call({ call: { kind: "compensation", inputJson: "7", outputJson: "7" } });
  running.stop("r", {});
  await advance(60_000);
  answer();
  expect(await outcome).toMatchObject({ result: { status: "completed" } });
  expect(looks).toEqual([]);
});

it("a call is given up when its run is out of time, also when it begins after that", async () => {
  const { call, advance } = setUp();
  const outcome = call({ deadlineAtMs: 3_000 });
  await advance(2_999);
  await advance(1);
  expect(await outcome).toMatchObject({ endedAtMs: 3_000, result: { error: { code: "EXECUTOR_ABORTED" } } });
  expect(await call({ deadlineAtMs: 3_000 })).toMatchObject({ result: { error: { code: "EXECUTOR_ABORTED" } } });
});

it("the run is told of an answer that comes after the call was given up", async () => {
  const { call, answer, running, raised } = setUp();
  const outcome = call();
  await turn();
  running.stop("r", {});
  await outcome;
  expect(raised).toEqual([]);
  answer();
  await turn();
  expect(raised).toEqual([["r", LATE_EVENT, { executorId: "Handler", callKey: "Handler-1-1", attempt: 1 }]]);
});

it("a time limit of more days than a timer of Node has is kept by the clock of the process", async () => {
  const DAY_MS = 24 * 60 * 60 * 1_000;
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
  try {
    const hanging = defineExecutor({
      id: "Handler",
      input: z.number(),
      output: z.number(),
      handle: (value) => value,
      compensate: () => new Promise<void>(() => {}),
    });
    // One that undoes something: it does not look at its run from time to time.
    const call = { kind: "compensation", inputJson: "1", outputJson: "1" } as const;
    const host = { instances: () => expect.fail("no look"), logError: () => {}, running: new RunningCalls() };
    let outcome: Outcome | undefined;
    const workflow = new WorkflowBuilder("Long", hanging).build();
    const called = callStoppably(workflow, { ...delivery, call, timeoutMs: 40 * DAY_MS }, host);
    void called.then((ended) => {
      outcome = ended;
    });
    await vi.advanceTimersByTimeAsync(39 * DAY_MS);
    expect(outcome).toBeUndefined();
    await vi.advanceTimersByTimeAsync(DAY_MS);
    expect((await called).result).toMatchObject({ status: "failed", error: { code: "EXECUTOR_TIMED_OUT" } });
  } finally {
    vi.useRealTimers();
  }
});

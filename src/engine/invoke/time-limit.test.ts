import { expect, it } from "vitest";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import type { Delivery } from "../../wire/delivery.ts";
import type { OutcomeResult } from "../../wire/outcome.ts";
import { withinFrames, withinLimit } from "./time-limit.ts";

const delivery = { executorId: "Slow", callKey: "Slow-1-1", attempt: 2, timeoutMs: 100 } as Delivery;

function surroundings() {
  const clock = new ManualClock();
  const late: Delivery[] = [];
  const run = new AbortController();
  const environment = {
    signal: run.signal,
    nowMs: () => clock.nowMs(),
    setTimer: (delayMs: number, wake: () => void) => clock.setTimer(delayMs, wake),
    lateResult: (one: Delivery) => late.push(one),
  };
  return { clock, late, run, environment };
}

function start(call: (signal: AbortSignal) => Promise<string>) {
  const { environment, ...around } = surroundings();
  return { ...around, result: withinLimit(delivery, environment, call) };
}

it("a call that answers in time leaves no timer behind", async () => {
  const { clock, result } = start(async () => "done");
  expect(await result).toBe("done");
  await undefined;
  expect(clock.timers).toBe(0);
});

it("a call that takes too long is aborted and fails at once; what it still answers is told", async () => {
  let finish = (_text: string) => {};
  let seen: AbortSignal | undefined;
  const { clock, late, result } = start((signal) => {
    seen = signal;
    return new Promise((resolve) => {
      finish = resolve;
    });
  });
  const failure = expect(result).rejects.toMatchObject({ code: "EXECUTOR_TIMED_OUT", retryable: true });
  clock.advance(100);
  await failure;
  expect(seen?.aborted).toBe(true);
  expect(seen?.reason).toMatchObject({ code: "EXECUTOR_TIMED_OUT" });
  expect(late).toEqual([]);
  finish("late");
  await new Promise((resolve) => setImmediate(resolve));
  expect(late).toMatchObject([{ callKey: "Slow-1-1", attempt: 2 }]);
});

it("a call that fails because it was aborted is not late", async () => {
  const { clock, late, result } = start(
    (signal) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  const failure = expect(result).rejects.toMatchObject({ code: "EXECUTOR_TIMED_OUT" });
  clock.advance(100);
  await failure;
  await new Promise((resolve) => setImmediate(resolve));
  expect(late).toEqual([]);
});

it("the signal of the run aborts a call with a limit too", async () => {
  const { run, result } = start(
    (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve("stopped"))),
  );
  run.abort();
  expect(await result).toBe("stopped");
});

it("a call without a limit gets the signal of the run itself", async () => {
  const { timeoutMs: _none, ...unlimited } = delivery;
  const { signal } = new AbortController();
  const environment = { signal, nowMs: () => 0, setTimer: () => expect.fail("no timer"), lateResult: () => {} };
  expect(await withinLimit(unlimited as Delivery, environment, async (given) => given === signal)).toBe(true);
});

const turn = () => new Promise((resolve) => setImmediate(resolve));
const COMPLETED: OutcomeResult = {
  status: "completed",
  messages: [],
  yielded: [],
  writes: {},
  emitted: [],
  haltRequested: false,
};

/** A call in a frame, which ends when it is told to. */
function startInFrame(limits: Pick<Delivery, "frameDeadlineAtMs" | "frameTimeoutMs">, stopsAtSignal = false) {
  const { environment, clock, late } = surroundings();
  const inFrame = { executorId: "Slow", callKey: "Child~1~Slow-2-1", attempt: 1, frame: "Child~1", ...limits };
  let finish = () => {};
  const result = withinFrames(inFrame as Delivery, environment, ({ signal }) => {
    return new Promise<OutcomeResult>((resolve) => {
      finish = () => resolve(COMPLETED);
      if (stopsAtSignal) signal.addEventListener("abort", finish);
    });
  });
  return { clock, late, result, startMs: clock.nowMs(), finish: () => finish() };
}

it.each([[{ frameTimeoutMs: 100 }], [{ frameTimeoutMs: 100, frameDeadlineAtMs: Number.MAX_SAFE_INTEGER }]])(
  "a call is given up when the time of a sub-workflow around it is over, and what it still answers is told: %j",
  async (limits) => {
    const { clock, late, result, finish } = startInFrame(limits);
    clock.advance(100);
    expect(await result).toMatchObject({
      status: "failed",
      error: { code: "EXECUTOR_ABORTED", executorId: "Slow", retryable: false },
    });
    expect(late).toEqual([]);
    finish();
    await turn();
    expect(late).toMatchObject([{ callKey: "Child~1~Slow-2-1" }]);
  },
);

it("a deadline that comes before a limit which begins with the call counts", async () => {
  const { clock, result, startMs } = startInFrame({
    frameTimeoutMs: 100,
    frameDeadlineAtMs: surroundings().clock.nowMs() + 30,
  });
  clock.advance(30);
  expect(await result).toMatchObject({ status: "failed" });
  expect(clock.nowMs() - startMs).toBe(30);
});

it("a call in a frame that stops at its signal answers for itself, and is not late", async () => {
  const { clock, late, result } = startInFrame({ frameTimeoutMs: 100 }, true);
  clock.advance(100);
  expect(await result).toEqual(COMPLETED);
  await turn();
  expect(late).toEqual([]);
});

it("a call in a frame that ends in time leaves no timer behind", async () => {
  const { clock, result, finish } = startInFrame({ frameTimeoutMs: 100 });
  finish();
  expect(await result).toEqual(COMPLETED);
  await undefined;
  expect(clock.timers).toBe(0);
});

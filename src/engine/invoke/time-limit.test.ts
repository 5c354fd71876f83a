import { expect, it } from "vitest";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import type { Delivery } from "../../wire/delivery.ts";
import { withinLimit } from "./time-limit.ts";

const delivery = { executorId: "Slow", callKey: "Slow-1-1", attempt: 2, timeoutMs: 100 } as Delivery;

function start(call: (signal: AbortSignal) => Promise<string>) {
  const clock = new ManualClock();
  const late: Delivery[] = [];
  const run = new AbortController();
  const environment = {
    signal: run.signal,
    nowMs: () => clock.nowMs(),
    setTimer: (delayMs: number, wake: () => void) => clock.setTimer(delayMs, wake),
    lateResult: (one: Delivery) => late.push(one),
  };
  return { clock, late, run, result: withinLimit(delivery, environment, call) };
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

import { expect, it } from "vitest";
import { manualEnvironment } from "../../../test/support/manual-environment.ts";
import { TimerQueue } from "./timer-queue.ts";

function timers() {
  const environment = manualEnvironment();
  const startMs = environment.nowMs();
  const fired: (readonly number[])[] = [];
  const queue = new TimerQueue(environment, (due) => fired.push(due.map(({ seq }) => seq)));
  const add = (seq: number, afterMs: number): void =>
    queue.add({ key: 1, seq, executionId: "e", timerId: seq, fireAtMs: startMs + afterMs });
  return { environment, queue, fired, add };
}

it("fires in the order of time, those of one time in the order of their making", async () => {
  const { environment, fired, add } = timers();
  const order = [70, 20, 50, 20, 90, 10, 60, 20];
  for (const [index, afterMs] of order.entries()) add(index, afterMs);
  await environment.advance(100);
  expect(fired.flat()).toEqual([5, 1, 3, 7, 2, 6, 0, 4]);
});

it("wakes up once, for the earliest, and for the next only when that has fired", async () => {
  const { environment, add } = timers();
  for (let seq = 0; seq < 100; seq += 1) add(seq, 1000 + seq);
  add(100, 500);
  expect(environment.waitingMs).toEqual([500]);
  await environment.advance(500);
  expect(environment.waitingMs).toEqual([500]);
});

it("looks at the clock every minute while it waits for a far time, so that a clock set forward is seen", async () => {
  const { environment, fired, add } = timers();
  add(1, 30 * 86_400_000);
  expect(environment.waitingMs).toEqual([60_000]);
  environment.setNow(environment.nowMs() + 31 * 86_400_000);
  await environment.advance(60_000);
  expect(fired).toEqual([[1]]);
});

it("does not fire what was removed, also among thousands", async () => {
  const { environment, queue, fired, add } = timers();
  for (let seq = 0; seq < 3000; seq += 1) add(seq, 3000 - seq);
  for (let seq = 0; seq < 3000; seq += 1) if (seq % 1000 !== 0) queue.remove(seq);
  expect(queue.of(1)).toEqual([0, 1000, 2000]);
  await environment.advance(3000);
  expect(fired.flat()).toEqual([2000, 1000, 0]);
});

it("fires nothing after it was stopped", async () => {
  const { environment, queue, fired, add } = timers();
  add(1, 10);
  queue.stop();
  await environment.advance(100);
  expect(fired).toEqual([]);
});

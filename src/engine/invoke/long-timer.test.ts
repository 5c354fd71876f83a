import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { setLongTimer } from "./long-timer.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const DAY_MS = 24 * 60 * 60 * 1_000;

it("waits longer than one timer of Node can", () => {
  const wake = vi.fn();
  setLongTimer(40 * DAY_MS, wake);
  vi.advanceTimersByTime(39 * DAY_MS);
  expect(wake).not.toHaveBeenCalled();
  vi.advanceTimersByTime(DAY_MS);
  expect(wake).toHaveBeenCalledOnce();
});

it.each([0, 30 * DAY_MS])("takes a timer back, %i ms after it was set", (afterMs) => {
  const wake = vi.fn();
  const takeBack = setLongTimer(40 * DAY_MS, wake);
  vi.advanceTimersByTime(afterMs);
  takeBack();
  vi.advanceTimersByTime(40 * DAY_MS);
  expect(wake).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

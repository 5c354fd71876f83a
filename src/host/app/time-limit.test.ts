import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withinTimeLimit } from "./time-limit.ts";

describe("the time limit of a function", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("gives up a call that takes longer, in the words of the Functions host", async () => {
    const call = withinTimeLimit(new Promise(() => {}), "slow", 90_000);
    const failed = expect(call).rejects.toThrow("Timeout value of 00:01:30 was exceeded by function: slow");
    await vi.advanceTimersByTimeAsync(90_000);
    await failed;
  });

  it("leaves a call alone that ends in time, and no timer behind", async () => {
    expect(await withinTimeLimit(Promise.resolve(7), "fast", 90_000)).toBe(7);
    await expect(withinTimeLimit(Promise.reject(new Error("its own")), "fast", 90_000)).rejects.toThrow("its own");
    expect(vi.getTimerCount()).toBe(0);
  });
});

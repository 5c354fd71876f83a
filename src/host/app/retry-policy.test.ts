import { describe, expect, it } from "vitest";
import { callWithRetries, type RetryContext } from "./retry-policy.ts";

const FIXED = { retryStrategy: "fixedDelay", maxRetryCount: 2, delayInterval: { seconds: 5 } };
const GROWING = {
  ...{ retryStrategy: "exponentialBackoff", maxRetryCount: 4 },
  ...{ minimumInterval: { seconds: 2 }, maximumInterval: { seconds: 9 } },
};

/** A call that fails so many times, with what it was told and how long was waited. */
function attempts(failures: number) {
  const contexts: (RetryContext | null)[] = [];
  const waits: number[] = [];
  const call = async (context: RetryContext | null) => {
    contexts.push(context);
    if (contexts.length <= failures) throw new Error(`failure ${contexts.length}`);
    return "done";
  };
  const wait = async (delayMs: number) => {
    waits.push(delayMs);
    return true;
  };
  return { contexts, waits, call, wait };
}

describe("a function with retries", () => {
  it("is tried again after the same time each, until it succeeds, and knows of the failure before", async () => {
    const { call, wait, waits, contexts } = attempts(2);
    expect(await callWithRetries(FIXED, call, wait)).toBe("done");
    expect(waits).toEqual([5_000, 5_000]);
    expect(contexts).toMatchObject([
      { retryCount: 0, maxRetryCount: 2 },
      { retryCount: 1, maxRetryCount: 2, exception: { message: "failure 1" } },
      { retryCount: 2, maxRetryCount: 2, exception: { message: "failure 2" } },
    ]);
  });

  it("fails with its last failure when the retries are used up", async () => {
    const { call, wait } = attempts(3);
    await expect(callWithRetries(FIXED, call, wait)).rejects.toThrow("failure 3");
  });

  it("waits longer each time, up to the longest interval", async () => {
    const { call, wait, waits } = attempts(4);
    await callWithRetries(GROWING, call, wait);
    expect(waits).toEqual([2_000, 4_000, 8_000, 9_000]);
  });

  it("fails with its failure when the host stops while it waits", async () => {
    const { call, contexts } = attempts(1);
    await expect(callWithRetries(FIXED, call, async () => false)).rejects.toThrow("failure 1");
    expect(contexts).toHaveLength(1);
  });

  it("may be tried for ever", async () => {
    const { call, wait, waits } = attempts(50);
    await callWithRetries({ ...FIXED, maxRetryCount: -1 }, call, wait);
    expect(waits).toHaveLength(50);
  });
});

it.each([undefined, null, {}, { retryStrategy: "sometimes" }])(
  "a function with %j for retries is called once",
  async (options) => {
    const { call, wait, contexts } = attempts(1);
    await expect(callWithRetries(options, call, wait)).rejects.toThrow("failure 1");
    expect(contexts).toEqual([null]);
  },
);

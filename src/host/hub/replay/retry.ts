import type { Action } from "./answer.ts";
import { Deferred } from "./deferred.ts";
import type { ReplayContext } from "./replay-context.ts";
import { ReplayFailure } from "./replay-failure.ts";

export interface RetryOptions {
  readonly firstDelayMs: number;
  readonly maxAttempts: number;
  readonly backoff: number;
  readonly maxDelayMs: number;
  /** No new attempt once this much time has passed since the first. */
  readonly timeoutMs: number;
}

/** @param longestDelayMs - the provider's longest timer, which a delay may not exceed */
export function readRetryOptions(action: Action, longestDelayMs: number): RetryOptions {
  const options = action.retryOptions as Readonly<Record<string, unknown>> | null | undefined;
  const number = (field: string, otherwise: number): number => {
    const value = options?.[field];
    return typeof value === "number" ? value : otherwise;
  };
  const read = {
    firstDelayMs: number("firstRetryIntervalInMilliseconds", Number.NaN),
    maxAttempts: number("maxNumberOfAttempts", Number.NaN),
    backoff: number("backoffCoefficient", 1),
    maxDelayMs: number("maxRetryIntervalInMilliseconds", longestDelayMs),
    timeoutMs: number("retryTimeoutInMilliseconds", Number.POSITIVE_INFINITY),
  };
  if (!(read.firstDelayMs > 0) || !(read.maxAttempts >= 1)) {
    throw new ReplayFailure("Retry options need a first interval above 0 and at least one attempt.");
  }
  if (read.firstDelayMs > longestDelayMs || read.maxDelayMs > longestDelayMs) {
    throw new ReplayFailure(
      `A retry interval is longer than the longest timer (${longestDelayMs} ms). On Azure the instance would hang.`,
    );
  }
  return read;
}

/**
 * Calls until one call succeeds or the attempts are used up. After the last failed attempt comes one more timer that
 * fires at once: histories of old carry it, so both sides expect it for ever.
 *
 * @param timeIsUp - called when no attempt is made because of the time-out; the SDK waits for a timer then, for ever
 */
export function callWithRetry(
  context: ReplayContext,
  options: RetryOptions,
  call: () => Deferred,
  timeIsUp: () => void,
): Deferred {
  const outcome = new Deferred();
  const firstAttemptMs = context.nowMs;
  const attempt = (number: number): void => {
    call().follow((task) => {
      if (!task.hasFailed) return outcome.settle("succeeded");
      if (number === options.maxAttempts) {
        return context.createTimer(context.nowMs).follow(() => outcome.settle("failed"));
      }
      if (context.nowMs - firstAttemptMs >= options.timeoutMs) {
        timeIsUp();
        return outcome.settle("failed");
      }
      const delayMs = Math.min(options.firstDelayMs * options.backoff ** (number - 1), options.maxDelayMs);
      context.createTimer(context.nowMs + delayMs).follow(() => attempt(number + 1));
    });
  };
  attempt(1);
  return outcome;
}

import type { Delivery } from "../wire/delivery.ts";
import type { Outcome } from "../wire/outcome.ts";
import { errorOf } from "./draft.ts";

/** What stands for the outcome of a call whose handler did not stop when its run was cancelled, or out of time. */
export function abortedOutcome({ executorId, callKey, superstep, attempt }: Delivery, nowMs: number): Outcome {
  const error = errorOf(
    "EXECUTOR_ABORTED",
    `Executor "${executorId}" was still at call ${callKey} when its run ended.`,
    "Let its handler stop at context.signal.",
  );
  const result = { status: "failed", error: { ...error, executorId } } as const;
  return { executorId, callKey, superstep, attempt, startedAtMs: nowMs, endedAtMs: nowMs, result };
}

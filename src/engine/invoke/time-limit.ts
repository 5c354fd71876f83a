import { WorkflowError } from "../../errors.ts";
import type { Delivery } from "../../wire/delivery.ts";
import type { OutcomeResult } from "../../wire/outcome.ts";
import { atTime } from "./at-time.ts";
import type { InvokeEnvironment } from "./environment.ts";
import { refusalDataOf } from "./thrown.ts";

/**
 * Calls user code for at most the `timeoutMs` of its delivery. When that is over, its signal is aborted and the call fails at
 * once; what user code still answers is told to `environment.lateResult`.
 *
 * @throws {WorkflowError} `EXECUTOR_TIMED_OUT`
 */
export function withinLimit<Result>(
  delivery: Delivery,
  environment: InvokeEnvironment,
  call: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { timeoutMs } = delivery;
  if (timeoutMs === undefined) return call(environment.signal);
  const limit = new AbortController();
  return new Promise((resolve, reject) => {
    const stopTimer = environment.setTimer(timeoutMs, () => {
      const error = timedOut(delivery, timeoutMs);
      limit.abort(error);
      reject(error);
    });
    const answered = (result: Result) => {
      if (limit.signal.aborted) environment.lateResult(delivery);
      resolve(result);
    };
    call(AbortSignal.any([environment.signal, limit.signal]))
      .then(answered, reject)
      .finally(stopTimer);
  });
}

/**
 * Calls user code for as long as the sub-workflows around it may take. When the time of one of them is over, the signal is
 * aborted, and a turn later nobody waits any more: a handler that stops at its signal still answers for itself. What comes
 * after that is told to `environment.lateResult`.
 */
export function withinFrames(
  delivery: Delivery,
  environment: InvokeEnvironment,
  call: (environment: InvokeEnvironment) => Promise<OutcomeResult>,
): Promise<OutcomeResult> {
  const { frameDeadlineAtMs: firstMs = Number.POSITIVE_INFINITY, frameTimeoutMs } = delivery;
  const deadlineAtMs = frameTimeoutMs === undefined ? firstMs : Math.min(firstMs, environment.nowMs() + frameTimeoutMs);
  if (deadlineAtMs === Number.POSITIVE_INFINITY) return call(environment);
  const limit = new AbortController();
  const signal = AbortSignal.any([environment.signal, limit.signal]);
  return new Promise((resolve, reject) => {
    let isGivenUp = false;
    const giveUp = () => {
      isGivenUp = true;
      resolve({ status: "failed", error: refusalDataOf(abortedByFrame(delivery), delivery.executorId) });
    };
    const stopTimer = atTime(deadlineAtMs, environment, () => {
      limit.abort();
      setImmediate(giveUp);
    });
    const answered = (result: OutcomeResult) => {
      if (isGivenUp && result.status !== "failed") environment.lateResult(delivery);
      resolve(result);
    };
    call({ ...environment, signal })
      .then(answered, reject)
      .finally(stopTimer);
  });
}

function abortedByFrame({ executorId, callKey, frame }: Delivery): WorkflowError {
  return new WorkflowError(
    "EXECUTOR_ABORTED",
    `Executor "${executorId}" was still at call ${callKey} when the time of its sub-workflow was over, in frame "${frame}".`,
    "Let its handler stop at context.signal, or raise withTimeout.",
  );
}

function timedOut({ executorId, callKey, attempt }: Delivery, timeoutMs: number): WorkflowError {
  return new WorkflowError(
    "EXECUTOR_TIMED_OUT",
    `Attempt ${attempt} at call ${callKey} of executor "${executorId}" took longer than ${timeoutMs} ms.`,
    "Raise timeoutMs, or look at what the handler waits for.",
  );
}

import { WorkflowError } from "../../errors.ts";
import type { Delivery } from "../../wire/delivery.ts";
import type { InvokeEnvironment } from "./environment.ts";

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

function timedOut({ executorId, callKey, attempt }: Delivery, timeoutMs: number): WorkflowError {
  return new WorkflowError(
    "EXECUTOR_TIMED_OUT",
    `Attempt ${attempt} at call ${callKey} of executor "${executorId}" took longer than ${timeoutMs} ms.`,
    "Raise timeoutMs, or look at what the handler waits for.",
  );
}

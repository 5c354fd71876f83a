import type { GraphNode } from "../../graph/runtime.ts";
import type { Delivery } from "../../wire/delivery.ts";
import type { ErrorData } from "../../wire/error-data.ts";
import type { OutcomeResult } from "../../wire/outcome.ts";
import { retryAfterMsOf } from "./retry-after.ts";
import { errorDataOf, read } from "./thrown.ts";

type Failed = Extract<OutcomeResult, { status: "failed" }>;

/** What a call threw, as its outcome; with the answer of `retryOn`, where the run's plan asks for it. */
export async function failureOf(
  node: GraphNode,
  thrown: unknown,
  { executorId, asksRetry }: Delivery,
  clock: { nowMs(): number },
): Promise<Failed> {
  const retryAfterMs = retryAfterMsOf(thrown, clock);
  const error = { ...dataOf(thrown, executorId), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  // By name: an error may come from another copy of this library.
  if (read(thrown, "name") === "NonRetryableError") return { status: "failed", error, mayRetry: false };
  const retryOn = asksRetry && node.kind === "executor" ? node.retry?.retryOn : undefined;
  return typeof retryOn === "function" ? asked(retryOn, error) : { status: "failed", error };
}

/** A handler that throws "not deployed" (from a run of its own, say) has failed: it must not be called again for free. */
function dataOf(thrown: unknown, executorId: string): ErrorData {
  const data = errorDataOf(thrown, executorId, "HANDLER_FAILED");
  return data.code === "EXECUTOR_NOT_DEPLOYED" ? { ...data, code: "HANDLER_FAILED" } : data;
}

/** What `retryOn` throws must not hide why the call failed: it stands behind the causes, and there is no further attempt. */
async function asked(retryOn: (error: ErrorData) => unknown, error: ErrorData): Promise<Failed> {
  try {
    return { status: "failed", error, mayRetry: Boolean(await retryOn(error)) };
  } catch (thrown) {
    const { name, message } = errorDataOf(thrown, error.executorId ?? "", "HANDLER_FAILED");
    const causes = [...error.causes, { name, message: `retryOn threw as well: ${message.slice(0, 1_000)}` }];
    return { status: "failed", error: { ...error, causes }, mayRetry: false };
  }
}

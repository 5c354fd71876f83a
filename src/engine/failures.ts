import type { ErrorData } from "../wire/error-data.ts";
import type { Outcome } from "../wire/outcome.ts";
import { count, type Draft, enqueue, fail, type InFlight, record } from "./draft.ts";
import { closeRequest, findRequest } from "./requests.ts";

/** A call that has failed for good: its error edges take the failure, else the first one of a superstep fails the run. */
export function applyFailed(
  draft: Draft,
  item: Exclude<InFlight, { kind: "compensation" }>,
  { startedAtMs, endedAtMs, usage }: Pick<Outcome, "startedAtMs" | "endedAtMs" | "usage">,
  error: ErrorData,
): void {
  const { to: executorId, callKey, attempt } = item;
  const durationMs = endedAtMs - startedAtMs;
  const used = usage && { usage };
  record(draft, { type: "executorFailed", executorId, callKey, attempt, durationMs, ...used, error });
  count(draft, executorId, "failed");
  const inputJson = item.kind === "response" ? closeFailed(draft, item.requestId) : item.valueJson;
  sendFailure(draft, executorId, inputJson, error);
}

/** A response that could not be sent on has used up its request all the same. */
function closeFailed(draft: Draft, requestId: string): string {
  const requestJson = findRequest(draft.state, requestId)?.requestJson ?? "null";
  closeRequest(draft, requestId);
  return requestJson;
}

/** Sends a failure along the error edges of an executor; without one it fails the run. */
export function sendFailure(draft: Draft, executorId: string, inputJson: string, error: ErrorData): void {
  const edges = draft.index.errorEdges.get(executorId) ?? [];
  if (edges.length === 0) fail(draft, error);
  const { stack: _stack, ...data } = error;
  const valueJson = `{"executorId":${JSON.stringify(executorId)},"input":${inputJson},"error":${JSON.stringify(data)}}`;
  for (const { to } of edges) enqueue(draft, { to, from: executorId, valueJson });
}

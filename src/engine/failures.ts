import type { ErrorData } from "../wire/error-data.ts";
import type { Outcome } from "../wire/outcome.ts";
import { count, type Draft, type InFlight, inFrame, record } from "./draft.ts";
import { closeRequest, findRequest } from "./requests.ts";
import { errorAt, sendFailure } from "./results.ts";

/** A call that has failed for good. */
export function applyFailed(
  draft: Draft,
  item: Exclude<InFlight, { kind: "compensation" }>,
  { startedAtMs, endedAtMs, usage }: Pick<Outcome, "startedAtMs" | "endedAtMs" | "usage">,
  failure: ErrorData,
): void {
  const { to: executorId, callKey, attempt, frame } = item;
  const error = errorAt(item, executorId, failure);
  const call = { ...inFrame(frame), executorId, callKey, attempt, durationMs: endedAtMs - startedAtMs };
  record(draft, { type: "executorFailed", ...call, ...(usage && { usage }), error });
  count(draft, item, executorId, "failed");
  if (item.kind === "message") {
    sendFailure(draft, item, executorId, item.valueJson, error);
    return;
  }
  // A response that could not be sent on has used up its request all the same.
  const request = findRequest(draft.state, item.requestId);
  closeRequest(draft, item.requestId);
  sendFailure(draft, request ?? item, executorId, request?.requestJson ?? "null", error);
}

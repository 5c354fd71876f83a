import type { OpenRequest, RunState } from "../wire/run-state.ts";
import { count, type Draft, enqueue, errorOf, indexIn, inFrame, record } from "./draft.ts";
import { closeRequest, queueResponse } from "./requests.ts";
import { errorAt, sendFailure } from "./results.ts";

/**
 * Requests that nobody answers in time. A response that is on its way to the port holds the timeout off: if it fits, it has
 * won, and if not, the timeout comes after it. Once a request has timed out, every response to it is ignored.
 */

/** When the next open request times out. */
export function nextDeadline({ requests }: RunState): number {
  return requests.reduce(
    (next, { isAnswering, deadlineAtMs = Number.POSITIVE_INFINITY }) =>
      isAnswering ? next : Math.min(next, deadlineAtMs),
    Number.POSITIVE_INFINITY,
  );
}

export function timeOutRequests(draft: Draft): void {
  const due = draft.state.requests.filter(
    ({ isAnswering, deadlineAtMs = Number.POSITIVE_INFINITY }) => !isAnswering && deadlineAtMs <= draft.nowMs,
  );
  for (const request of due) timeOut(draft, request);
}

function timeOut(draft: Draft, request: OpenRequest): void {
  const port = indexIn(draft, request.frame).executors.get(request.port);
  const { respondWithJson, escalateTo } = port?.requestTimeout ?? {};
  if (respondWithJson !== undefined) {
    tell(draft, request, "response");
    queueResponse(draft, request, respondWithJson, { isTimeout: true });
  } else if (escalateTo !== undefined) escalate(draft, request, escalateTo);
  else failRequest(draft, request);
}

/** The port's own call is done: what becomes of the request is the next port's affair, and so is the place in a map. */
function escalate(draft: Draft, request: OpenRequest, to: string): void {
  const { frame, item, port: from, requestJson: valueJson } = request;
  tell(draft, request, "escalation");
  closeRequest(draft, request.requestId);
  count(draft, request, from, "completed");
  enqueue(draft, { frame, item, to, from, valueJson });
}

export function failRequest(draft: Draft, request: OpenRequest): void {
  const { requestId, port, requestJson, openedAtMs, deadlineAtMs = openedAtMs } = request;
  tell(draft, request, "failure");
  closeRequest(draft, requestId);
  count(draft, request, port, "failed");
  const whatIsWrong = `Nobody answered request "${requestId}" of port "${port}" within ${deadlineAtMs - openedAtMs} ms.`;
  const whatToDo = "Give the port more time, a response of its own, or an error edge.";
  const error = errorAt(request, port, errorOf("REQUEST_TIMED_OUT", whatIsWrong, whatToDo));
  sendFailure(draft, request, port, requestJson, error);
}

function tell(
  draft: Draft,
  { frame, port, requestId }: OpenRequest,
  followedBy: "response" | "escalation" | "failure",
): void {
  record(draft, { type: "requestTimedOut", ...inFrame(frame), executorId: port, requestId, followedBy });
}

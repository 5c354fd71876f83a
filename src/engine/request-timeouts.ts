import type { OpenRequest, RunState } from "../wire/run-state.ts";
import { count, type Draft, enqueue, errorOf, record } from "./draft.ts";
import { sendFailure } from "./failures.ts";
import { closeRequest, queueResponse } from "./requests.ts";

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
  const { respondWithJson, escalateTo } = draft.index.executors.get(request.port)?.requestTimeout ?? {};
  if (respondWithJson !== undefined) {
    tell(draft, request, "response");
    queueResponse(draft, request, respondWithJson, { isTimeout: true });
  } else if (escalateTo !== undefined) escalate(draft, request, escalateTo);
  else failRequest(draft, request);
}

/** The port's own call is done: what becomes of the request is the next port's affair. */
function escalate(draft: Draft, request: OpenRequest, to: string): void {
  tell(draft, request, "escalation");
  closeRequest(draft, request.requestId);
  count(draft, request.port, "completed");
  enqueue(draft, { to, from: request.port, valueJson: request.requestJson });
}

export function failRequest(draft: Draft, request: OpenRequest): void {
  const { requestId, port, requestJson, openedAtMs, deadlineAtMs = openedAtMs } = request;
  tell(draft, request, "failure");
  closeRequest(draft, requestId);
  count(draft, port, "failed");
  const whatIsWrong = `Nobody answered request "${requestId}" of port "${port}" within ${deadlineAtMs - openedAtMs} ms.`;
  const whatToDo = "Give the port more time, a response of its own, or an error edge.";
  sendFailure(draft, port, requestJson, { ...errorOf("REQUEST_TIMED_OUT", whatIsWrong, whatToDo), executorId: port });
}

function tell(draft: Draft, { port, requestId }: OpenRequest, followedBy: "response" | "escalation" | "failure"): void {
  record(draft, { type: "requestTimedOut", executorId: port, requestId, followedBy });
}

import { sha256 } from "../wire/json.ts";
import type { OpenRequest, Queued, RunState } from "../wire/run-state.ts";
import { charsOf, type Draft, owned, record, replace } from "./draft.ts";

/**
 * Port requests. A request is open from the outcome of its port's first call to the response that fits. Responses go to
 * the port one at a time, in the order in which they came: a further one is kept until the one before it has been looked
 * at, so a valid answer behind an invalid one is not lost, and one behind a valid answer is ignored.
 */

const HASH_CHARS = 8;

export function findRequest(state: RunState, requestId: string): OpenRequest | undefined {
  return state.requests.find((request) => request.requestId === requestId);
}

export function openRequest(draft: Draft, port: string, requestJson: string): void {
  const { state, nowMs } = draft;
  state.requestsOpened += 1;
  const requestId = requestIdOf(state, port);
  owned(draft, "requests").push({
    requestId,
    port,
    requestJson,
    openedAtMs: nowMs,
    superstep: state.superstep,
    isAnswering: false,
  });
  state.chars += requestJson.length;
  record(draft, { type: "requestOpened", executorId: port, requestId, request: requestJson });
}

/** Nobody can know the id before the request is open: its last part comes from the seed of the run. */
function requestIdOf({ seed, runId, requestsOpened }: RunState, port: string): string {
  const hash = sha256(JSON.stringify([seed, runId, requestsOpened])).slice(0, HASH_CHARS);
  return `${port.toLowerCase()}-${requestsOpened}-${hash}`;
}

/** Takes a response in: the port's next call will say whether it fits. */
export function takeResponse(draft: Draft, requestId: string, responseJson: string): void {
  const request = findRequest(draft.state, requestId);
  if (!request) {
    record(draft, { type: "responseIgnored", requestId });
    return;
  }
  const { superstep: sentIn } = draft.state;
  owned(draft, "queue").push({ kind: "response", to: request.port, requestId, responseJson, sentIn, attempt: 1 });
  draft.state.chars += responseJson.length;
  setAnswering(draft, requestId, true);
}

/** Closes an answered request. Further responses to it are ignored. */
export function closeRequest(draft: Draft, requestId: string): void {
  const { requests, queue, delayed } = draft.state;
  draft.state.chars -= findRequest(draft.state, requestId)?.requestJson.length ?? 0;
  replace(
    draft,
    "requests",
    requests.filter((request) => request.requestId !== requestId),
  );
  const isFor = (item: Queued) => item.kind === "response" && item.requestId === requestId;
  const late = [...queue, ...delayed.map(({ item }) => item)].filter(isFor);
  if (late.length === 0) return;
  replace(
    draft,
    "queue",
    queue.filter((item) => !isFor(item)),
  );
  replace(
    draft,
    "delayed",
    delayed.filter(({ item }) => !isFor(item)),
  );
  for (const item of late) {
    draft.state.chars -= charsOf(item);
    record(draft, { type: "responseIgnored", requestId });
  }
}

/** After a response that did not fit: is another one on its way? */
export function goOnWaiting(draft: Draft, requestId: string): void {
  const { queue, delayed } = draft.state;
  const isFor = (item: Queued) => item.kind === "response" && item.requestId === requestId;
  setAnswering(draft, requestId, queue.some(isFor) || delayed.some(({ item }) => isFor(item)));
}

function setAnswering(draft: Draft, requestId: string, isAnswering: boolean): void {
  replace(
    draft,
    "requests",
    draft.state.requests.map((one) => (one.requestId === requestId ? { ...one, isAnswering } : one)),
  );
}

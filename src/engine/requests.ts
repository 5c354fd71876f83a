import { TOP, within } from "../wire/frame-path.ts";
import { sha256 } from "../wire/json.ts";
import type { Address, OpenRequest, Queued, QueuedCall, RunState } from "../wire/run-state.ts";
import { charsOf, type Draft, indexIn, inFrame, owned, record, replace } from "./draft.ts";

/**
 * Port requests. A request is open from the outcome of its port's first call to the response that fits. Responses go to
 * the port one at a time, in the order in which they came: a further one is kept until the one before it has been looked
 * at, so a valid answer behind an invalid one is not lost, and one behind a valid answer is ignored.
 */

const HASH_CHARS = 8;

export function findRequest(state: RunState, requestId: string): OpenRequest | undefined {
  return state.requests.find((request) => request.requestId === requestId);
}

/** @param openedAtMs - the recorded end of the call that asks: every reader of the run finds the same deadline */
export function openRequest(
  draft: Draft,
  { frame, item }: Address,
  port: string,
  requestJson: string,
  openedAtMs: number,
): void {
  const { state } = draft;
  state.requestsOpened += 1;
  const requestId = requestIdOf(state, within(frame ?? TOP, port));
  const timeout = indexIn(draft, frame).executors.get(port)?.requestTimeout;
  owned(draft, "requests").push({
    ...inFrame(frame),
    ...(item && { item }),
    requestId,
    port,
    requestJson,
    openedAtMs,
    ...(timeout && { deadlineAtMs: openedAtMs + timeout.afterMs }),
    superstep: state.superstep,
    isAnswering: false,
  });
  state.chars += requestJson.length;
  record(draft, { type: "requestOpened", ...inFrame(frame), executorId: port, requestId, request: requestJson });
}

/**
 * Nobody can know the id before the request is open: its last part comes from the seed of the run. It is lower case, since it
 * is part of an event's name.
 *
 * @param place - the port, behind the path of its frame: `Child~1~Approval`
 */
function requestIdOf(state: RunState, place: string): string {
  const { requestsOpened } = state;
  return `${place.toLowerCase()}-${requestsOpened}-${hashOf(state, requestsOpened)}`;
}

function hashOf({ seed, runId }: RunState, number: number): string {
  return sha256(JSON.stringify([seed, runId, number])).slice(0, HASH_CHARS);
}

/**
 * Whether the run ever opened a request of this id, also one that was closed long ago: of these nothing is left in the
 * state, but their ids could not be known otherwise.
 *
 * @param port - of which the request has to be, if it is given
 */
export function wasRequestOpened(state: RunState, requestId: string, port?: string): boolean {
  const {
    place = "",
    number,
    hash,
  } = /^(?<place>.*)-(?<number>[1-9]\d{0,8})-(?<hash>[^-]*)$/.exec(requestId)?.groups ?? {};
  if (number === undefined || Number(number) > state.requestsOpened) return false;
  return hash === hashOf(state, Number(number)) && (port === undefined || place.endsWith(port.toLowerCase()));
}

/** Takes a response in: the port's next call will say whether it fits. */
export function takeResponse(draft: Draft, requestId: string, responseJson: string): void {
  const request = findRequest(draft.state, requestId);
  if (!request) {
    record(draft, { type: "responseIgnored", requestId });
    return;
  }
  queueResponse(draft, request, responseJson);
}

/** Queues a response for the port of an open request, which asks for nothing until the port has looked at it. */
export function queueResponse(
  draft: Draft,
  { requestId, port, frame }: OpenRequest,
  responseJson: string,
  more: { readonly isTimeout?: true } = {},
): void {
  const { superstep: sentIn } = draft.state;
  const item = { kind: "response", to: port, requestId, responseJson, sentIn, attempt: 1, ...more } as const;
  owned(draft, "queue").push({ ...item, ...inFrame(frame) });
  draft.state.chars += responseJson.length;
  setAnswering(draft, requestId, true);
}

/** Closes an answered request. Further responses to it are ignored. */
export function closeRequest(draft: Draft, requestId: string): void {
  const { queue, delayed } = draft.state;
  const requests = owned(draft, "requests");
  const place = requests.findIndex((request) => request.requestId === requestId);
  if (place >= 0) for (const { requestJson } of requests.splice(place, 1)) draft.state.chars -= requestJson.length;
  const isFor = (item: Queued) => item.kind === "response" && item.requestId === requestId;
  if (!queue.some(isFor) && !delayed.some(({ item }) => isFor(item))) return;
  const isLate = (item: Queued): item is QueuedCall => isFor(item);
  const late = [...queue, ...delayed.map(({ item }) => item)].filter(isLate);
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
  const requests = owned(draft, "requests");
  const place = requests.findIndex((one) => one.requestId === requestId);
  const request = requests[place];
  if (request) requests[place] = { ...request, isAnswering };
}

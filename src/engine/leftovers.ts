import { isWithin, TOP } from "../wire/frame-path.ts";
import type { Address, Frame, OpenRequest, Queued, QueuedCall } from "../wire/run-state.ts";
import { charsOf, count, type Draft, indexIn, inFrame, owned, record, replace, scopeOf } from "./draft.ts";
import { type DropReason, drop } from "./drop.ts";
import { keptChars, releaseHeld } from "./kept.ts";
import { endMap } from "./map-state.ts";
import { own } from "./own.ts";

/** What is left behind by a run, a frame or a map that goes on no more. All of it is recorded. */

type Belongs = (address: Address) => boolean;

/** Drops what a run leaves behind: queue, delayed calls, maps, frames, then what waits at fan-ins. Its requests are closed by its end. */
export function dropAll(draft: Draft): void {
  releaseHeld(draft);
  dropCalls(draft, () => true, "runEnded");
  for (const id of Object.keys(draft.state.maps)) endMap(draft, id, "runEnded");
  for (const path of [TOP, ...Object.keys(draft.state.frames)]) dropWaiting(draft, path, "runEnded");
  for (const path of Object.keys(draft.state.frames)) removeFrame(draft, path);
}

/** Gives up calls, requests and frames that belong to a frame or a map. The frame or map itself is taken out by the caller. */
export function giveUp(draft: Draft, belongs: Belongs, reason: Extract<DropReason, "frameEnded" | "mapEnded">): void {
  const requests = draft.state.requests.filter(belongs);
  const ids = new Set(requests.map(({ requestId }) => requestId));
  // A response belongs to its request.
  dropCalls(draft, (call) => belongs(call) || ("requestId" in call && ids.has(String(call.requestId))), reason);
  if (requests.length > 0) closeRequests(draft, requests, ids);
  for (const [path, { caller }] of Object.entries(draft.state.frames)) {
    if (!belongs(caller) || !own(draft.state.frames, path)) continue;
    record(draft, { type: "executorGivenUp", ...inFrame(caller.frame), ...callOf(caller), attempt: 1 });
    count(draft, caller, caller.executorId, "failed");
    endFrame(draft, path);
  }
}

/** Takes a frame out of the run, with all that goes on in it. */
export function endFrame(draft: Draft, path: string): Frame | undefined {
  const isInside = ({ frame = TOP }: Address) => isWithin(frame, path);
  giveUp(draft, isInside, "frameEnded");
  for (const [id, map] of Object.entries(draft.state.maps)) if (isInside(map)) endMap(draft, id, "frameEnded");
  dropWaiting(draft, path, "frameEnded");
  return removeFrame(draft, path);
}

function dropCalls(draft: Draft, belongs: Belongs, reason: DropReason): void {
  const { state } = draft;
  const isDropped = (item: Queued): item is QueuedCall => item.kind !== "items" && belongs(item);
  const dropped = [...state.queue, ...state.delayed.map(({ item }) => item)].filter(isDropped);
  if (dropped.length === 0) return;
  const isKept = (item: Queued) => !isDropped(item);
  replace(draft, "queue", state.queue.filter(isKept));
  replace(
    draft,
    "delayed",
    state.delayed.filter(({ item }) => isKept(item)),
  );
  for (const call of dropped) dropCall(draft, call, reason);
}

function dropCall(draft: Draft, call: QueuedCall, reason: DropReason): void {
  draft.state.chars -= charsOf(call);
  if (call.kind === "response") record(draft, { type: "responseIgnored", requestId: call.requestId });
  if (call.kind !== "message") return;
  const { to: executorId, callKey, attempt, frame } = call;
  if (callKey === undefined || reason === "runEnded") {
    drop(draft, frame, call.from ?? executorId, call.valueJson, reason);
    return;
  }
  // It has been called before, and was to be called again.
  record(draft, { type: "executorGivenUp", ...inFrame(frame), executorId, callKey, attempt });
  count(draft, call, executorId, "failed");
}

function closeRequests(draft: Draft, closed: readonly OpenRequest[], ids: ReadonlySet<string>): void {
  for (const request of closed) {
    const { requestId, port: executorId, requestJson, frame } = request;
    draft.state.chars -= requestJson.length;
    record(draft, { type: "requestClosed", ...inFrame(frame), executorId, requestId });
    count(draft, request, executorId, "failed");
  }
  replace(
    draft,
    "requests",
    draft.state.requests.filter(({ requestId }) => !ids.has(requestId)),
  );
}

/** Drops what waits at the fan-ins of one frame. */
function dropWaiting(draft: Draft, path: string, reason: DropReason): void {
  const { barriers } = scopeOf(draft, path);
  for (const edge of indexIn(draft, path).fanIns.values()) {
    const barrier = own(barriers, edge.id) ?? {};
    for (const source of new Set(edge.from)) {
      for (const valueJson of own(barrier, source) ?? []) {
        draft.state.chars -= valueJson.length;
        drop(draft, path, source, valueJson, reason);
      }
    }
  }
  if (path === TOP) draft.state.barriers = {};
}

/** Takes out a frame in which nothing is left. */
export function removeFrame(draft: Draft, path: string): Frame | undefined {
  const frame = own(draft.state.frames, path);
  if (!frame) return undefined;
  delete owned(draft, "frames")[path];
  draft.state.chars -= frameChars(frame);
  return frame;
}

/** Characters a frame holds, without what waits at its fan-ins. */
export function frameChars(frame: Frame): number {
  const { values, caller, outputJson = "" } = frame;
  const texts = [...Object.values(values), caller.inputJson ?? "", outputJson];
  return texts.reduce((chars, text) => chars + text.length, keptChars(frame));
}

function callOf({ executorId, callKey }: Frame["caller"]) {
  return { executorId, callKey };
}

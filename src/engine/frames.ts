import { framePath, nodesOn, TOP } from "../wire/frame-path.ts";
import type { Frame, QueuedCall } from "../wire/run-state.ts";
import { resolveHalfFull } from "./barrier.ts";
import { count, type Draft, errorOf, type InFlight, indexIn, inFrame, owned, record } from "./draft.ts";
import { keptValue, leaveKept } from "./kept.ts";
import { endFrame, frameChars, removeFrame } from "./leftovers.ts";
import { endUnmet, fillPlace } from "./maps.ts";
import { errorAt, sendFailure } from "./results.ts";

/**
 * Frames: a sub-workflow runs in the run of its caller, in a frame for each call, with state and fan-ins of its own. The call
 * of its node opens the frame and becomes a call of its start executor in the same superstep. A frame that has nothing left to
 * do ends, and its node has completed; one with a failure that nothing in it takes ends, and its node has failed.
 *
 * ```
 *   A ─▶ Child ─▶ B         Child: First ─▶ Last
 *
 *                                 queue        in flight          frames
 *   superstep 1                                A
 *   A ends                        Child
 *   superstep 2                                Child~1~First      Child~1, called by Child-2-1
 *   First ends                    Child~1~Last                    Child~1
 *   superstep 3                                Child~1~Last       Child~1
 *   Last ends: Child's message    B                               Child~1 has nothing left to do: it ends
 *   superstep 4                                B
 * ```
 */

/** The call of a sub-workflow's start executor, in a frame that is opened for it. */
export function openFrame(draft: Draft, call: InFlight & { kind: "message" }): QueuedCall {
  const { to: executorId, callKey, valueJson, item, sentIn } = call;
  const { frame: outer = TOP } = call;
  const number = count(draft, call, executorId, "started").started;
  record(draft, { type: "executorStarted", ...inFrame(outer), executorId, callKey, attempt: 1 });
  const path = framePath(outer, executorId, number);
  const { graph } = indexIn(draft, path);
  const wantsInput = indexIn(draft, outer).errorEdges.has(executorId);
  const caller = { ...inFrame(outer), ...(item && { item }), executorId, callKey };
  const frame: Frame = {
    values: {},
    barriers: {},
    openedAtMs: draft.nowMs,
    caller: wantsInput ? { ...caller, inputJson: valueJson } : caller,
  };
  owned(draft, "frames")[path] = frame;
  // What the node kept stays where it is until the call writes it: a long value is not held twice.
  for (const { name, initialJson } of graph.state) {
    if (keptValue(draft, path, name) === undefined) frame.values[name] = initialJson;
  }
  draft.state.chars += frameChars(frame);
  return { kind: "message", to: graph.start, from: null, valueJson, frame: path, sentIn, attempt: 1 };
}

/** Ends the maps and frames that have come to an end, until none is left that has: an end inside may be the end of what is around it. */
export function settleFrames(draft: Draft): void {
  while (endUnmet(draft) || endFailed(draft) || endHalted(draft) || endIdle(draft));
}

/** The innermost failed frames first, so that what is around them learns of it. */
function endFailed(draft: Draft): boolean {
  const { failures } = draft;
  if (!failures) return false;
  const [failed] = [...failures].filter(([path]) => path !== TOP).sort(([one], [other]) => depth(other) - depth(one));
  if (!failed) return false;
  const [path, error] = failed;
  failures.delete(path);
  const frame = endFrame(draft, path);
  if (frame) failCaller(draft, frame, error);
  return true;
}

function failCaller(draft: Draft, { caller, openedAtMs }: Frame, failure: ReturnType<typeof errorOf>): void {
  const { executorId, callKey, frame, inputJson = "null" } = caller;
  const durationMs = draft.nowMs - openedAtMs;
  // Where it happened first says more than where it came to.
  const error = failure.executorId === undefined ? errorAt(caller, executorId, failure) : failure;
  record(draft, { type: "executorFailed", ...inFrame(frame), executorId, callKey, attempt: 1, durationMs, error });
  count(draft, caller, executorId, "failed");
  sendFailure(draft, caller, executorId, inputJson, error);
}

/** A halt ends the frame it was asked for in, as it ends a run: what is left to do in it is dropped. */
function endHalted(draft: Draft): boolean {
  const path = [...(draft.halts?.keys() ?? [])].find((one) => one !== TOP);
  if (path === undefined) return false;
  draft.halts?.delete(path);
  const frame = endFrame(draft, path);
  if (frame) completeCaller(draft, path, frame);
  return true;
}

/** Frames with nothing left to do end, unless a fan-in in them is half full. */
function endIdle(draft: Draft): boolean {
  const paths = Object.keys(draft.state.frames);
  if (paths.length === 0) return false;
  const busy = busyFrames(draft);
  const idle = paths.filter((path) => !busy.has(path));
  for (const path of idle) {
    if (resolveHalfFull(draft, path)) continue;
    const frame = removeFrame(draft, path);
    if (frame) completeCaller(draft, path, frame);
  }
  return idle.length > 0;
}

/** Frames in which something is queued, put off, asked, or going on in a frame of their own. */
function busyFrames({ state }: Draft): ReadonlySet<string | undefined> {
  const busy = new Set<string | undefined>();
  for (const { frame } of state.queue) busy.add(frame);
  for (const { item } of state.delayed) busy.add(item.frame);
  for (const { frame } of state.requests) busy.add(frame);
  for (const { caller } of Object.values(state.frames)) busy.add(caller.frame);
  return busy;
}

function completeCaller(draft: Draft, path: string, frame: Frame): void {
  const { caller, openedAtMs, outputJson } = frame;
  const { executorId, callKey, frame: around, item } = caller;
  if (item && outputJson === undefined) {
    const whatIsWrong = `Sub-workflow "${executorId}" ended without an output, so its item has no result.`;
    const error = errorOf("ITEM_WITHOUT_RESULT", whatIsWrong, "Let an output executor of it return or yield a value.");
    failCaller(draft, frame, error);
    return;
  }
  leaveKept(draft, path, frame);
  const output = outputJson === undefined ? {} : { output: outputJson };
  const durationMs = draft.nowMs - openedAtMs;
  record(draft, {
    type: "executorCompleted",
    ...inFrame(around),
    executorId,
    callKey,
    attempt: 1,
    durationMs,
    ...output,
  });
  count(draft, caller, executorId, "completed");
  if (item && outputJson !== undefined) fillPlace(draft, caller, executorId, outputJson);
}

function depth(path: string): number {
  return nodesOn(path).length;
}

import type { Delivery } from "../wire/delivery.ts";
import { frameAround, TOP } from "../wire/frame-path.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { RunState } from "../wire/run-state.ts";
import { type Draft, errorOf, fail, type InFlight, indexIn, ownedFrame } from "./draft.ts";
import { own } from "./own.ts";
import { hasRecordedEnd } from "./recorded-end.ts";
import { errorAt } from "./results.ts";

/**
 * Time limits of sub-workflows. The time of a frame begins with its first call, as recorded: so every reader of the run finds
 * the same deadline. Its calls are given up at the deadline, and fail with it; a frame that only waits fails when it is due.
 *
 * ```
 *   Child.withTimeout(100)       started at    ended at      deadline of Child~1
 *   superstep 1   A              0             10
 *   superstep 2   Child~1~First  20            50            120, once First has ended
 *   superstep 3   Child~1~Last   60            120: given up, and Child~1 fails with RUN_TIMED_OUT
 * ```
 */

const NEVER = Number.POSITIVE_INFINITY;

/** How long a call may be waited for: by the limits around it that have begun, and those that begin with it. */
export function frameLimitsOf(draft: Draft, frame: string): Pick<Delivery, "frameDeadlineAtMs" | "frameTimeoutMs"> {
  let frameDeadlineAtMs = NEVER;
  let frameTimeoutMs = NEVER;
  for (let path = frame; path !== TOP; path = frameAround(path)) {
    const open = own(draft.state.frames, path);
    const timeoutMs = open && indexIn(draft, open.caller.frame).executors.get(open.caller.executorId)?.timeoutMs;
    if (timeoutMs === undefined) continue; // none, or the plan of a build that let calls go on
    if (open?.deadlineAtMs === undefined) frameTimeoutMs = Math.min(frameTimeoutMs, timeoutMs);
    else frameDeadlineAtMs = Math.min(frameDeadlineAtMs, open.deadlineAtMs);
  }
  return {
    ...(frameDeadlineAtMs !== NEVER && { frameDeadlineAtMs }),
    ...(frameTimeoutMs !== NEVER && { frameTimeoutMs }),
  };
}

/** A call in a frame that has ended, with its outcome. */
export interface EndedCall {
  readonly call: InFlight;
  readonly outcome: Outcome;
}

/**
 * Begins the time of frames whose first call has ended, and fails those in which a call went on up to their deadline. Calls
 * elsewhere may well have taken longer.
 */
export function applyFrameLimits(draft: Draft, ended: readonly EndedCall[]): void {
  const inside = ended.filter(({ call, outcome }) => call.frame !== undefined && hasRecordedEnd(outcome));
  if (inside.length === 0) return;
  const endedAtMs = new Map<string, number>();
  for (const { call, outcome } of inside) {
    for (let path = call.frame ?? TOP; path !== TOP; path = frameAround(path)) {
      if (call.kind === "message") beginTime(draft, path, outcome);
      endedAtMs.set(path, Math.max(endedAtMs.get(path) ?? 0, outcome.endedAtMs));
    }
  }
  timeOut(draft, (path) => endedAtMs.get(path) ?? 0);
}

function beginTime(draft: Draft, path: string, { startedAtMs }: Outcome): void {
  const { timeoutMs } = indexIn(draft, path).graph;
  if (timeoutMs === undefined || own(draft.state.frames, path)?.deadlineAtMs !== undefined) return;
  ownedFrame(draft, path).deadlineAtMs = startedAtMs + timeoutMs;
}

/** Fails the frames that are due. */
export function timeOutFrames(draft: Draft): void {
  timeOut(draft, () => draft.nowMs);
}

function timeOut(draft: Draft, nowMsIn: (path: string) => number): void {
  for (const [path, { deadlineAtMs = NEVER, caller }] of Object.entries(draft.state.frames)) {
    if (deadlineAtMs > nowMsIn(path)) continue;
    const { workflow, timeoutMs } = indexIn(draft, path).graph;
    const whatIsWrong = `Frame "${path}" has not ended within ${timeoutMs} ms, the limit of workflow "${workflow}".`;
    const whatToDo = "Raise withTimeout, or look at its events for what took so long.";
    fail(draft, path, errorAt(caller, caller.executorId, errorOf("RUN_TIMED_OUT", whatIsWrong, whatToDo)));
  }
}

/** When the next frame times out. */
export function nextFrameDeadline({ frames }: RunState): number {
  return Object.values(frames).reduce((next, { deadlineAtMs = NEVER }) => Math.min(next, deadlineAtMs), NEVER);
}

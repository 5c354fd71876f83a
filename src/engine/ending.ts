import { TOP } from "../wire/frame-path.ts";
import type { Ending, RunState } from "../wire/run-state.ts";
import { resolveHalfFull } from "./barrier.ts";
import { beginCompensation, goOnCompensating } from "./compensation.ts";
import { type Draft, errorOf, fail, record, replace } from "./draft.ts";
import { settleFrames } from "./frames.ts";
import { dropAll } from "./leftovers.ts";

/**
 * Decides at the end of a superstep whether the run goes on. A cancel comes first, since the calls it aborts may fail
 * for that reason; then a failure, a halt, a limit; then having nothing left to do.
 */
export function settle(draft: Draft): void {
  const { ending } = draft.state;
  if (ending) {
    if (!goOnCompensating(draft)) endAs(draft, ending);
    return;
  }
  if (!hasEnd(draft)) settleFrames(draft);
  if (!hasEnd(draft)) settleWork(draft);
  const haltedBy = draft.halts?.get(TOP);
  if (draft.state.isCancelRequested) endCancelled(draft);
  else if (draft.failures?.has(TOP)) endFailed(draft);
  else if (haltedBy !== undefined) endHalted(draft, haltedBy);
  else if (isIdle(draft)) endCompleted(draft);
}

function hasEnd({ state, failures, halts }: Draft): boolean {
  return state.isCancelRequested === true || failures?.has(TOP) === true || halts?.has(TOP) === true;
}

/** A run that may still go on: looks at half full fan-ins once it has nothing else to do, and at its size. */
function settleWork(draft: Draft): void {
  if (isIdle(draft)) resolveHalfFull(draft, TOP);
  checkSize(draft);
}

export function isOutOfTime({ deadlineAtMs = Number.POSITIVE_INFINITY }: RunState, nowMs: number): boolean {
  return deadlineAtMs <= nowMs;
}

/** The first failure counts: what a handler threw because it was aborted comes after this one. */
export function failOutOfTime(draft: Draft): void {
  const { workflow, timeoutMs } = draft.plan;
  const whatIsWrong = `The run has not ended within ${timeoutMs} ms, the limit of workflow "${workflow}".`;
  fail(
    draft,
    TOP,
    errorOf("RUN_TIMED_OUT", whatIsWrong, "Raise withTimeout, or look at its events for what took so long."),
  );
}

export function checkSize(draft: Draft): void {
  const { chars } = draft.state;
  const { maxStateChars } = draft.plan.limits;
  if (chars <= maxStateChars) return;
  const whatIsWrong = `The run holds ${chars} characters of messages, requests, state and outputs; its limit is ${maxStateChars}.`;
  const whatToDo = "Send references instead of contents, or raise maxStateChars.";
  fail(draft, TOP, errorOf("STATE_TOO_LARGE", whatIsWrong, whatToDo));
}

/** Nothing is queued and nothing is waited for; then no frame is open either. */
function isIdle({ state }: Draft): boolean {
  return state.queue.length === 0 && state.requests.length === 0 && state.delayed.length === 0;
}

export function endFailed(draft: Draft): void {
  const error = draft.failures?.get(TOP);
  if (error) endOrCompensate(draft, { status: "failed", error });
}

export function endCancelled(draft: Draft): void {
  endOrCompensate(draft, { status: "cancelled" });
}

/** What has been done is undone first; the reason for the end stays the one it was. */
function endOrCompensate(draft: Draft, ending: Ending): void {
  closeRequests(draft);
  if (!beginCompensation(draft, ending)) endAs(draft, ending);
}

function endAs(draft: Draft, ending: Ending): void {
  const { cancelReason: reason } = draft.state;
  end(draft, ending.status);
  if (ending.status === "cancelled") record(draft, { type: "runCancelled", ...(reason !== undefined && { reason }) });
  else {
    draft.state.error = ending.error;
    record(draft, { type: "runFailed", error: ending.error });
  }
}

function endCompleted(draft: Draft): void {
  end(draft, "completed");
  record(draft, { type: "runCompleted" });
}

function endHalted(draft: Draft, haltedBy: string): void {
  dropAll(draft);
  end(draft, "completed");
  record(draft, { type: "runCompleted", haltedBy });
}

/** An ended run asks for nothing any more. What it did not deliver stays in its state, unless it was dropped. */
function end(draft: Draft, status: "completed" | "failed" | "cancelled"): void {
  closeRequests(draft);
  draft.state.status = status;
}

function closeRequests(draft: Draft): void {
  for (const { requestJson } of draft.state.requests) draft.state.chars -= requestJson.length;
  replace(draft, "requests", []);
}

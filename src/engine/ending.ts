import type { RunState } from "../wire/run-state.ts";
import { resolveHalfFull } from "./barrier.ts";
import { charsOf, type Draft, errorOf, fail, record, replace } from "./draft.ts";
import { own } from "./own.ts";
import { drop } from "./route.ts";

/**
 * Decides at the end of a superstep whether the run goes on. A cancel comes first, since the calls it aborts may fail
 * for that reason; then a failure, a halt, a limit; then having nothing left to do.
 */
export function settle(draft: Draft): void {
  const hasEnd = draft.state.isCancelRequested || draft.failure || draft.haltedBy !== undefined;
  if (!hasEnd) settleWork(draft);
  if (draft.state.isCancelRequested) endCancelled(draft);
  else if (draft.failure) endFailed(draft);
  else if (draft.haltedBy !== undefined) endHalted(draft, draft.haltedBy);
  else if (isIdle(draft)) endCompleted(draft);
}

/** A run that may still go on: looks at half full fan-ins once it has nothing else to do, and at its size. */
function settleWork(draft: Draft): void {
  if (isIdle(draft)) resolveHalfFull(draft);
  checkSize(draft);
}

export function isOutOfTime({ deadlineAtMs = Number.POSITIVE_INFINITY }: RunState, nowMs: number): boolean {
  return deadlineAtMs <= nowMs;
}

/** The first failure counts: what a handler threw because it was aborted comes after this one. */
export function failOutOfTime(draft: Draft): void {
  const { workflow, timeoutMs } = draft.plan;
  const whatIsWrong = `The run has not ended within ${timeoutMs} ms, the limit of workflow "${workflow}".`;
  fail(draft, errorOf("RUN_TIMED_OUT", whatIsWrong, "Raise withTimeout, or look at its events for what took so long."));
}

export function checkSize(draft: Draft): void {
  const { chars } = draft.state;
  const { maxStateChars } = draft.plan.limits;
  if (chars <= maxStateChars) return;
  const whatIsWrong = `The run holds ${chars} characters of messages, requests, state and outputs; its limit is ${maxStateChars}.`;
  fail(draft, errorOf("STATE_TOO_LARGE", whatIsWrong, "Send references instead of contents, or raise maxStateChars."));
}

/** Nothing is queued and nothing is waited for. */
function isIdle({ state }: Draft): boolean {
  return state.queue.length === 0 && state.requests.length === 0 && state.delayed.length === 0;
}

export function endFailed(draft: Draft): void {
  const { failure } = draft;
  if (!failure) return;
  end(draft, "failed");
  draft.state.error = failure;
  record(draft, { type: "runFailed", error: failure });
}

export function endCancelled(draft: Draft): void {
  const { cancelReason: reason } = draft.state;
  end(draft, "cancelled");
  record(draft, { type: "runCancelled", ...(reason !== undefined && { reason }) });
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

/** An ended run asks for nothing any more. What a failed or cancelled run did not deliver stays in its state. */
function end(draft: Draft, status: "completed" | "failed" | "cancelled"): void {
  const { state } = draft;
  for (const { requestJson } of state.requests) state.chars -= requestJson.length;
  replace(draft, "requests", []);
  state.status = status;
}

/** Records what a halt leaves behind: queue, delayed calls, then what waits at fan-ins. */
function dropAll(draft: Draft): void {
  const { state } = draft;
  for (const item of [...state.queue, ...state.delayed.map((one) => one.item)]) {
    state.chars -= charsOf(item);
    if (item.kind === "message") drop(draft, item.from ?? item.to, item.valueJson, "runEnded");
    else record(draft, { type: "responseIgnored", requestId: item.requestId });
  }
  for (const edge of draft.index.fanIns.values()) {
    const barrier = state.barriers[edge.id] ?? {};
    for (const source of new Set(edge.from)) {
      for (const valueJson of own(barrier, source) ?? []) {
        state.chars -= valueJson.length;
        drop(draft, source, valueJson, "runEnded");
      }
    }
  }
  replace(draft, "queue", []);
  replace(draft, "delayed", []);
  replace(draft, "barriers", {});
}

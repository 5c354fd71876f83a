import type { CompensationError, ErrorData } from "../wire/error-data.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { CompletedCall, Ending } from "../wire/run-state.ts";
import { cut } from "./cut.ts";
import { charsOf, type Draft, type InFlight, indexIn, inFrame, owned, record } from "./draft.ts";
import { dropAll } from "./leftovers.ts";
import { errorAt } from "./results.ts";

/**
 * Undoing what a run has done, once it fails or is cancelled. The run is still running meanwhile, but only its
 * compensations are delivered, one a superstep, the call that completed last first, in whatever frame it was made. One that fails at its last attempt is
 * recorded, and the next one follows: the run ends for the reason it had.
 */

/** Keeps a completed call, where its executor can undo it. */
export function keepForCompensation(draft: Draft, item: InFlight, outputJson: string | undefined): void {
  if (item.kind !== "message" || !indexIn(draft, item.frame).executors.get(item.to)?.compensates) return;
  const { to: executorId, callKey, valueJson: inputJson, frame } = item;
  const output = outputJson === undefined ? {} : { outputJson };
  const call: CompletedCall = { ...inFrame(frame), executorId, callKey, inputJson, ...output };
  draft.state.compensable = [...(draft.state.compensable ?? []), call];
  draft.state.chars += inputJson.length + (outputJson?.length ?? 0);
}

/** @returns false when there is nothing to undo */
export function beginCompensation(draft: Draft, ending: Ending): boolean {
  const { state } = draft;
  if (!state.compensable?.length) return false;
  dropAll(draft);
  state.ending = ending;
  delete state.deadlineAtMs; // what is undone takes the time it takes
  return goOnCompensating(draft);
}

/** @returns false when nothing is left to undo */
export function goOnCompensating(draft: Draft): boolean {
  const { state } = draft;
  if (state.queue.length > 0 || state.delayed.length > 0) return true;
  const call = state.compensable?.at(-1);
  if (!call) return false;
  const { executorId: to, callKey, ...values } = call;
  state.compensable = state.compensable?.slice(0, -1);
  const order = { sentIn: state.superstep, attempt: 1, callKey: `${callKey}-compensation` };
  owned(draft, "queue").push({ kind: "compensation", to, ...values, ...order });
  return true;
}

/** A compensation that has ended, for good. */
export function applyCompensation(draft: Draft, item: InFlight, { startedAtMs, endedAtMs, result }: Outcome): void {
  const { to: executorId, callKey, attempt } = item;
  const call = { ...inFrame(item.frame), executorId, callKey, attempt, durationMs: endedAtMs - startedAtMs };
  draft.state.chars -= charsOf(item);
  if (result.status !== "failed") record(draft, { type: "compensationCompleted", ...call });
  else {
    record(draft, { type: "compensationFailed", ...call, error: errorAt(item, executorId, result.error) });
    keepError(draft, { ...inFrame(item.frame), executorId, callKey, ...inShort(result.error) });
  }
}

/** As many are shown beside the error that ended the run; the events have them all. */
const MAX_ERRORS = 20;
const MAX_MESSAGE_CHARS = 1_000;

function keepError({ state }: Draft, error: CompensationError): void {
  state.compensationErrors = [...(state.compensationErrors ?? []), error].slice(0, MAX_ERRORS);
}

function inShort({ code, message }: ErrorData): Pick<CompensationError, "code" | "message"> {
  return { code, message: cut(message, MAX_MESSAGE_CHARS) };
}

import type { ErrorData } from "../wire/error-data.ts";
import type { Queued, RunState } from "../wire/run-state.ts";
import { type Draft, owned, record, replace } from "./draft.ts";

/** Calls that were put off. A wait is no part of a superstep: it holds nothing up. */

const FIRST_DELAY_MS = 60 * 1_000;
const MAX_DELAY_MS = 60 * 60 * 1_000;

/** Puts off a call whose executor is not deployed: 1 minute, then twice as long each time, up to 1 hour. */
export function putOff(draft: Draft, item: Queued & { callKey: string }, error: ErrorData): void {
  const { delays: delaysBefore = 0, attempt, callKey, to } = item;
  const dueAtMs = draft.nowMs + Math.min(FIRST_DELAY_MS * 2 ** delaysBefore, MAX_DELAY_MS);
  owned(draft, "delayed").push({ dueAtMs, item: { ...item, delays: delaysBefore + 1 } });
  const nextAttemptAt = new Date(dueAtMs).toISOString();
  record(draft, { type: "executorDelayed", executorId: to, callKey, attempt, nextAttemptAt, error });
}

/** Queues what is due; its place in the queue is that of the superstep it was sent in. */
export function queueDue(draft: Draft): void {
  const { delayed } = draft.state;
  const due = delayed.filter(({ dueAtMs }) => dueAtMs <= draft.nowMs);
  replace(
    draft,
    "delayed",
    delayed.filter(({ dueAtMs }) => dueAtMs > draft.nowMs),
  );
  owned(draft, "queue").push(...due.map(({ item }) => item));
}

/** When the next delayed call is due, in milliseconds since 1970; null when none is. */
export function nextWake(state: RunState): number | null {
  if (state.delayed.length === 0) return null;
  return state.delayed.reduce((next, { dueAtMs }) => Math.min(next, dueAtMs), Number.POSITIVE_INFINITY);
}

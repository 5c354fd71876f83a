import type { ErrorData } from "../wire/error-data.ts";
import { sha256 } from "../wire/json.ts";
import type { Outcome, OutcomeResult } from "../wire/outcome.ts";
import type { PlanRetry } from "../wire/plan.ts";
import type { RunState } from "../wire/run-state.ts";
import type { TokenUsage } from "../wire/usage.ts";
import { charsOf, type Draft, type InFlight, indexIn, inFrame, owned, record, replace } from "./draft.ts";
import { nextFrameDeadline } from "./frame-limits.ts";
import { nextDeadline } from "./request-timeouts.ts";

/** Calls that were put off. A wait is no part of a superstep: it holds nothing up. */

const FIRST_DELAY_MS = 60 * 1_000;
const MAX_DELAY_MS = 60 * 60 * 1_000;

/** Puts off a call whose executor is not deployed: 1 minute, then twice as long each time, up to 1 hour. */
export function putOff(draft: Draft, item: InFlight, error: ErrorData): void {
  const { delays: delaysBefore = 0 } = item;
  const dueAtMs = draft.nowMs + Math.min(FIRST_DELAY_MS * 2 ** delaysBefore, MAX_DELAY_MS);
  delay(draft, item, { dueAtMs, item: { ...item, delays: delaysBefore + 1 }, isNotDeployed: true }, error);
}

/**
 * Puts off a failed call for its next attempt.
 *
 * @returns false when there is none: its executor has no retries left, or the failure is not one to try again
 */
export function retry(
  draft: Draft,
  item: InFlight,
  { endedAtMs, usage }: Pick<Outcome, "endedAtMs" | "usage">,
  result: Extract<OutcomeResult, { status: "failed" }>,
): boolean {
  const policy = indexIn(draft, item.frame).executors.get(item.to)?.retry;
  if (!policy || item.attempt >= policy.maxAttempts || !isToBeRetried(policy, result)) return false;
  const { stack: _stack, ...error } = result.error;
  const { lastErrorJson: _before, ...call } = item;
  const next: InFlight = { ...call, attempt: item.attempt + 1, lastErrorJson: JSON.stringify(error) };
  draft.state.chars += charsOf(next);
  // From the end of the attempt, which is recorded: so every reader of the run finds the same time.
  const dueAtMs = endedAtMs + delayMs(draft.state, item, policy, error);
  delay(draft, item, { dueAtMs, item: next }, result.error, usage);
  return true;
}

function isToBeRetried({ codes }: PlanRetry, { error, mayRetry }: Extract<OutcomeResult, { status: "failed" }>) {
  return mayRetry ?? codes?.includes(error.code) ?? error.retryable;
}

function delayMs(state: RunState, item: InFlight, policy: PlanRetry, { retryAfterMs = 0 }: ErrorData): number {
  const { firstDelayMs, backoff, maxDelayMs, jitter } = policy;
  const fullMs = Math.min(firstDelayMs * backoff ** (item.attempt - 1), maxDelayMs);
  const ownMs = jitter === 0 ? fullMs : fullMs * (1 - jitter * chanceOf(state, item));
  return Math.ceil(Math.max(ownMs, retryAfterMs));
}

/** A number from 0 to 1 that nobody chose, and that is the same each time: from the seed of the run and the attempt. */
function chanceOf({ seed }: RunState, { callKey, attempt }: InFlight): number {
  return Number.parseInt(sha256(JSON.stringify([seed, callKey, attempt])).slice(0, 8), 16) / 2 ** 32;
}

function delay(
  draft: Draft,
  failed: InFlight,
  delayed: RunState["delayed"][number],
  error: ErrorData,
  usage?: TokenUsage,
): void {
  owned(draft, "delayed").push(delayed);
  const { to: executorId, callKey, attempt, frame } = failed;
  const nextAttemptAt = new Date(delayed.dueAtMs).toISOString();
  const call = { ...inFrame(frame), executorId, callKey, attempt };
  record(draft, { type: "executorDelayed", ...call, nextAttemptAt, ...(usage && { usage }), error });
}

/** Queues what is due; its place in the queue is that of the superstep it was sent in. */
export function queueDue(draft: Draft): void {
  const { delayed } = draft.state;
  const due = delayed.filter(({ dueAtMs }) => dueAtMs <= draft.nowMs);
  if (due.length === 0) return;
  replace(
    draft,
    "delayed",
    delayed.filter(({ dueAtMs }) => dueAtMs > draft.nowMs),
  );
  owned(draft, "queue").push(...due.map(({ item }) => item));
}

/** When the run has to be looked at again without anything coming in, in milliseconds since 1970; null for never. */
export function nextWake(state: RunState): number | null {
  const { delayed, deadlineAtMs = Number.POSITIVE_INFINITY } = state;
  const first = Math.min(deadlineAtMs, nextDeadline(state), nextFrameDeadline(state));
  const next = delayed.reduce((wake, { dueAtMs }) => Math.min(wake, dueAtMs), first);
  return next === Number.POSITIVE_INFINITY ? null : next;
}

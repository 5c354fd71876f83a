import {
  applyCancel,
  applyDue,
  applyLateResult,
  applyOutcomes,
  applyResponse,
  beginRun,
  ignoreResponse,
} from "../engine/transitions.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { Plan } from "../wire/plan.ts";
import type { RecordedEvent } from "../wire/run-event.ts";
import type { RunStart } from "../wire/run-start.ts";
import type { RunState } from "../wire/run-state.ts";
import type { Cancel, Mail } from "./mail.ts";

/** Timers longer than the provider's short timer (6 days on Azure Storage) break when they are cancelled. */
export const MAX_TIMER_MS = 24 * 60 * 60 * 1_000;

export interface Taken {
  readonly state: RunState;
  readonly events: readonly RecordedEvent[];
}

/** What a generation of a run begins with: the run itself, or the state that the generation before it left. */
export function beginning({ plan, continued, ...start }: RunStart, runId: string, nowMs: number): Taken {
  return continued ? { state: continued.state, events: [] } : beginRun(plan, { ...start, runId, nowMs });
}

/**
 * Takes in at a superstep boundary what came from outside: answers in the order of the open requests, late results, cancel, then
 * what is due. The orchestrator and the reader of its history both go through here, so that they cannot disagree.
 *
 * @param dueMs - how far time has come for what is due: the latest time in the history, by `recordedEnd` or the timer
 *   that fired. The clocks of the two differ by milliseconds; what is due by a clock only gets a timer that fires at once.
 */
export function takeIn(plan: Plan, state: RunState, mail: Mail, nowMs: number, dueMs: number): Taken {
  return inOrder(state, [
    ...answerSteps(plan, state, mail, nowMs),
    ...lateSteps(plan, mail, nowMs),
    ...cancelSteps(plan, mail.takeCancel(), nowMs),
    (now) => applyDue(plan, now, dueMs),
  ]);
}

/**
 * The state as callers may see it: a request asks for nothing any more once an answer has come, though the answer is taken
 * in only when the superstep under way has ended. A cancel is on its way in the same manner.
 */
export function shownState(state: RunState, mail: Mail): RunState {
  const requests = state.requests.map((request) => ({
    ...request,
    isAnswering: request.isAnswering || mail.hasAnswer(request.requestId),
  }));
  const isToEnd = state.status === "running" && mail.hasCancel();
  return { ...state, requests, ...(isToEnd && { isCancelRequested: true }) };
}

/**
 * Ends a superstep. A cancel that came meanwhile counts before the outcomes: they are recorded, and nothing they sent is
 * delivered. The outcome of a call that was stopped by a cancel may come before the cancel itself, and stands for it then.
 */
export function endSuperstep(
  plan: Plan,
  state: RunState,
  mail: Mail,
  outcomes: readonly Outcome[],
  nowMs: number,
): Taken {
  const cancel = mail.takeCancel() ?? outcomes.find((outcome) => outcome.cancel)?.cancel;
  return inOrder(state, [
    ...lateSteps(plan, mail, nowMs),
    ...cancelSteps(plan, cancel, nowMs),
    (now) => applyOutcomes(plan, now, outcomes, nowMs),
  ]);
}

type Step = (now: RunState) => Taken;

function answerSteps(plan: Plan, { requests }: RunState, mail: Mail, nowMs: number): Step[] {
  const steps: Step[] = [];
  for (const { requestId } of requests) {
    for (const responseJson of mail.takeAnswers(requestId)) {
      steps.push((now) =>
        now.status === "running"
          ? applyResponse(plan, now, { requestId, responseJson }, nowMs)
          : ignoreResponse(plan, now, requestId, nowMs),
      );
    }
  }
  return steps;
}

function lateSteps(plan: Plan, mail: Mail, nowMs: number): Step[] {
  return mail.takeLate().map((late) => (now) => applyLateResult(plan, now, late, nowMs));
}

function cancelSteps(plan: Plan, cancel: Cancel | undefined, nowMs: number): Step[] {
  return cancel ? [(now) => applyCancel(plan, now, cancel, nowMs)] : [];
}

function inOrder(state: RunState, steps: readonly Step[]): Taken {
  const events: RecordedEvent[] = [];
  let now = state;
  for (const step of steps) {
    const next = step(now);
    now = next.state;
    for (const event of next.events) events.push(event);
  }
  return { state: now, events };
}

const MAX_REASON_CHARS = 500;

/**
 * What stands for the outcome of a call that the host lost: its process died, it took too long, its result was too large.
 *
 * @param reason - the host's own words; behind the first line there is only a stack
 */
export function lostOutcome(delivery: Delivery, reason: string, nowMs: number): Outcome {
  const { executorId, callKey, superstep, attempt } = delivery;
  const [firstLine = ""] = reason.split("\n", 1);
  const message = firstLine.trim().slice(0, MAX_REASON_CHARS);
  const error = {
    name: "WorkflowError",
    code: "ACTIVITY_LOST",
    message:
      `The host lost call ${callKey} of executor "${executorId}". ` +
      "Look into the log of the host: a worker died, a time limit was reached, or a payload was too large.",
    retryable: true,
    executorId,
    causes: message === "" ? [] : [{ name: "Error", message }],
    issues: [],
  };
  return {
    executorId,
    callKey,
    superstep,
    attempt,
    startedAtMs: nowMs,
    endedAtMs: nowMs,
    result: { status: "failed", error },
  };
}

import {
  applyCancel,
  applyDue,
  applyLateResult,
  applyOutcomes,
  applyResponse,
  ignoreResponse,
  type Superstep,
  type Transition,
  takeDeliveries,
} from "../engine/transitions.ts";
import type { JsonText } from "../wire/json.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { Plan } from "../wire/plan.ts";
import type { RecordedEvent } from "../wire/run-event.ts";
import type { RunState } from "../wire/run-state.ts";

/** How a run moves, whether it is live or read from its trace: both go through these functions, so both come out alike. */

export interface Answer {
  readonly requestId: string;
  readonly responseJson: JsonText;
}

export interface Cancel {
  readonly reason?: string | undefined;
}

/** A call that answered after it was given up. */
export interface LateResult {
  readonly executorId: string;
  readonly callKey: string;
  readonly attempt: number;
}

/** What came is in the state now. */
export interface TakenIn extends Transition {
  /** Whether the time alone changed something. */
  readonly wasDue: boolean;
}

/** Takes in answers, late results, cancel and what is due. */
export function takeIn(
  plan: Plan,
  state: RunState,
  mail: {
    readonly answers: readonly Answer[];
    readonly late: readonly LateResult[];
    readonly cancel: Cancel | undefined;
  },
  atMs: number,
): TakenIn {
  const events: RecordedEvent[] = [];
  let now = state;
  const move = (transition: Transition) => {
    now = transition.state;
    events.push(...transition.events);
  };
  for (const answer of mail.answers) {
    if (now.status === "running") move(applyResponse(plan, now, answer, atMs));
    else move(ignoreResponse(plan, now, answer.requestId, atMs));
  }
  for (const late of mail.late) move(applyLateResult(plan, now, late, atMs));
  if (mail.cancel) move(applyCancel(plan, now, mail.cancel, atMs));
  const before = now;
  move(applyDue(plan, now, atMs));
  return { state: now, events, wasDue: now !== before };
}

/** Takes in what has come, then begins the next superstep if anything is queued. */
export function beginSuperstep(plan: Plan, taken: Transition, atMs: number): Superstep {
  const begun = takeDeliveries(plan, taken.state, atMs);
  return { ...begun, events: taken.events.length === 0 ? begun.events : [...taken.events, ...begun.events] };
}

/** Takes in the late results that came meanwhile, and the outcomes of a superstep. */
export function endSuperstep(
  plan: Plan,
  state: RunState,
  came: {
    readonly outcomes: readonly Outcome[];
    readonly late: readonly LateResult[];
    readonly cancel: Cancel | undefined;
  },
  atMs: number,
): Transition {
  const { outcomes, late, cancel } = came;
  if (late.length === 0 && !cancel) return applyOutcomes(plan, state, outcomes, atMs);
  const events: RecordedEvent[] = [];
  let now = state;
  const move = (transition: Transition) => {
    now = transition.state;
    events.push(...transition.events);
  };
  for (const one of late) move(applyLateResult(plan, now, one, atMs));
  // The cancel first: a handler that was aborted may have failed for that reason, and the run is cancelled, not failed.
  if (cancel) move(applyCancel(plan, now, cancel, atMs));
  move(applyOutcomes(plan, now, outcomes, atMs));
  return { state: now, events };
}

/** For a run that has ended: what was accepted, and not taken in by then. */
export function ignoreAnswers(plan: Plan, ended: RunState, answers: readonly Answer[], atMs: number): Transition {
  let state = ended;
  const events: RecordedEvent[] = [];
  for (const { requestId } of answers) {
    const ignored = ignoreResponse(plan, state, requestId, atMs);
    state = ignored.state;
    events.push(...ignored.events);
  }
  return { state, events };
}

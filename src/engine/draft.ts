import { ERRORS, type ErrorCode } from "../errors.ts";
import type { ErrorData } from "../wire/error-data.ts";
import type { Plan } from "../wire/plan.ts";
import type { RecordedEvent } from "../wire/run-event.ts";
import type { ExecutorCounts, Queued, RunState } from "../wire/run-state.ts";
import { own } from "./own.ts";
import { indexPlan, type PlanIndex } from "./plan-index.ts";

/** What a transition gives: the state after it, and what happened on the way. */
export interface Transition {
  readonly state: RunState;
  readonly events: readonly RecordedEvent[];
}

/**
 * A state on its way to the next one. The draft owns its copy of the state; a list in it still belongs to the state it
 * came from until `owned` copies it, once for each transition. So a superstep pays for what it changes, and not for the
 * length of the run.
 */
export interface Draft {
  readonly plan: Plan;
  readonly index: PlanIndex;
  readonly nowMs: number;
  readonly at: string;
  readonly state: RunState;
  readonly events: RecordedEvent[];
  readonly copied: Set<ListName>;
  /** Fan-ins whose barrier has been copied as well. */
  readonly copiedBarriers: Set<string>;
  /** The first failure of the superstep. */
  failure: ErrorData | undefined;
  /** The first executor that asked for a halt. */
  haltedBy: string | undefined;
}

/** What the superstep begun last delivers. */
export type InFlight = Queued & { callKey: string };

type ListName = "queue" | "requests" | "delayed" | "values" | "outputs" | "counts" | "barriers";

type EventFields<Event> = Event extends unknown ? Omit<Event, "number" | "at" | "superstep"> : never;

export function openDraft(plan: Plan, state: RunState, nowMs: number): Draft {
  return {
    plan,
    index: indexPlan(plan),
    nowMs,
    at: new Date(nowMs).toISOString(),
    state: { ...state },
    events: [],
    copied: new Set(),
    copiedBarriers: new Set(),
    failure: undefined,
    haltedBy: undefined,
  };
}

export function closeDraft({ state, events }: Draft): Transition {
  return { state, events };
}

/** A list of the state that may be changed in place. */
export function owned<Name extends ListName>(draft: Draft, name: Name): RunState[Name] {
  if (!draft.copied.has(name)) {
    const list = draft.state[name];
    draft.state[name] = (Array.isArray(list) ? list.slice() : { ...list }) as RunState[Name];
    draft.copied.add(name);
  }
  return draft.state[name];
}

/** Puts a new list in place of one of the state. */
export function replace<Name extends ListName>(draft: Draft, name: Name, list: RunState[Name]): void {
  draft.state[name] = list;
  draft.copied.add(name);
}

export function record(draft: Draft, fields: EventFields<RecordedEvent>): void {
  const { state, at } = draft;
  draft.events.push({ number: state.nextEventNumber++, at, superstep: state.superstep, ...fields } as RecordedEvent);
}

export function count(draft: Draft, executorId: string, name: keyof ExecutorCounts): void {
  const counts = owned(draft, "counts");
  const before = own(counts, executorId) ?? { started: 0, completed: 0, failed: 0 };
  counts[executorId] = { ...before, [name]: before[name] + 1 };
}

/** Queues a message for the next superstep. */
export function enqueue(draft: Draft, message: { to: string; from: string | null; valueJson: string }): void {
  owned(draft, "queue").push({ kind: "message", ...message, sentIn: draft.state.superstep, attempt: 1 });
  draft.state.chars += message.valueJson.length;
}

export function charsOf(item: Queued): number {
  return charsOfCall(item) + (item.lastErrorJson?.length ?? 0);
}

function charsOfCall(item: Queued): number {
  switch (item.kind) {
    case "message":
      return item.valueJson.length;
    case "response":
      return item.responseJson.length;
    case "compensation":
      return item.inputJson.length + (item.outputJson?.length ?? 0);
  }
}

/** Fails the run at the end of this transition. The first failure counts. */
export function fail(draft: Draft, error: ErrorData): void {
  draft.failure ??= error;
}

export function errorOf(code: ErrorCode, whatIsWrong: string, whatToDo: string): ErrorData {
  const message = `${whatIsWrong} ${whatToDo}`;
  return { name: "WorkflowError", code, message, retryable: ERRORS[code].retryable, causes: [], issues: [] };
}

import { ERRORS, type ErrorCode } from "../errors.ts";
import type { ErrorData } from "../wire/error-data.ts";
import { placeOf, TOP } from "../wire/frame-path.ts";
import type { Plan } from "../wire/plan.ts";
import type { RecordedEvent } from "../wire/run-event.ts";
import type { Address, ExecutorCounts, Frame, MapState, QueuedCall, RunState } from "../wire/run-state.ts";
import { own } from "./own.ts";
import { indexAt, type PlanIndex } from "./plan-index.ts";

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
  readonly nowMs: number;
  readonly at: string;
  readonly state: RunState;
  readonly events: RecordedEvent[];
  /** What has been copied already: lists by name, parts of frames and maps by name and path. */
  readonly copied: Set<string>;
  /** By frame: the first failure that nothing in it takes. The one of the top fails the run. Missing for none, as the next two. */
  failures: Map<string, ErrorData> | undefined;
  /** By frame: the first executor that asked for a halt. */
  halts: Map<string, string> | undefined;
  /** Maps that cannot come to what they promise any more. */
  unmet: Set<string> | undefined;
}

/** What the superstep begun last delivers. */
export type InFlight = QueuedCall & { callKey: string };

type ListName = "queue" | "requests" | "delayed" | "outputs" | "counts" | "frames" | "maps";

type EventFields<Event> = Event extends unknown ? Omit<Event, "number" | "at" | "superstep"> : never;

export function openDraft(plan: Plan, state: RunState, nowMs: number): Draft {
  return {
    plan,
    nowMs,
    at: isoTime(nowMs),
    state: { ...state },
    events: [],
    copied: new Set(),
    failures: undefined,
    halts: undefined,
    unmet: undefined,
  };
}

let lastTime = { ms: 0, text: new Date(0).toISOString() };

/** Supersteps of many runs begin and end within a millisecond: its text is made once. */
function isoTime(ms: number): string {
  if (lastTime.ms !== ms) lastTime = { ms, text: new Date(ms).toISOString() };
  return lastTime.text;
}

export function closeDraft({ state, events }: Draft): Transition {
  return { state, events };
}

/** The graph that a frame works through. */
export function indexIn({ plan }: Draft, frame: string | undefined): PlanIndex {
  return indexAt(plan, frame ?? TOP);
}

/** A list of the state that may be changed in place. */
export function owned<Name extends ListName>(draft: Draft, name: Name): RunState[Name] {
  if (isFirst(draft, name)) {
    const list = draft.state[name];
    draft.state[name] = (Array.isArray(list) ? list.slice() : { ...list }) as RunState[Name];
  }
  return draft.state[name];
}

/** Puts a new list in place of one of the state. */
export function replace<Name extends ListName>(draft: Draft, name: Name, list: RunState[Name]): void {
  draft.state[name] = list;
  draft.copied.add(name);
}

/** Whether something has not been copied in this transition; from now on it has. */
export function isFirst({ copied }: Draft, name: string): boolean {
  if (copied.has(name)) return false;
  copied.add(name);
  return true;
}

/** A frame that may be changed in place. */
export function ownedFrame(draft: Draft, path: string): Frame {
  return ownedMember(owned(draft, "frames"), path, isFirst(draft, `frame ${path}`));
}

/** A map that may be changed in place, apart from its lists. */
export function ownedMap(draft: Draft, id: string): MapState {
  return ownedMember(owned(draft, "maps"), id, isFirst(draft, `map ${id}`));
}

function ownedMember<Member extends object>(members: Record<string, Member>, name: string, isFirst: boolean): Member {
  const member = own(members, name);
  if (!member) throw new TypeError(`The run has no "${name}" that is open; the engine has lost count.`);
  const owned = isFirst ? { ...member } : member;
  members[name] = owned;
  return owned;
}

/** What each graph of a run keeps for itself: the one at the top in the state, the others in their frames. */
type Scope = Pick<RunState, "values" | "barriers">;

export function scopeOf({ state }: Draft, path: string): Scope {
  const scope = path === TOP ? state : own(state.frames, path);
  return scope ?? { values: {}, barriers: {} };
}

/** State values or fan-ins of a frame, to be changed in place. */
export function ownedIn<Name extends keyof Scope>(draft: Draft, path: string, name: Name): Scope[Name] {
  const scope: Scope = path === TOP ? draft.state : ownedFrame(draft, path);
  if (isFirst(draft, `${name} ${path}`)) scope[name] = { ...scope[name] };
  return scope[name];
}

export function record(draft: Draft, fields: EventFields<RecordedEvent>): void {
  const { state, at } = draft;
  draft.events.push({ number: state.nextEventNumber++, at, superstep: state.superstep, ...fields } as RecordedEvent);
}

/** The path of a frame as a field of events and states, which leave it out at the top. */
export function inFrame(path: string | undefined): { frame?: string } {
  return path === undefined || path === TOP ? {} : { frame: path };
}

export function count(
  draft: Draft,
  { frame = TOP }: Address,
  executorId: string,
  name: keyof ExecutorCounts,
): ExecutorCounts {
  const counts = owned(draft, "counts");
  const place = placeOf(frame, executorId);
  const before = own(counts, place) ?? { started: 0, completed: 0, failed: 0 };
  const after = { ...before, [name]: before[name] + 1 };
  counts[place] = after;
  return after;
}

/** Queues a message for the next superstep. */
export function enqueue(
  draft: Draft,
  { frame, item, ...message }: Address & { to: string; from: string | null; valueJson: string },
): void {
  const { superstep: sentIn } = draft.state;
  const address = { ...inFrame(frame), ...(item && { item }) };
  owned(draft, "queue").push({ kind: "message", ...message, ...address, sentIn, attempt: 1 });
  draft.state.chars += message.valueJson.length;
}

export function charsOf(item: QueuedCall): number {
  return charsOfCall(item) + (item.lastErrorJson?.length ?? 0);
}

function charsOfCall(item: QueuedCall): number {
  switch (item.kind) {
    case "message":
      return item.valueJson.length;
    case "response":
      return item.responseJson.length;
    case "compensation":
      return item.inputJson.length + (item.outputJson?.length ?? 0);
  }
}

/** Fails a frame, or the run where it is the one at the top, at the end of this transition. The first failure counts. */
export function fail(draft: Draft, frame: string, error: ErrorData): void {
  draft.failures ??= new Map();
  if (!draft.failures.has(frame)) draft.failures.set(frame, error);
}

/** Ends a frame, or the run where it is the one at the top, as completed at the end of this transition. */
export function halt(draft: Draft, frame: string, executorId: string): void {
  draft.halts ??= new Map();
  if (!draft.halts.has(frame)) draft.halts.set(frame, executorId);
}

export function errorOf(code: ErrorCode, whatIsWrong: string, whatToDo: string): ErrorData {
  const message = `${whatIsWrong} ${whatToDo}`;
  return { name: "WorkflowError", code, message, retryable: ERRORS[code].retryable, causes: [], issues: [] };
}

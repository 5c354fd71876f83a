import type { JsonText } from "../wire/json.ts";
import type { Plan } from "../wire/plan.ts";
import type { Frame, Queued, RunState } from "../wire/run-state.ts";
import { closeDraft, openDraft, record, type Transition } from "./draft.ts";
import { checkSize, endFailed } from "./ending.ts";
import { own } from "./own.ts";

/** What a fork has instead of what its parent had. */
export interface ForkChanges {
  readonly runId: string;
  readonly seed: string;
  readonly startedAtMs: number;
  readonly inputHash: string;
  /** Takes the place of the one message that is queued. */
  readonly messageJson?: JsonText | undefined;
  /** State values by the name of their key. */
  readonly values: Readonly<Record<string, JsonText>>;
}

/**
 * The state a fork begins from: that of its parent before one of its supersteps, under an id of its own. Requests that are
 * open keep their ids; events are numbered from 1.
 */
export function forkState(before: RunState, { messageJson, values, ...run }: ForkChanges): RunState {
  const queue = messageJson === undefined ? before.queue : before.queue.map((item) => withMessage(item, messageJson));
  const state = { ...before, ...run, parentRunId: before.runId, queue, values: { ...before.values, ...values } };
  const { deadlineAtMs, startedAtMs } = before;
  // It has as long as its parent had, from its own start.
  const frames = laterFrames(before, run.startedAtMs - startedAtMs);
  const forked = { ...state, frames, chars: before.chars + growthOf(before, state), nextEventNumber: 1 };
  return deadlineAtMs === undefined
    ? forked
    : { ...forked, deadlineAtMs: run.startedAtMs + (deadlineAtMs - startedAtMs) };
}

function laterFrames({ frames }: RunState, laterMs: number): RunState["frames"] {
  const later = ([path, frame]: [string, Frame]) => {
    const { deadlineAtMs } = frame;
    return [path, deadlineAtMs === undefined ? frame : { ...frame, deadlineAtMs: deadlineAtMs + laterMs }];
  };
  return Object.fromEntries(Object.entries(frames).map(later));
}

/** The beginning of a run that was forked. */
export function beginFork(plan: Plan, state: RunState): Transition {
  const draft = openDraft(plan, state, state.startedAtMs);
  const { parentRunId } = state;
  const parent = parentRunId === undefined ? {} : { parentRunId };
  record(draft, { type: "runStarted", workflow: plan.workflow, version: plan.fingerprint, ...parent });
  checkSize(draft);
  endFailed(draft);
  return closeDraft(draft);
}

function withMessage(item: Queued, valueJson: JsonText): Queued {
  return item.kind === "message" ? { ...item, valueJson } : item;
}

function growthOf(before: RunState, after: Pick<RunState, "queue" | "values">): number {
  const charsIn = (queue: RunState["queue"]) =>
    queue.reduce((sum, item) => sum + (item.kind === "message" ? item.valueJson.length : 0), 0);
  const changed = Object.entries(after.values).map(
    ([name, valueJson]) => valueJson.length - (own(before.values, name)?.length ?? 0),
  );
  return charsIn(after.queue) - charsIn(before.queue) + changed.reduce((sum, chars) => sum + chars, 0);
}

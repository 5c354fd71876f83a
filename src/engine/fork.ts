import type { JsonText } from "../wire/json.ts";
import type { Plan } from "../wire/plan.ts";
import type { Frame, OpenRequest, Queued, RunState } from "../wire/run-state.ts";
import { closeDraft, inFrame, openDraft, record, type Transition } from "./draft.ts";
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
 *
 * What the fork has not done itself it does not undo: the calls before it are the parent's, who may still rely on them, or
 * has undone them already. Times to wait for people begin anew, as does the run's own; a retry that is due by now is due.
 */
export function forkState(parent: RunState, { messageJson, values, ...run }: ForkChanges): RunState {
  const before = withoutParentsCalls(parent);
  const queue = messageJson === undefined ? before.queue : before.queue.map((item) => withMessage(item, messageJson));
  const requests = before.requests.map((request) => openedAnew(request, run.startedAtMs));
  const frames = Object.fromEntries(
    Object.entries(before.frames).map(([path, frame]) => [path, openedAnew(frame, run.startedAtMs)]),
  );
  const state = {
    ...before,
    ...run,
    parentRunId: before.runId,
    queue,
    requests,
    frames,
    values: { ...before.values, ...values },
  };
  const forked = { ...state, chars: before.chars + growthOf(before, state), nextEventNumber: 1 };
  const { deadlineAtMs, startedAtMs } = before;
  return deadlineAtMs === undefined
    ? forked
    : { ...forked, deadlineAtMs: run.startedAtMs + (deadlineAtMs - startedAtMs) };
}

function withoutParentsCalls({ compensable = [], ...parent }: RunState): RunState {
  const chars = compensable.reduce(
    (sum, { inputJson, outputJson = "" }) => sum + inputJson.length + outputJson.length,
    0,
  );
  return { ...parent, chars: parent.chars - chars };
}

function openedAnew<Opened extends OpenRequest | Frame>(opened: Opened, openedAtMs: number): Opened {
  const { deadlineAtMs } = opened;
  if (deadlineAtMs === undefined) return { ...opened, openedAtMs };
  return { ...opened, openedAtMs, deadlineAtMs: openedAtMs + (deadlineAtMs - opened.openedAtMs) };
}

/** The beginning of a run that was forked. */
export function beginFork(plan: Plan, state: RunState): Transition {
  const draft = openDraft(plan, state, state.startedAtMs);
  const { parentRunId } = state;
  const parent = parentRunId === undefined ? {} : { parentRunId };
  record(draft, { type: "runStarted", workflow: plan.workflow, version: plan.fingerprint, ...parent });
  for (const { frame, port: executorId, requestId, requestJson: request } of state.requests) {
    record(draft, { type: "requestOpened", ...inFrame(frame), executorId, requestId, request });
  }
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

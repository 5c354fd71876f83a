import type { Delivery } from "../wire/delivery.ts";
import { frameOfCall, TOP } from "../wire/frame-path.ts";
import type { Outcome } from "../wire/outcome.ts";
import { DEFAULT_LIMITS, type Plan } from "../wire/plan.ts";
import type { RunStart } from "../wire/run-start.ts";
import type { RunState } from "../wire/run-state.ts";
import { nextWake, queueDue } from "./delays.ts";
import { deliver } from "./deliveries.ts";
import {
  closeDraft,
  type Draft,
  enqueue,
  errorOf,
  fail,
  type InFlight,
  inFrame,
  openDraft,
  record,
  type Transition,
} from "./draft.ts";
import { checkSize, endCancelled, endFailed, failOutOfTime, isOutOfTime, settle } from "./ending.ts";
import { applyFrameLimits, timeOutFrames } from "./frame-limits.ts";
import { settleFrames } from "./frames.ts";
import { holdBack, releaseHeld } from "./kept.ts";
import { applyOutcome, type Writers } from "./outcomes.ts";
import { depthOf } from "./plan-index.ts";
import { recordedEnd } from "./recorded-end.ts";
import { timeOutRequests } from "./request-timeouts.ts";
import { takeResponse } from "./requests.ts";

/**
 * The engine: what a run does, as pure functions from state to state. A runner is a loop around it; between two
 * supersteps it takes in answers, cancel and due times, then delivers, calls, and applies what the calls produced.
 *
 * A graph with two branches of different length that join in a fan-in:
 *
 * ```
 *          ┌─▶ Left ─────────────┐
 *   Start ─┤                     ├─▶ Join
 *          └─▶ Right ─▶ Further ─┘
 *
 *                                  queue              in flight     barrier of Join
 *   beginRun                       Start
 *   takeDeliveries, superstep 1                       Start
 *   applyOutcomes                  Left, Right
 *   takeDeliveries, superstep 2                       Left, Right
 *   applyOutcomes                  Further                          Left: [l]
 *   takeDeliveries, superstep 3                       Further       Left: [l]
 *   applyOutcomes                  Join [l, f]
 *   takeDeliveries, superstep 4                       Join
 *   applyOutcomes                                                                  completed
 * ```
 *
 * Calls of a superstep are in this order: what was sent earlier first; then the order of the plan, in which the executors of a
 * sub-workflow stand at the place of its node; then arrival. Outcomes are applied in the order of the calls.
 *
 * A sub-workflow runs in a frame, with a queue in common with all others, and state and fan-ins of its own: `frames.ts` has
 * its walkthrough. A map keeps the items of its list to itself and hands them out in windows: that of `maps.ts`. Where the
 * result of a call goes, along edges, to a map or out of a frame, is in `results.ts`.
 *
 * A request port adds a wait: its call gives `requestOpened`, the request stands in `requests` while everything else goes
 * on, and `applyResponse` queues a second call of the port, whose message goes along the port's edges.
 */

export type { Transition } from "./draft.ts";

/** A transition that begins a superstep. No deliveries: nothing is queued whose turn it is, or a limit has ended the run. */
export interface Superstep extends Transition {
  readonly deliveries: readonly Delivery[];
}

export interface RunBeginning extends Pick<RunStart, "inputJson" | "inputHash" | "seed"> {
  readonly runId: string;
  /** When the run times out; counted from now when it is left out. */
  readonly deadlineAtMs?: number | undefined;
  readonly nowMs: number;
}

/** The state of a new run, with its input queued for the start executor. */
export function beginRun(plan: Plan, beginning: RunBeginning): Transition {
  const { inputJson, nowMs } = beginning;
  const draft = openDraft(plan, emptyState(plan, beginning), nowMs);
  record(draft, { type: "runStarted", workflow: plan.workflow, version: plan.fingerprint });
  enqueue(draft, { to: plan.start, from: null, valueJson: inputJson });
  checkDepth(draft);
  checkSize(draft);
  endFailed(draft);
  return closeDraft(draft);
}

/** A plan that this library built is not too deep. One that another program wrote may even hold itself. */
function checkDepth(draft: Draft): void {
  const { plan } = draft;
  const most = plan.limits.maxDepth ?? DEFAULT_LIMITS.maxDepth;
  if (depthOf(plan, most) <= most) return;
  const whatIsWrong = `The sub-workflows of "${plan.workflow}" are nested deeper than ${most} levels.`;
  fail(draft, TOP, errorOf("NESTING_TOO_DEEP", whatIsWrong, "Put less into one another, or raise maxDepth."));
}

function emptyState(plan: Plan, run: Omit<RunBeginning, "inputJson">): RunState {
  const { runId, inputHash, seed, nowMs } = run;
  const { deadlineAtMs = plan.timeoutMs && nowMs + plan.timeoutMs } = run;
  return {
    format: 1,
    runId,
    status: "running",
    startedAtMs: nowMs,
    inputHash,
    seed,
    superstep: 0,
    queue: [],
    inFlight: [],
    barriers: {},
    requests: [],
    delayed: [],
    values: Object.fromEntries(plan.state.map(({ name, initialJson }) => [name, initialJson])),
    frames: {},
    maps: {},
    outputs: [],
    counts: {},
    requestsOpened: 0,
    messagesDropped: 0,
    chars: plan.state.reduce((chars, { initialJson }) => chars + initialJson.length, 0),
    nextEventNumber: 1,
    ...(deadlineAtMs !== undefined && { deadlineAtMs }),
  };
}

/** Begins the next superstep, when anything is queued whose turn it is. Its outcomes have to be applied before the next one. */
export function takeDeliveries(plan: Plan, state: RunState, nowMs: number): Superstep {
  if (state.status !== "running" || state.queue.length === 0) return { state, events: [], deliveries: [] };
  const draft = openDraft(plan, state, nowMs);
  holdBack(draft);
  if (draft.state.queue.length === 0) return { ...closeDraft(draft), deliveries: [] };
  const { maxSupersteps } = plan.limits;
  if (state.superstep >= maxSupersteps && !state.ending) {
    const whatIsWrong = `The run took ${maxSupersteps} supersteps, as many as its limit allows, and is not done.`;
    const whatToDo = "Look for a loop without an end, or raise maxSupersteps.";
    fail(draft, TOP, errorOf("MAX_SUPERSTEPS", whatIsWrong, whatToDo));
    endFailed(draft);
    if (draft.state.status !== "running") return { ...closeDraft(draft), deliveries: [] };
  }
  draft.state.superstep += 1;
  const deliveries = deliver(draft);
  return { ...closeDraft(draft), deliveries };
}

/**
 * Takes in what the calls of a superstep produced, and decides whether the run goes on.
 *
 * @param outcomes - one for each delivery, in any order: they are applied in the order of the deliveries
 */
export function applyOutcomes(plan: Plan, state: RunState, outcomes: readonly Outcome[], nowMs: number): Transition {
  const draft = openDraft(plan, state, nowMs);
  const byCall = new Map(outcomes.map((outcome) => [outcome.callKey, outcome]));
  const writers: Writers = new Map();
  draft.state.inFlight = [];
  releaseHeld(draft);
  const ended = (state.inFlight as readonly InFlight[]).map((call) => {
    return { call, outcome: byCall.get(call.callKey) ?? missing(draft, call) };
  });
  if (isOutOfTime(state, recordedEnd(outcomes))) failOutOfTime(draft);
  applyFrameLimits(draft, ended);
  for (const { call, outcome } of ended) applyOutcome(draft, call, outcome, writers);
  settle(draft);
  return closeDraft(draft);
}

/** A shell that has no outcome for a call must not lose the call in silence. */
function missing({ state, nowMs }: Draft, { to: executorId, callKey, attempt }: InFlight): Outcome {
  const whatIsWrong = `Call ${callKey} of executor "${executorId}" has no outcome.`;
  const error = errorOf("ACTIVITY_LOST", whatIsWrong, "Look into the log of the host for the reason.");
  const result = { status: "failed", error } as const;
  return { executorId, callKey, attempt, superstep: state.superstep, startedAtMs: nowMs, endedAtMs: nowMs, result };
}

/** Takes in a response: the port is called with it in the next superstep. One to no open request is ignored, and says so. */
export function applyResponse(
  plan: Plan,
  state: RunState,
  { requestId, responseJson }: { readonly requestId: string; readonly responseJson: string },
  nowMs: number,
): Transition {
  return whileRunning(plan, state, nowMs, (draft) => {
    takeResponse(draft, requestId, responseJson);
    if (state.ending) return;
    checkSize(draft);
    endFailed(draft);
  });
}

/** Records a response that nobody will look at any more: its request is closed, or the run has ended. */
export function ignoreResponse(plan: Plan, state: RunState, requestId: string, nowMs: number): Transition {
  const draft = openDraft(plan, state, nowMs);
  record(draft, { type: "responseIgnored", requestId });
  return closeDraft(draft);
}

/**
 * Cancels a run at a superstep boundary. With calls in flight it ends once their outcomes have been applied: these are
 * recorded, and nothing they sent is delivered. A run that is on its way to an end already stays on it.
 */
export function applyCancel(
  plan: Plan,
  state: RunState,
  { reason }: { readonly reason?: string | undefined },
  nowMs: number,
): Transition {
  if (state.ending) return { state, events: [] };
  return whileRunning(plan, state, nowMs, (draft) => {
    if (reason !== undefined) draft.state.cancelReason = reason;
    if (state.inFlight.length === 0) endCancelled(draft);
    else draft.state.isCancelRequested = true;
  });
}

/**
 * Does what is due between two supersteps: queues the delayed calls whose time has come and ends the wait of requests that
 * nobody answered, or fails the run when its own time is up.
 */
export function applyDue(plan: Plan, state: RunState, nowMs: number): Transition {
  if ((nextWake(state) ?? Number.POSITIVE_INFINITY) > nowMs) return { state, events: [] };
  return whileRunning(plan, state, nowMs, (draft) => {
    if (state.inFlight.length > 0) return;
    releaseHeld(draft);
    if (isOutOfTime(state, nowMs)) failOutOfTime(draft);
    else {
      queueDue(draft);
      timeOutRequests(draft);
      timeOutFrames(draft);
      if (!state.ending) settleDue(draft);
    }
    endFailed(draft);
  });
}

/** What timed out may have failed its frame. */
function settleDue(draft: Draft): void {
  if (!draft.failures?.has(TOP)) settleFrames(draft);
  checkSize(draft);
}

/** True when there is nothing to deliver, but something to wait for: an answer, or a due time. */
export function isWaiting({ status, queue, inFlight }: RunState): boolean {
  return status === "running" && queue.length === 0 && inFlight.length === 0;
}

export { nextWake } from "./delays.ts";
export { wasRequestOpened } from "./requests.ts";

/**
 * Takes in that a handler answered after its call had been given up: nothing comes of it but a run event, which may be the
 * last one of a run that ended meanwhile.
 *
 * @param call - of the attempt that was given up
 */
export function applyLateResult(
  plan: Plan,
  state: RunState,
  { executorId, callKey, attempt }: Pick<Delivery, "executorId" | "callKey" | "attempt">,
  nowMs: number,
): Transition {
  const draft = openDraft(plan, state, nowMs);
  record(draft, { type: "lateResultIgnored", ...inFrame(frameOfCall(callKey)), executorId, callKey, attempt });
  return closeDraft(draft);
}

/** A run that has ended takes nothing in any more, and nothing happens in it. */
function whileRunning(plan: Plan, state: RunState, nowMs: number, change: (draft: Draft) => void): Transition {
  if (state.status !== "running") return { state, events: [] };
  const draft = openDraft(plan, state, nowMs);
  change(draft);
  return closeDraft(draft);
}

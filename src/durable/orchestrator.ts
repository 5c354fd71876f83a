import { recordedEnd } from "../engine/recorded-end.ts";
import { nextWake, takeDeliveries } from "../engine/transitions.ts";
import { WorkflowError } from "../errors.ts";
import { type Archived, archived as archivedSchema } from "../wire/archive.ts";
import type { Delivery } from "../wire/delivery.ts";
import { ARCHIVE_ACTIVITY, activityName } from "../wire/durable-names.ts";
import { type Outcome, outcome as outcomeSchema } from "../wire/outcome.ts";
import { type RunStart, runStart } from "../wire/run-start.ts";
import type { RunState } from "../wire/run-state.ts";
import type { RunResult } from "../wire/status.ts";
import { activityInput, archiveInput } from "./call.ts";
import { customStatusOf } from "./custom-status.ts";
import { Generation } from "./generation.ts";
import { mayAnswerLate } from "./mail.ts";
import { nextStart, ownStart } from "./own-start.ts";
import { failureText } from "./run-result.ts";
import type { Orchestration, OrchestrationContext, Task } from "./sdk.ts";
import { beginning, endSuperstep, lostOutcome, MAX_TIMER_MS, shownState, takeIn } from "./turn.ts";
import { Waiters } from "./waiters.ts";

/**
 * The orchestrator of every workflow: it interprets the plan in its input with the engine, and runs no code of the user.
 * A run of `A -> B` with a port between them, what it yields and what is in the history by then:
 *
 * ```
 * superstep 1   any(all(A), cancel)                 A's outcome: a message for the port
 * superstep 2   any(all(Port), cancel)  *           the port's outcome: a request is open
 * waiting       any(cancel', response-port-1-…)     the person's answer, raised as an event
 * superstep 3   any(all(Port), response-port-1-…')  the port's outcome: a message for B
 * superstep 4   any(all(B))                         B's outcome: an output; nothing is left to do
 *
 * *  only names that have no waiter left get a new one: cancel's first waiter is still there
 * ```
 *
 * A long run goes on in a new generation, with an empty history, once this one is large enough and a superstep has ended:
 *
 * ```
 * archive                                           the generation's run events are in the archive
 * any(cancel', every request of it', timer(now))    the timer's firing: nothing is on its way, so `continueAsNew` at once
 * ```
 *
 * What came before the timer has a waiter, and then the run goes on as it is and tries again after its next superstep; what
 * comes after it is carried over by the host. A second such wait in a row would double events on replay
 * (docs/decisions/0013-long-runs-go-on-in-generations.md).
 *
 * @see Durable Functions, "Orchestrator function code constraints": it is replayed, so it has no clock, no chance and no
 *   I/O of its own, and does all work through `yield`
 */
export function* interpretPlan(df: OrchestrationContext): Orchestration<RunResult | undefined> {
  const start = readStart(df);
  const { plan } = start;
  const waiters = new Waiters(df, mayAnswerLate(plan));
  const generation = new Generation(start.generationLimits);
  let { state } = beginning(start, df.instanceId, nowMs(df));
  // How far time has come by what is recorded: clocks may be a little behind it, or ahead.
  let dueMs = start.continued?.dueMs ?? 0;
  while (state.status === "running") {
    const now = Math.max(nowMs(df), dueMs);
    generation.see(state);
    state = takeIn(plan, state, waiters, now, dueMs).state;
    generation.see(state);
    if (generation.takeTurn() && state.status === "running") {
      publish(df, start, state, waiters);
      const archived = yield* archive(df);
      if (!archived) generation.pause();
      else if (yield* isQuiet(df, waiters, state, generation)) {
        // Nothing may be yielded between the quiet and this.
        publish(df, start, state, waiters, archived.createdAtMs);
        df.continueAsNew(nextStart(start, state, dueMs, archived));
        return undefined;
      }
      continue; // takes in what came meanwhile
    }
    const step = takeDeliveries(plan, state, now);
    state = step.state;
    publish(df, start, state, waiters);
    if (step.deliveries.length > 0) {
      const outcomes = yield* callAll(df, waiters, state, step.deliveries);
      state = endSuperstep(plan, state, waiters, outcomes, nowMs(df)).state;
      generation.addSuperstep(step.deliveries, outcomes);
      dueMs = Math.max(dueMs, recordedEnd(outcomes));
    } else if (state.status === "running") {
      generation.addWait(1 + state.requests.length);
      dueMs = Math.max(dueMs, yield* waitForNews(df, waiters, state));
    }
  }
  publish(df, start, state, waiters);
  return endOf(state);
}

/** Writes the run events of this generation to the archive. @returns undefined when that did not work */
function* archive(df: OrchestrationContext): Orchestration<Archived | undefined> {
  const call = df.callActivity(ARCHIVE_ACTIVITY, archiveInput(df.instanceId));
  yield* settle(call);
  if (!call.isCompleted) return undefined;
  return archivedSchema.safeParse(call.result).data;
}

/** Whether nothing is on its way from outside: then, and in the same step, a new generation may begin. */
function* isQuiet(
  df: OrchestrationContext,
  waiters: Waiters,
  state: RunState,
  { asked }: Generation,
): Orchestration<boolean> {
  // Waiters from before may have something by now, and a fresh one would get only what comes next.
  if (waiters.hasNews(openRequests(state))) return false;
  const news = waiters.forAll(asked);
  const timer = df.createTimer(df.currentUtcDateTime);
  yield df.Task.any([...news, timer]);
  if (timer.isCompleted) return true;
  timer.cancel();
  return false;
}

/**
 * Calls all executors of a superstep and waits for every one of them. The waiters beside the calls keep what comes in
 * meanwhile; once one of them wins, the calls left are waited for one by one, since a scheduled task must not be put
 * into another compound. (`all` would lose the siblings of a call that fails.)
 */
function* callAll(
  df: OrchestrationContext,
  waiters: Waiters,
  state: RunState,
  deliveries: readonly Delivery[],
): Orchestration<Outcome[]> {
  const calls = deliveries.map((delivery) =>
    df.callActivity(activityName(delivery.workflow, delivery.executorId), activityInput(delivery)),
  );
  yield df.Task.any([df.Task.all(calls), ...waiters.forUnwatched(state.requests)]);
  for (const call of calls) yield* settle(call);
  return deliveries.map((delivery, index) => outcomeOf(df, delivery, calls[index]));
}

/** Yielding the same task again adds no action; it only waits. */
function* settle(call: Task): Orchestration<void> {
  if (call.isCompleted || call.isFaulted) return;
  try {
    yield call;
  } catch {
    // the task keeps its error, and outcomeOf reads it there
  }
}

function outcomeOf(df: OrchestrationContext, delivery: Delivery, call: Task | undefined): Outcome {
  if (!call?.isCompleted) return lostOutcome(delivery, textOf(call?.result), nowMs(df));
  const outcome = call.result as Outcome;
  // What was looked at when it came is not looked at again on replay: it was right, or the run has failed on the spot. And it
  // is taken as it came: parsed, it might have other fields, or the same in another order, than a replay sees.
  if (df.isReplaying) return outcome;
  const parsed = outcomeSchema.safeParse(outcome);
  if (parsed.success && outcome.callKey === delivery.callKey) return outcome;
  throw failedRun(
    `Call ${delivery.callKey} of executor "${delivery.executorId}" was answered in a form this version does not know.`,
    "Start the run again, or deploy one version of the app everywhere.",
  );
}

/** Waits for an answer, cancel, or the next due time. @returns the due time when that came first, else 0 */
function* waitForNews(df: OrchestrationContext, waiters: Waiters, state: RunState): Orchestration<number> {
  const news = waiters.forAll(openRequests(state));
  const wakeMs = nextWake(state);
  if (wakeMs === null) {
    yield df.Task.any(news);
    return 0;
  }
  const dueMs = Math.min(wakeMs, nowMs(df) + MAX_TIMER_MS);
  const timer = df.createTimer(new Date(dueMs));
  yield df.Task.any([...news, timer]);
  if (timer.isCompleted) return dueMs;
  timer.cancel(); // an orchestration with an open timer does not complete
  return 0;
}

/**
 * Sets the custom status, on replay too: the host forgets the one of earlier episodes. Only the last one of an episode
 * is sent, so it is made when the SDK writes it down, and not for every superstep that is replayed. By then answers may
 * have come for which the orchestrator was not called on.
 */
function publish(
  df: OrchestrationContext,
  start: RunStart,
  state: RunState,
  waiters: Waiters,
  createdAtMs = start.continued?.createdAtMs,
): void {
  const generation = { generation: start.continued?.generation, createdAtMs };
  df.setCustomStatus({ toJSON: () => customStatusOf(start.plan, shownState(state, waiters), generation) });
}

/** The error of a run that another version of this library wrote; the engine cannot go on with it, nor end it. */
function failedRun(whatIsWrong: string, whatToDo: string): Error {
  const { name, code, message, retryable } = new WorkflowError("PLAN_INVALID", whatIsWrong, whatToDo);
  const error = { name, code, message, retryable, causes: [], issues: [] };
  return new Error(failureText({ format: 1, status: "failed", outputs: [], error }));
}

/** @throws an error with the whole result in its text: a failed run is a failed orchestration */
function endOf(state: RunState): RunResult {
  const { status, error, compensationErrors } = state;
  const outputs = state.outputs.map(({ outputJson }) => outputJson);
  const ended = { format: 1, outputs, ...(compensationErrors && { compensationErrors }) } as const;
  if (status === "completed" || status === "cancelled") return { ...ended, status };
  throw new Error(failureText({ ...ended, status: "failed", ...(error && { error }) }));
}

function readStart(df: OrchestrationContext): RunStart {
  const input = df.getInput<RunStart>();
  if (df.isReplaying) return ownStart(input, df.instanceId);
  const parsed = runStart.safeParse(input);
  // As it came, like everything that a replay sees.
  if (parsed.success) return ownStart(input, df.instanceId);
  throw failedRun(
    "This orchestration was started with something that is no plan of this version.",
    "Start runs over the app's own routes, and start this one again.",
  );
}

function openRequests(state: RunState): string[] {
  return state.requests.map(({ requestId }) => requestId);
}

function nowMs(df: OrchestrationContext): number {
  return df.currentUtcDateTime.getTime();
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

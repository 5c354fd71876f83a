import { abortedOutcome } from "../engine/aborted-outcome.ts";
import { atTime } from "../engine/invoke/at-time.ts";
import type { InvokeEnvironment } from "../engine/invoke/environment.ts";
import { setLongTimer } from "../engine/invoke/long-timer.ts";
import { invoke } from "../engine/invoke.ts";
import { isWorkflowError } from "../errors.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import type { UpdateChannel } from "../updates/update-channel.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { Outcome } from "../wire/outcome.ts";
import { LATE_EVENT, lateData } from "./mail.ts";
import { type RunningCall, type RunningCalls, runningCalls } from "./running-calls.ts";
import type { Instances } from "./sdk.ts";
import { type SetTimer, watchRun } from "./watch-run.ts";

/** What a call needs of the process it runs in. */
export interface ActivityHost {
  /** The task hub's; asked for only by a call that takes long, or answers late. */
  readonly instances: () => Instances;
  /** Gets what a failed call threw, with its stack: callers of the run see the message only. */
  readonly logError: (text: string) => void;
  /** Brings what the call tells while it goes on to whoever reads it; left out where nobody can. */
  readonly updates?: UpdateChannel | undefined;
  readonly clock?: ActivityClock;
  readonly running?: RunningCalls;
}

export interface ActivityClock {
  nowMs(): number;
  readonly setTimer: SetTimer;
}

const systemClock: ActivityClock = {
  nowMs: () => Date.now(),
  // A handler that hangs must not keep a host alive that is done with everything else.
  setTimer: (delayMs, wake) => setLongTimer(delayMs, wake, { isUnref: true }),
};

/**
 * Calls an executor once. When its run is cancelled, or the run's own time is up, the handler sees its signal and is not
 * waited for any longer: what it still answers is told to the run as mail, and comes to nothing but a run event
 * (docs/decisions/0016-a-cancel-reaches-the-handlers.md).
 */
export async function callStoppably(workflow: WorkflowNode, delivery: Delivery, host: ActivityHost): Promise<Outcome> {
  const { clock = systemClock, running = runningCalls, updates } = host;
  const call = running.begin(delivery.runId);
  const stops = [atTime(delivery.deadlineAtMs, clock, () => call.stop())];
  // What undoes the calls of a cancelled run is not stopped by that cancel.
  if (delivery.call.kind === "compensation") running.end(delivery.runId, call);
  else stops.push(watchCancel(delivery, host, clock, call, running.wasStopped(delivery.runId)));
  const environment = {
    signal: call.signal,
    ...clock,
    lateResult: (late: Delivery) => void tellLate(late, host),
    ...(updates && { updates }),
  };
  const outcome = await untilGivenUp(workflow, delivery, environment, call);
  for (const stop of stops) stop();
  running.end(delivery.runId, call);
  updates?.ended(delivery);
  return call.cancel ? { ...outcome, cancel: call.cancel } : outcome;
}

/** The handler's own outcome, or one in its place once the call has been given up. */
async function untilGivenUp(
  workflow: WorkflowNode,
  delivery: Delivery,
  environment: InvokeEnvironment,
  { givenUp }: RunningCall,
): Promise<Outcome> {
  let isOver = false;
  const answered = invoke(workflow, delivery, environment).then((outcome) => {
    if (isOver && outcome.result.status !== "failed") environment.lateResult(delivery);
    return outcome;
  });
  const outcome = await Promise.race([answered, givenUp]);
  isOver = true;
  return outcome ?? abortedOutcome(delivery, environment.nowMs());
}

/** @param isDoubtful - a run of this id was cancelled a moment ago: look at once */
function watchCancel(
  { runId }: Delivery,
  { instances, logError }: ActivityHost,
  { setTimer }: ActivityClock,
  call: RunningCall,
  isDoubtful: boolean,
): () => void {
  const watch = { runId, instances, logError, setTimer, stop: call.stop.bind(call) };
  return isDoubtful ? watchRun(watch, 0) : watchRun(watch);
}

/** The outcome has been recorded by then, so the run learns of the answer as of all that comes from outside. */
async function tellLate(late: Delivery, { instances, logError }: ActivityHost): Promise<void> {
  try {
    await instances().raiseEvent(late.runId, LATE_EVENT, lateData(late));
  } catch (error) {
    if (!isWorkflowError(error)) logError(`${lateText(late)} The run could not be told: ${error}`);
    // Else the run has ended meanwhile, and nothing happens in it any more.
  }
}

function lateText({ executorId, runId, callKey, attempt }: Delivery): string {
  return `Executor "${executorId}" answered attempt ${attempt} at call ${callKey} of run ${runId} after it had been given up; the answer is ignored.`;
}

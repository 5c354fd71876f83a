import { invoke } from "../engine/invoke.ts";
import type { Catalog } from "../graph/catalog.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { ErrorData } from "../wire/error-data.ts";
import type { Outcome } from "../wire/outcome.ts";
import { activityCall } from "./call.ts";

/**
 * The activity of every executor and port: calls it once and gives the outcome as data, whatever user code did. An
 * executor that the deployed catalog does not have any more answers `EXECUTOR_NOT_DEPLOYED`, and the run tries again later.
 *
 * @param logError - gets what a failed call threw, with its stack: callers of the run see the message only
 * @throws when the call itself cannot be read; the run takes it for a lost call
 */
export async function callExecutor(
  catalog: Catalog,
  input: unknown,
  logError: (text: string) => void,
): Promise<Outcome> {
  const delivery = activityCall.parse(input);
  const workflow = catalog.find(delivery.runWorkflow ?? delivery.workflow);
  const environment = {
    // The host cannot cancel an activity, so this signal never fires; the one for its time limit does.
    signal: new AbortController().signal,
    nowMs: () => Date.now(),
    setTimer,
    // Its outcome has been recorded by then, so the log is the only place left to say so.
    lateResult: (late: Delivery) => logError(lateText(late)),
  };
  const outcome = workflow ? await invoke(workflow, delivery, environment) : notDeployed(delivery);
  if (outcome.result.status === "failed") logError(failureOf(delivery, outcome.result.error));
  return outcome;
}

/** The longest timer of Node, 24 days: no host lets an activity run that long. */
const MAX_TIMER_MS = 2 ** 31 - 1;

function setTimer(delayMs: number, wake: () => void): () => void {
  const timer = setTimeout(wake, Math.min(delayMs, MAX_TIMER_MS));
  return () => clearTimeout(timer);
}

function failureOf({ executorId, runId, callKey }: Delivery, { message, stack }: ErrorData): string {
  return `Executor "${executorId}" failed in run ${runId}, call ${callKey}: ${stack ?? message}`;
}

function lateText({ executorId, runId, callKey, attempt }: Delivery): string {
  return `Executor "${executorId}" answered attempt ${attempt} at call ${callKey} of run ${runId} after its time limit; the answer is ignored.`;
}

/** Executors that are missing from a deployed workflow are found by `invoke`; here the whole workflow is missing. */
function notDeployed({ executorId, callKey, superstep, attempt, workflow, runWorkflow = workflow }: Delivery): Outcome {
  const nowMs = Date.now();
  const error = {
    name: "WorkflowError",
    code: "EXECUTOR_NOT_DEPLOYED",
    message: `Workflow "${runWorkflow}" is not deployed. Deploy it again; the run goes on by itself then.`,
    retryable: true,
    executorId,
    causes: [],
    issues: [],
  };
  const result = { status: "failed", error } as const;
  return { executorId, callKey, superstep, attempt, startedAtMs: nowMs, endedAtMs: nowMs, result };
}

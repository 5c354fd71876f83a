import type { Catalog } from "../graph/catalog.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { ErrorData } from "../wire/error-data.ts";
import type { Outcome } from "../wire/outcome.ts";
import { activityCall } from "./call.ts";
import { type ActivityHost, callStoppably } from "./stoppable-call.ts";

/**
 * The activity of every executor and port: calls it once and gives the outcome as data, whatever user code did. An
 * executor that the deployed catalog does not have any more answers `EXECUTOR_NOT_DEPLOYED`, and the run tries again later.
 *
 * @throws when the call itself cannot be read; the run takes it for a lost call
 */
export async function callExecutor(catalog: Catalog, input: unknown, host: ActivityHost): Promise<Outcome> {
  const delivery = activityCall.parse(input);
  const workflow = catalog.find(delivery.runWorkflow ?? delivery.workflow);
  const outcome = workflow ? await callStoppably(workflow, delivery, host) : notDeployed(delivery);
  if (outcome.result.status === "failed") host.logError(failureOf(delivery, outcome.result.error));
  return outcome;
}

function failureOf({ executorId, runId, callKey }: Delivery, { message, stack }: ErrorData): string {
  return `Executor "${executorId}" failed in run ${runId}, call ${callKey}: ${stack ?? message}`;
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

import { withResponseSchemas } from "../engine/response-schemas.ts";
import { executorStatuses, portPlaceOf, runStatusOf } from "../engine/run-status.ts";
import { ERRORS, type ErrorCode } from "../errors.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import type { ErrorData } from "../wire/error-data.ts";
import { parseJson } from "../wire/json.ts";
import type { Plan } from "../wire/plan.ts";
import {
  type CustomStatus,
  type RunResult,
  type RunStatus,
  type RunStatusName,
  type RunSummary,
  runResult,
} from "../wire/status.ts";
import { customStatusOf, hasEnded, type RecordedRun } from "./found-run.ts";
import { parseFailureText } from "./run-result.ts";
import type { Instance } from "./sdk.ts";

/** The part of a status that the host knows better than the run's state: how the orchestration ended. */
type Ending = Pick<RunStatus, "runId" | "status" | "createdAt" | "updatedAt" | "waitingForInput" | "error"> &
  Partial<Pick<RunStatus, "output" | "outputs" | "compensationErrors">>;

/**
 * A run's status from what its orchestrator published, without its history; undefined when that does not say it all: it
 * was too much, it has outputs before its end, or the run was started with another version of the workflow.
 */
export function publishedStatus(workflow: WorkflowNode, instance: Instance): RunStatus | undefined {
  const published = customStatusOf(instance);
  if (!published?.isComplete || published.version !== workflow.plan.fingerprint) return undefined;
  const ending = endingOf(instance, published.requests.map(waitingRequestOf));
  if (ending.outputs === undefined && published.outputCount > 0) return undefined;
  const { runId, status, createdAt, updatedAt, waitingForInput, output = null, outputs = [], error } = ending;
  const { compensationErrors } = ending;
  return withResponseSchemas(workflow, {
    runId,
    workflow: workflow.name,
    version: published.version,
    status,
    createdAt,
    updatedAt,
    superstep: published.superstep,
    executors: executorsOf(workflow.plan, published, hasEnded(instance)),
    waitingForInput,
    output,
    outputs,
    ...(published.usage && { usage: published.usage }),
    error,
    ...(compensationErrors && { compensationErrors }),
  });
}

/** A run as a list shows it. */
export function summaryOf(workflow: string, instance: Instance): RunSummary {
  const published = customStatusOf(instance);
  const { runId, status, createdAt, updatedAt } = endingOf(instance, []);
  return {
    runId,
    workflow,
    version: published?.version ?? null,
    status,
    createdAt,
    updatedAt,
    superstep: published?.superstep ?? 0,
    openRequests: published && !hasEnded(instance) ? published.requestCount : 0,
  };
}

/** As {@link publishedStatus}, from the history of a run. */
export function recordedStatus(workflow: WorkflowNode, { instance, plan, state }: RecordedRun): RunStatus {
  const status = runStatusOf(plan, state, Date.parse(instance.lastUpdatedTime));
  return withResponseSchemas(workflow, { ...status, ...endingOf(instance, status.waitingForInput) });
}

function executorsOf(
  plan: Plan,
  { counts, requests, nextAttempts = {}, notDeployed = [] }: CustomStatus,
  isEnded: boolean,
): RunStatus["executors"] {
  const byId = Object.entries(counts).map(([id, [started, completed, failed]]) => [id, { started, completed, failed }]);
  const waitingPorts = new Set(isEnded ? [] : requests.map(portPlaceOf));
  return executorStatuses(plan, {
    counts: Object.fromEntries(byId),
    waitingPorts,
    nextAttempts,
    notDeployed: new Set(notDeployed),
    isEnded,
  });
}

function waitingRequestOf({
  requestId,
  frame,
  port,
  requestJson,
  openedAtMs,
  deadlineAtMs,
}: CustomStatus["requests"][number]) {
  return {
    requestId,
    eventName: port,
    ...(frame !== undefined && { frame }),
    input: requestJson === null ? null : parseJson(requestJson),
    openedAt: new Date(openedAtMs).toISOString(),
    deadline: deadlineAtMs === undefined ? null : new Date(deadlineAtMs).toISOString(),
  };
}

function endingOf(instance: Instance, waiting: RunStatus["waitingForInput"]): Ending {
  const result = resultOf(instance);
  const outputs = result?.outputs.map(parseJson);
  return {
    runId: instance.instanceId,
    status: statusNameOf(instance, result),
    createdAt: createdAtOf(instance),
    updatedAt: new Date(instance.lastUpdatedTime).toISOString(),
    waitingForInput: hasEnded(instance) ? [] : waiting,
    error: result?.error ?? hostErrorOf(instance),
    ...(outputs && { outputs, output: outputs.at(-1) ?? null }),
    ...(result?.compensationErrors && { compensationErrors: result.compensationErrors }),
  };
}

/** The host knows only when the present generation was created. */
function createdAtOf(instance: Instance): string {
  return new Date(customStatusOf(instance)?.createdAtMs ?? instance.createdTime).toISOString();
}

function resultOf({ runtimeStatus, output }: Instance): RunResult | undefined {
  if (runtimeStatus === "Failed") return parseFailureText(String(output));
  return runtimeStatus === "Completed" ? runResult.safeParse(output).data : undefined;
}

function statusNameOf({ runtimeStatus }: Instance, result: RunResult | undefined): RunStatusName {
  if (runtimeStatus === "ContinuedAsNew") return "Running";
  if (runtimeStatus === "Canceled" || result?.status === "cancelled") return "Cancelled";
  return runtimeStatus;
}

/** Why a run ended that its own orchestrator did not end. */
function hostErrorOf({ runtimeStatus, output }: Instance): ErrorData | null {
  if (runtimeStatus === "Failed") return errorOf("INTERNAL_ERROR", `The host failed the run: ${String(output)}`);
  if (runtimeStatus !== "Terminated") return null;
  return errorOf("RUN_TERMINATED", `The run was ended from outside: ${String(output ?? "no reason was given")}`);
}

function errorOf(code: ErrorCode, message: string): ErrorData {
  return { name: "WorkflowError", code, message, retryable: ERRORS[code].retryable, causes: [], issues: [] };
}

import { placeOf, TOP } from "../wire/frame-path.ts";
import type { Plan } from "../wire/plan.ts";
import type { ExecutorCounts, OpenRequest, RunState } from "../wire/run-state.ts";
import type { RunStatus, RunStatusName, WaitingRequest } from "../wire/status.ts";
import { own } from "./own.ts";
import { placesOf } from "./plan-index.ts";

type ExecutorStatus = RunStatus["executors"][number];

const STATUS_NAMES: Readonly<Record<RunState["status"], RunStatusName>> = {
  running: "Running",
  completed: "Completed",
  failed: "Failed",
  cancelled: "Cancelled",
};

/**
 * A run's state as callers see it, with values in place of JSON text. JSON Schemas of responses are for those to add who
 * know the deployed ports.
 */
export function runStatusOf(plan: Plan, state: RunState, updatedAtMs: number): RunStatus {
  const outputs = state.outputs.map(({ outputJson }) => JSON.parse(outputJson) as unknown);
  return {
    runId: state.runId,
    ...(state.parentRunId !== undefined && { parentRunId: state.parentRunId }),
    workflow: plan.workflow,
    version: plan.fingerprint,
    status: STATUS_NAMES[state.status],
    createdAt: new Date(state.startedAtMs).toISOString(),
    updatedAt: new Date(updatedAtMs).toISOString(),
    superstep: state.superstep,
    executors: executorStatuses(plan, {
      counts: state.counts,
      waitingPorts: new Set(state.requests.filter(({ isAnswering }) => !isAnswering).map(portPlaceOf)),
      nextAttempts: nextAttemptsOf(state),
      notDeployed: new Set(notDeployedIn(state)),
      isEnded: state.status !== "running",
    }),
    // A request whose response is on its way to the port asks for nothing at the moment.
    waitingForInput: state.requests.filter(({ isAnswering }) => !isAnswering).map(waitingRequestOf),
    output: outputs.at(-1) ?? null,
    outputs,
    ...(state.usage && { usage: state.usage }),
    error: state.error ?? null,
    ...(state.compensationErrors && { compensationErrors: state.compensationErrors }),
  };
}

/** The port of a request, as statuses name it. */
export function portPlaceOf({
  frame = TOP,
  port,
}: {
  readonly frame?: string | undefined;
  readonly port: string;
}): string {
  return placeOf(frame, port);
}

/** What each executor of the plan is doing, from how often it was called, and the ports that wait for a response: all by place. */
export function executorStatuses(
  plan: Plan,
  run: {
    readonly counts: Readonly<Record<string, ExecutorCounts>>;
    readonly waitingPorts: ReadonlySet<string>;
    readonly nextAttempts: Readonly<Record<string, number>>;
    readonly notDeployed: ReadonlySet<string>;
    readonly isEnded: boolean;
  },
): ExecutorStatus[] {
  return placesOf(plan).map((id) => {
    const counts = own(run.counts, id) ?? { started: 0, completed: 0, failed: 0 };
    const isAtWork = !run.isEnded && counts.started > counts.completed + counts.failed;
    const status = run.waitingPorts.has(id) ? "waiting" : isAtWork ? "running" : endOf(counts);
    const nextAttemptMs = run.isEnded ? undefined : own(run.nextAttempts, id);
    const nextAttempt = nextAttemptMs !== undefined && { nextAttemptAt: new Date(nextAttemptMs).toISOString() };
    const notDeployed = !run.isEnded && run.notDeployed.has(id) && { isNotDeployed: true as const };
    return { id, status, calls: counts.started, ...nextAttempt, ...notDeployed };
  });
}

/** Executors with calls that were put off, by place, with the earliest due time of each. */
export function nextAttemptsOf({ delayed }: RunState): Record<string, number> {
  const earliest: Record<string, number> = {};
  for (const { dueAtMs, item } of delayed) {
    const place = placeOf(item.frame ?? TOP, item.to);
    earliest[place] = Math.min(own(earliest, place) ?? dueAtMs, dueAtMs);
  }
  return earliest;
}

/** Executors with calls that wait for a deployment, by place, each once. */
export function notDeployedIn({ delayed }: RunState): string[] {
  const waiting = delayed.filter(({ isNotDeployed }) => isNotDeployed);
  return [...new Set(waiting.map(({ item }) => placeOf(item.frame ?? TOP, item.to)))];
}

function endOf({ completed, failed }: ExecutorCounts): "failed" | "completed" | "idle" {
  if (failed > 0) return "failed";
  return completed > 0 ? "completed" : "idle";
}

function waitingRequestOf(request: OpenRequest): WaitingRequest {
  const { requestId, frame, port, requestJson, openedAtMs, deadlineAtMs } = request;
  return {
    requestId,
    eventName: port,
    ...(frame !== undefined && { frame }),
    input: JSON.parse(requestJson),
    openedAt: new Date(openedAtMs).toISOString(),
    deadline: deadlineAtMs === undefined ? null : new Date(deadlineAtMs).toISOString(),
  };
}

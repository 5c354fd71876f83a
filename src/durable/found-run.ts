import { WorkflowError } from "../errors.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import { orchestratorName } from "../wire/durable-names.ts";
import type { Plan } from "../wire/plan.ts";
import type { RecordedEvent } from "../wire/run-event.ts";
import { isRunId } from "../wire/run-id.ts";
import { runStart } from "../wire/run-start.ts";
import type { RunState } from "../wire/run-state.ts";
import { type CustomStatus, customStatus } from "../wire/status.ts";
import { foldRun } from "./run-fold.ts";
import { parseHistory } from "./run-history.ts";
import type { Instance, Instances, ReadOptions } from "./sdk.ts";

const ENDED: readonly Instance["runtimeStatus"][] = ["Completed", "Failed", "Canceled", "Terminated"];

export function hasEnded({ runtimeStatus }: Instance): boolean {
  return ENDED.includes(runtimeStatus);
}

/** @throws {WorkflowError} `RUN_ENDED` */
export function refuseEnded(instance: Instance): void {
  if (!hasEnded(instance)) return;
  throw new WorkflowError(
    "RUN_ENDED",
    `Run "${instance.instanceId}" has ended, so it takes nothing in any more.`,
    "Read its status, or start a new run.",
  );
}

/**
 * Looks a run up. All workflows share one task hub, so a run of another workflow is not to be seen from here.
 *
 * @throws {WorkflowError} `RUN_NOT_FOUND`, the same for an unknown run and for one of another workflow
 */
export async function findRun(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  options: ReadOptions = {},
): Promise<Instance> {
  // Other ids never come from here, and some of them mean another place in a URL.
  const instance = isRunId(runId) ? await instances.read(runId, options) : undefined;
  if (instance?.name.toLowerCase() === orchestratorName(workflow.name).toLowerCase()) return instance;
  throw new WorkflowError(
    "RUN_NOT_FOUND",
    `Workflow "${workflow.name}" has no run ${JSON.stringify(runId)}.`,
    "Check the id and the workflow; runs of other workflows are not shown.",
  );
}

/** The custom status its orchestrator published; undefined before it did. */
export function customStatusOf({ customStatus: value }: Instance): CustomStatus | undefined {
  return customStatus.safeParse(value).data;
}

/** All there is to know of a run, from its history. */
export interface RecordedRun {
  readonly instance: Instance;
  readonly plan: Plan;
  readonly state: RunState;
  readonly events: readonly RecordedEvent[];
}

/** @throws {WorkflowError} `RUN_NOT_FOUND`; `PLAN_INVALID` for a run that another program started */
export async function readRun(instances: Instances, workflow: WorkflowNode, runId: string): Promise<RecordedRun> {
  const instance = await findRun(instances, workflow, runId, { withInput: true, withHistory: true });
  const start = runStart.safeParse(instance.input);
  if (!start.success) throw noPlan(runId, start.error);
  const { state, events } = foldRun({
    runId: instance.instanceId,
    start: start.data,
    createdAtMs: Date.parse(instance.createdTime),
    facts: parseHistory(instance.historyEvents ?? []),
  });
  return { instance, plan: start.data.plan, state, events };
}

export function noPlan(runId: string, cause: Error): WorkflowError {
  return new WorkflowError(
    "PLAN_INVALID",
    `Run "${runId}" was started with something that is no plan of this version.`,
    "Use the version that started it, or start it again.",
    { cause },
  );
}

import { WorkflowError } from "../errors.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import { orchestratorName } from "../wire/durable-names.ts";
import type { Plan } from "../wire/plan.ts";
import type { RecordedEvent } from "../wire/run-event.ts";
import { isRunId } from "../wire/run-id.ts";
import { type RunStart, runStart } from "../wire/run-start.ts";
import type { RunState } from "../wire/run-state.ts";
import { type CustomStatus, customStatus } from "../wire/status.ts";
import { generationOf, ownStart } from "./own-start.ts";
import { foldRun } from "./run-fold.ts";
import { parseHistory } from "./run-history.ts";
import type { Instance, Instances, ReadOptions } from "./sdk.ts";

export const ENDED: readonly Instance["runtimeStatus"][] = ["Completed", "Failed", "Canceled", "Terminated"];

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

/** All there is to know of a run, from its history; of a long run, from where its present generation began. */
export interface RecordedRun {
  readonly instance: Instance;
  readonly start: RunStart;
  readonly plan: Plan;
  readonly state: RunState;
  /** Of this generation; those of earlier ones are in the archive. */
  readonly events: readonly RecordedEvent[];
}

/**
 * @throws {WorkflowError} `RUN_NOT_FOUND`; `PLAN_INVALID` for a run that another program started; `HOST_UNAVAILABLE` for one
 *   that goes on faster than it can be read
 */
export async function readRun(instances: Instances, workflow: WorkflowNode, runId: string): Promise<RecordedRun> {
  const find = (options: ReadOptions = {}) => findRun(instances, workflow, runId, options);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const instance = await find({ withInput: true, withHistory: true });
    const run = recordedRun(instance);
    if (hasEnded(instance) || isOfOneGeneration(run, await find())) return run;
  }
  throw new WorkflowError(
    "HOST_UNAVAILABLE",
    `Run "${runId}" began a new generation each time it was read.`,
    "Read it again.",
  );
}

const MOST_ATTEMPTS = 10;

/** Folds what the host keeps of an instance. @throws {WorkflowError} `PLAN_INVALID` */
export function recordedRun(instance: Instance): RecordedRun {
  const { instanceId: runId, input, createdTime, historyEvents } = instance;
  const parsed = runStart.safeParse(input);
  if (!parsed.success) throw noPlan(runId, parsed.error);
  const start = ownStart(parsed.data, runId);
  const facts = parseHistory(historyEvents ?? []);
  const { state, events } = foldRun({ runId, start, createdAtMs: Date.parse(createdTime), facts });
  return { instance, start, plan: start.plan, state, events };
}

/**
 * Hosts read the status of an instance before its history, and a new generation may begin in between. It shows in the
 * custom status after its first episode; before that it has no history.
 *
 * @param now - the instance as it was after that
 */
function isOfOneGeneration({ instance, start }: RecordedRun, now: Instance): boolean {
  const published = publishedGeneration(instance);
  if (publishedGeneration(now) !== published) return false;
  return published < generationOf(start) || (instance.historyEvents ?? []).length > 0;
}

/** 0 before the first episode. */
function publishedGeneration(instance: Instance): number {
  const published = customStatusOf(instance);
  return published ? (published.generation ?? 1) : 0;
}

export function noPlan(runId: string, cause: Error): WorkflowError {
  return new WorkflowError(
    "PLAN_INVALID",
    `Run "${runId}" was started with something that is no plan of this version.`,
    "Use the version that started it, or start it again.",
    { cause },
  );
}

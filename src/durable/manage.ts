import { WorkflowError } from "../errors.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import { parseJson } from "../wire/json.ts";
import { runStart } from "../wire/run-start.ts";
import { type StartedRun, type StartOptions, startRun } from "./client.ts";
import { findRun, hasEnded, noPlan, refuseEnded } from "./found-run.ts";
import { purgeRun } from "./retention.ts";
import type { Instance, Instances } from "./sdk.ts";

/**
 * Holds a run: calls under way end and are recorded, nothing new is begun, and answers wait until it is resumed. A run
 * that is suspended already stays so.
 *
 * @throws {WorkflowError} `RUN_NOT_FOUND`, `RUN_ENDED`
 */
export async function suspendRun(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  reason = "",
): Promise<void> {
  await bring(instances, workflow, runId, isSuspended, () => instances.suspend(runId, reason));
}

/**
 * Lets a suspended run go on; a run that is not suspended does so anyway.
 *
 * @throws {WorkflowError} `RUN_NOT_FOUND`, `RUN_ENDED`
 */
export async function resumeRun(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  reason = "",
): Promise<void> {
  await bring(
    instances,
    workflow,
    runId,
    (run) => !isSuspended(run),
    () => instances.resume(runId, reason),
  );
}

/** Hosts refuse what is so already, in words that differ by version: so it is looked before and after. */
async function bring(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  isThere: (instance: Instance) => boolean,
  go: () => Promise<void>,
): Promise<void> {
  const isDone = async () => {
    const instance = await findRun(instances, workflow, runId);
    refuseEnded(instance);
    return isThere(instance);
  };
  if (await isDone()) return;
  try {
    await go();
  } catch (error) {
    if (!(await isDone())) throw error;
  }
}

function isSuspended({ runtimeStatus }: Instance): boolean {
  return runtimeStatus === "Suspended";
}

/**
 * Starts a new run with the input of another, on the graph that is deployed now. The other may be open or ended.
 *
 * @throws {WorkflowError} `RUN_NOT_FOUND`, `RUN_INPUT_INVALID` when the deployed workflow takes another shape by now, and as {@link startRun}
 */
export async function rerunRun(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  options: StartOptions = {},
): Promise<StartedRun> {
  // Of a run of another workflow no input is read: that it takes longer would tell that there is one.
  await findRun(instances, workflow, runId);
  const instance = await findRun(instances, workflow, runId, { withInput: true });
  const start = runStart.pick({ inputJson: true }).safeParse(instance.input);
  if (!start.success) throw noPlan(runId, start.error);
  return startRun(instances, workflow, parseJson(start.data.inputJson), options);
}

/**
 * Deletes an ended run with all that is recorded of it, its archive too. Its id is free again.
 *
 * @throws {WorkflowError} `RUN_NOT_FOUND`, `RUN_NOT_ENDED`
 */
export async function deleteRun(instances: Instances, workflow: WorkflowNode, runId: string): Promise<void> {
  const instance = await findRun(instances, workflow, runId);
  if (!hasEnded(instance)) {
    throw new WorkflowError(
      "RUN_NOT_ENDED",
      `Run "${runId}" is ${instance.runtimeStatus.toLowerCase()}, and only ended runs can be deleted.`,
      "Cancel it first, and delete it when it has ended.",
    );
  }
  await purgeRun(instances, runId);
}

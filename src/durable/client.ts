import { checkRunInput } from "../engine/invoke/check-value.ts";
import { WorkflowError } from "../errors.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import { orchestratorName } from "../wire/durable-names.ts";
import { canonicalJson, type JsonText, parseJson, sha256 } from "../wire/json.ts";
import { randomHex } from "../wire/random-hex.ts";
import { checkRunId, makeRunId } from "../wire/run-id.ts";
import { type GenerationLimits, type RunStart, runStart } from "../wire/run-start.ts";
import type { RunStatus } from "../wire/status.ts";
import { findRun, readRun } from "./found-run.ts";
import { publishedStatus, recordedStatus } from "./run-status.ts";
import type { Instances } from "./sdk.ts";

const startedWith = runStart.pick({ inputHash: true });

export interface StartOptions {
  /** 1 to 100 characters; a random one is made without it. */
  readonly runId?: string;
  /** Milliseconds to wait for the end of the new run; 0, or left out, returns as soon as its start is recorded. */
  readonly waitMs?: number;
  /** How much one generation of the run holds. */
  readonly generationLimits?: GenerationLimits | undefined;
}

export interface StartedRun {
  readonly runId: string;
  /** False when there was a run of this id with the same input already. */
  readonly isNew: boolean;
}

/**
 * Starts a run. The same id with the same input gives the run that is there; it is never replaced.
 *
 * The backend replaces an ended instance without a word, and refuses an open one in words that differ by version. So it
 * looks first, starts, and looks again when the start was refused.
 *
 * @param input - a value that JSON leaves as it is, in the shape that the input schema of the start executor takes
 * @throws {WorkflowError} `RUN_ID_INVALID`, `RUN_INPUT_INVALID`, `RUN_INPUT_TOO_LARGE`, `VALUE_NOT_JSON`,
 *   `RUN_EXISTS` for a run of that id with other input
 */
export async function startRun(
  instances: Instances,
  workflow: WorkflowNode,
  input: unknown,
  { runId, waitMs = 0, generationLimits }: StartOptions = {},
): Promise<StartedRun> {
  const id = runId === undefined ? makeRunId() : checkRunId(runId);
  const start = startOf(workflow, await checkRunInput(workflow, input), generationLimits);
  if (runId !== undefined && (await isThere(instances, workflow, id, start.inputHash)))
    return { runId: id, isNew: false };
  const orchestrator = orchestratorName(workflow.name);
  try {
    if (waitMs > 0) await instances.startAndWait(orchestrator, id, start, waitMs);
    else await instances.start(orchestrator, id, start);
    return { runId: id, isNew: true };
  } catch (error) {
    if (await isThere(instances, workflow, id, start.inputHash)) return { runId: id, isNew: false };
    throw error;
  }
}

function startOf({ plan }: WorkflowNode, inputJson: JsonText, generationLimits?: GenerationLimits): RunStart {
  return {
    format: 1,
    plan,
    inputJson,
    inputHash: sha256(canonicalJson(parseJson(inputJson))),
    seed: randomHex(),
    ...(generationLimits && { generationLimits }),
    ...(plan.timeoutMs !== undefined && { deadlineAtMs: Date.now() + plan.timeoutMs }),
  };
}

/** True for a run of this id, workflow and input; false when the id is free. */
async function isThere(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  inputHash: string,
): Promise<boolean> {
  const instance = await instances.read(runId, { withInput: true });
  if (!instance) return false;
  const isSame =
    instance.name.toLowerCase() === orchestratorName(workflow.name).toLowerCase() &&
    startedWith.safeParse(instance.input).data?.inputHash === inputHash;
  if (isSame) return true;
  throw new WorkflowError(
    "RUN_EXISTS",
    `There is a run ${JSON.stringify(runId)} with another input, or of another workflow.`,
    "Choose another id, or send the same input to get the run that exists.",
  );
}

/**
 * The status of a run.
 *
 * @throws {WorkflowError} `RUN_NOT_FOUND`
 */
export async function getRun(instances: Instances, workflow: WorkflowNode, runId: string): Promise<RunStatus> {
  const instance = await findRun(instances, workflow, runId);
  return publishedStatus(workflow, instance) ?? recordedStatus(workflow, await readRun(instances, workflow, runId));
}

import { checkRunInput } from "../engine/invoke/check-value.ts";
import { WorkflowError } from "../errors.ts";
import type { Run } from "../graph/runner.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import { canonicalJson, parseJson, sha256 } from "../wire/json.ts";
import { randomHex } from "../wire/random-hex.ts";
import { checkRunId, makeRunId } from "../wire/run-id.ts";
import type { Clock } from "./clock.ts";
import type { LiveRun } from "./live-run.ts";
import { RunHandle } from "./run-handle.ts";
import type { Surroundings } from "./surroundings.ts";

/** What a test sets, so that runs are the same each time. */
export interface InProcessOptions {
  readonly clock?: Clock;
  readonly ids?: {
    /** The id of a run that is started without one. */
    runId(): string;
    /** Random text that request ids are made from. */
    seed(): string;
  };
}

export const RANDOM_IDS = { runId: makeRunId, seed: randomHex };

/** A run that may be started: its id and its input are in order. */
export interface Start {
  readonly runId: string;
  readonly inputJson: string;
  readonly inputHash: string;
}

/** @throws {WorkflowError} `RUN_ID_INVALID`, `RUN_INPUT_INVALID`, `VALUE_NOT_JSON` */
export async function prepare(workflow: WorkflowNode, runId: string, input: unknown): Promise<Start> {
  checkRunId(runId);
  const inputJson = await checkRunInput(workflow, input);
  return { runId, inputJson, inputHash: sha256(canonicalJson(parseJson(inputJson))) };
}

/** What makes a start the same as an earlier one of this id. */
export interface Started {
  readonly workflow: string;
  readonly inputHash: string;
}

/** @throws {WorkflowError} `RUN_EXISTS` when the run that is there is another one */
export function refuseOther(runId: string, existing: Started, asked: Started): void {
  if (existing.workflow !== asked.workflow || existing.inputHash !== asked.inputHash) throw runExists(runId);
}

export function runExists(runId: string): WorkflowError {
  return new WorkflowError(
    "RUN_EXISTS",
    `There is a run "${runId}" already, of another workflow or with another input.`,
    "Choose another id, or send the same input to get the run that exists.",
  );
}

/** The types of a run are those of its workflow: the handle itself carries values of any type. */
export function handleOf<Output, Ports>(
  runId: string,
  find: () => Promise<LiveRun>,
  { clock, watchers }: Surroundings,
): Run<Output, Ports> {
  return new RunHandle(runId, find, clock, watchers) as unknown as Run<Output, Ports>;
}

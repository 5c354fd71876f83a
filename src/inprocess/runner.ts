import { randomBytes } from "node:crypto";
import { checkRunInput } from "../engine/invoke/check-value.ts";
import { WorkflowError } from "../errors.ts";
import type { Run, WorkflowRunner } from "../graph/runner.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import type { Workflow } from "../graph/workflow.ts";
import { canonicalJson, parseJson, sha256 } from "../wire/json.ts";
import { checkRunId, makeRunId } from "../wire/run-id.ts";
import { type Clock, systemClock } from "./clock.ts";
import { LiveRun } from "./live-run.ts";
import { RunHandle } from "./run-handle.ts";

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

const RANDOM_IDS = { runId: makeRunId, seed: () => randomBytes(16).toString("hex") };

/**
 * Runs a workflow in memory. The run starts by itself; it goes on also when nobody waits for it.
 *
 * @param input - in the shape that the input schema of the start executor takes
 * @param options - `runId`: 1 to 100 characters; a random one is made without it
 * @returns the run; an input of the wrong shape shows at every method as `RUN_INPUT_INVALID`, a wrong id as `RUN_ID_INVALID`
 */
export function runInProcess<Input, Output, Name extends string, Ports>(
  workflow: Workflow<Input, Output, Name, Ports>,
  input: NoInfer<Input>,
  options: InProcessOptions & { readonly runId?: string } = {},
): Run<Output, Ports> {
  const { clock = systemClock, ids = RANDOM_IDS, runId = ids.runId() } = options;
  const started = prepare(workflow, runId, input).then((start) => begin(workflow, start, ids.seed(), clock));
  started.catch(() => undefined); // every method of the handle rejects with it
  return handleOf(runId, () => started, clock);
}

/** Starts runs in memory and finds them again by their id, for as long as the runner itself is kept. */
export function createInProcessRunner(options: InProcessOptions = {}): WorkflowRunner {
  const { clock = systemClock, ids = RANDOM_IDS } = options;
  const runs = new Map<string, LiveRun>();
  return {
    async start(workflow, input, { runId = ids.runId() } = {}) {
      const start = await prepare(workflow, runId, input);
      const existing = runs.get(runId);
      if (existing && !isSame(existing, workflow, start)) throw runExists(runId);
      const run = existing ?? begin(workflow, start, ids.seed(), clock);
      runs.set(runId, run);
      return handleOf(runId, async () => run, clock);
    },
    open(workflow, runId) {
      return handleOf(runId, async () => findRun(runs, workflow, runId), clock);
    },
  };
}

interface Start {
  readonly runId: string;
  readonly inputJson: string;
  readonly inputHash: string;
}

async function prepare(workflow: WorkflowNode, runId: string, input: unknown): Promise<Start> {
  checkRunId(runId);
  const inputJson = await checkRunInput(workflow, input);
  return { runId, inputJson, inputHash: sha256(canonicalJson(parseJson(inputJson))) };
}

function begin(workflow: WorkflowNode, start: Start, seed: string, clock: Clock): LiveRun {
  return new LiveRun(workflow, { ...start, seed }, clock);
}

function isSame({ workflow, inputHash }: LiveRun, asked: WorkflowNode, start: Start): boolean {
  return workflow.name === asked.name && inputHash === start.inputHash;
}

function findRun(runs: ReadonlyMap<string, LiveRun>, workflow: WorkflowNode, runId: string): LiveRun {
  const run = runs.get(runId);
  if (run?.workflow.name === workflow.name) return run;
  throw new WorkflowError(
    "RUN_NOT_FOUND",
    `Workflow "${workflow.name}" has no run "${runId}" in this runner.`,
    "Check the id and the workflow; runs in memory end with their process.",
  );
}

function runExists(runId: string): WorkflowError {
  return new WorkflowError(
    "RUN_EXISTS",
    `There is a run "${runId}" already, of another workflow or with another input.`,
    "Choose another id, or send the same input to get the run that exists.",
  );
}

/** The types of a run are those of its workflow: the handle itself carries values of any type. */
function handleOf<Output, Ports>(runId: string, find: () => Promise<LiveRun>, clock: Clock): Run<Output, Ports> {
  return new RunHandle(runId, find, clock) as unknown as Run<Output, Ports>;
}

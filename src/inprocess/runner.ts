import { beginRun } from "../engine/transitions.ts";
import { WorkflowError } from "../errors.ts";
import type { Run, WorkflowRunner } from "../graph/runner.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import type { Workflow } from "../graph/workflow.ts";
import { Watchers } from "../updates/watchers.ts";
import { systemClock } from "./clock.ts";
import type { Journal } from "./journal/journal.ts";
import { createJournaledRunner, type JournaledRunner } from "./journaled-runner.ts";
import { LiveRun } from "./live-run.ts";
import { newRun } from "./run-fold.ts";
import { handleOf, type InProcessOptions, prepare, RANDOM_IDS, refuseOther, type Start } from "./start.ts";
import type { Surroundings } from "./surroundings.ts";

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
  const around = { clock, watchers: new Watchers() };
  const started = prepare(workflow, runId, input).then((start) => begin(workflow, start, ids.seed(), around));
  started.catch(() => undefined); // every method of the handle rejects with it
  return handleOf(runId, () => started, around);
}

/**
 * Starts runs in this process, and finds them again by their id. Without a journal they are in memory, for as long as the
 * runner itself is kept; with one they are on disk before anything is acknowledged, and go on after a crash.
 *
 * @param options - `journal`: by `openSqliteJournal` or `createMemoryJournal`; from now on it is the runner's own
 */
export function createInProcessRunner(options: InProcessOptions & { readonly journal: Journal }): JournaledRunner;
export function createInProcessRunner(options?: InProcessOptions): WorkflowRunner;
export function createInProcessRunner({
  journal,
  ...options
}: InProcessOptions & { readonly journal?: Journal } = {}): WorkflowRunner {
  return journal ? createJournaledRunner(journal, options) : createMemoryRunner(options);
}

function createMemoryRunner({ clock = systemClock, ids = RANDOM_IDS }: InProcessOptions): WorkflowRunner {
  const runs = new Map<string, LiveRun>();
  const around = { clock, watchers: new Watchers() };
  return {
    async start(workflow, input, { runId = ids.runId() } = {}) {
      const start = await prepare(workflow, runId, input);
      const existing = runs.get(runId);
      if (existing) refuseOther(runId, startOf(existing), { workflow: workflow.name, inputHash: start.inputHash });
      const run = existing ?? begin(workflow, start, ids.seed(), around);
      runs.set(runId, run);
      return handleOf(runId, async () => run, around);
    },
    open(workflow, runId) {
      return handleOf(runId, async () => findRun(runs, workflow, runId), around);
    },
  };
}

function begin(workflow: WorkflowNode, start: Start, seed: string, around: Surroundings): LiveRun {
  const begun = beginRun(workflow.plan, { ...start, seed, nowMs: around.clock.nowMs() });
  return new LiveRun(workflow, newRun(begun), around);
}

function startOf({ workflow, state }: LiveRun) {
  return { workflow: workflow.name, inputHash: state.inputHash };
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

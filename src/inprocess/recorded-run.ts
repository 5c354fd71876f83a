import { z } from "zod";
import { beginFork } from "../engine/fork.ts";
import { beginRun, type Transition } from "../engine/transitions.ts";
import { isWorkflowError, WorkflowError } from "../errors.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import { type Plan, plan as planSchema } from "../wire/plan.ts";
import { runState } from "../wire/run-state.ts";
import { type TraceEntry, traceEntry } from "../wire/trace.ts";
import type { Journal, JournalRun } from "./journal/journal.ts";

/** A run as the journal has it, ready to be folded. */
export interface RecordedRun {
  readonly plan: Plan;
  readonly begun: Transition;
  readonly trace: readonly TraceEntry[];
}

const entries = z.array(traceEntry);

/** @throws {WorkflowError} `HISTORY_DAMAGED` for a run whose rows are not what was written, `STORE_UNREADABLE` for what another version wrote */
export function readRun(journal: Journal, run: JournalRun, deployed: WorkflowNode | undefined): RecordedRun {
  try {
    const plan = planOf(journal, run, deployed);
    const trace = journal.trace(run.key).flatMap((row) => entries.parse(JSON.parse(`[${row}]`)));
    return { plan, begun: beginningOf(run, plan), trace };
  } catch (error) {
    if (isWorkflowError(error) && error.code === "HISTORY_DAMAGED") throw error;
    throw new WorkflowError(
      "STORE_UNREADABLE",
      `What the journal holds of run "${run.runId}" cannot be read: ${error instanceof Error ? error.message : error}.`,
      "Open it with the version that wrote it; other runs are not touched by this.",
      { cause: error },
    );
  }
}

export function beginningOf(run: JournalRun, plan: Plan): Transition {
  const { runId, inputJson, inputHash, seed, startedAtMs: nowMs, forkedStateJson } = run;
  if (forkedStateJson === null) return beginRun(plan, { runId, inputJson, inputHash, seed, nowMs });
  return beginFork(plan, runState.parse(JSON.parse(forkedStateJson)));
}

/** The deployed workflow's own object where it is the same plan: what is known of a plan is kept by its object. */
function planOf(journal: Journal, run: JournalRun, deployed: WorkflowNode | undefined): Plan {
  if (deployed?.plan.fingerprint === run.plan) return deployed.plan;
  return planSchema.parse(JSON.parse(journal.plan(run.plan) ?? "null"));
}

/**
 * The code for a run that keeps its plan: the deployed workflow, routing by the run's graph. Of a workflow that is not
 * deployed any more there is no code; each call answers `EXECUTOR_NOT_DEPLOYED` and is tried again later.
 */
export function codeFor(plan: Plan, deployed: WorkflowNode | undefined): WorkflowNode {
  if (deployed?.plan === plan) return deployed;
  if (deployed) return { ...deployed, plan };
  const { workflow: name, description } = plan;
  return { kind: "workflow", id: name, name, description, plan, nodes: new Map(), edgeCode: new Map() };
}

import type { Archived } from "../wire/archive.ts";
import type { RunStart } from "../wire/run-start.ts";
import type { RunState } from "../wire/run-state.ts";
import { guardedRunId } from "./call.ts";

/**
 * The start as it counts for the run of this id. An instance that was restarted under another id in the middle of a long
 * run has the input of a later generation, and begins at the beginning.
 */
export function ownStart({ continued, ...start }: RunStart, runId: string): RunStart {
  if (continued?.state.runId !== guardedRunId(runId)) return start;
  return { ...start, continued: { ...continued, state: { ...continued.state, runId } } };
}

/** The input of the generation that goes on from this state. */
export function nextStart(
  start: RunStart,
  state: RunState,
  dueMs: number,
  { lastNumber, parts: archiveParts, createdAtMs }: Archived,
): RunStart {
  const generation = generationOf(start) + 1;
  // The archive knows of events that no orchestrator sees: answers to requests that were closed.
  const goesOnFrom = { ...state, runId: guardedRunId(state.runId), nextEventNumber: lastNumber + 1 };
  return { ...start, continued: { generation, state: goesOnFrom, dueMs, createdAtMs, archiveParts } };
}

export function generationOf({ continued }: RunStart): number {
  return continued?.generation ?? 1;
}

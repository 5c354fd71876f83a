import { WorkflowError } from "../../errors.ts";
import { chainOn, chainStart } from "../../storage/chain.ts";
import type { JournalRun } from "./journal.ts";

/** A row of a trace as it was read; without a checksum it is of a time when there were none. */
export interface TraceRow {
  readonly entries: string;
  readonly checksum: number | null;
}

/** What the trace of a run is chained to: how it was started. */
export function startOfTrace(run: JournalRun): number {
  const { key, runId, workflow, plan, inputHash, seed, startedAtMs, forkedStateJson, inputJson } = run;
  return chainStart([key, runId, workflow, plan, inputHash, seed, startedAtMs, forkedStateJson], inputJson);
}

export function chainTrace(previous: number, entries: string): number {
  return chainOn(previous, "", entries);
}

export function checksumOfPlan(fingerprint: string, planJson: string): number {
  return chainStart([fingerprint], planJson);
}

/**
 * Checks a trace as it was read.
 *
 * @param runChecksum - as kept with the run: of an open one that of its start, of an ended one that of its last row
 * @returns the checksum of the last row, to which the next one is chained
 * @throws {WorkflowError} `HISTORY_DAMAGED`
 */
export function checkTrace(run: JournalRun, runChecksum: number | null, rows: readonly TraceRow[]): number {
  const start = startOfTrace(run);
  if (run.isOpen && runChecksum !== null && runChecksum !== start) {
    throw damaged(run, "how it was started does not match its checksum");
  }
  const last = rows.reduce((previous, { entries, checksum }, place) => {
    const found = chainTrace(previous, entries);
    if (checksum === null || checksum === found) return found;
    throw damaged(run, `row ${place + 1} of its trace does not match its checksum`);
  }, start);
  if (run.isOpen || runChecksum === null || runChecksum === last) return last;
  throw damaged(run, "rows are missing at the end of its trace, or how it was started is not what was written");
}

export function damagedPlan(fingerprint: string): WorkflowError {
  return new WorkflowError(
    "HISTORY_DAMAGED",
    `The plan ${fingerprint} in the journal is damaged: it does not match its checksum.`,
    "Check the disk, and bring the file back from a copy; runs of other plans are not touched by this.",
  );
}

function damaged({ runId }: JournalRun, how: string): WorkflowError {
  return new WorkflowError(
    "HISTORY_DAMAGED",
    `What the journal holds of run "${runId}" is damaged: ${how}.`,
    "Check the disk, and bring the file back from a copy; other runs are not touched by this.",
  );
}

import { WorkflowError } from "../../errors.ts";
import { chainOn as chainRow, chainStart as startOf } from "../../storage/chain.ts";
import type { HistoryChunk, InstanceRow } from "../store/history-store.ts";

/**
 * Each row of a history carries a checksum over itself and the checksum of the row before (`storage/chain.ts`); the
 * instance carries that of the last row.
 */
export function chainStart({ key, instanceId, executionId, name, inputJson }: Started): number {
  return startOf([key, instanceId, executionId, name], inputJson ?? "");
}

/** What never changes while a history grows. */
type Started = Pick<InstanceRow, "key" | "instanceId" | "executionId" | "name" | "inputJson">;

/** The checksum of a row that comes after one with the checksum `previous`. */
export function chainOn(previous: number, row: Omit<HistoryChunk, "checksum">): number {
  return chainRow(previous, `${row.firstEvent} ${row.eventCount} `, row.events);
}

/**
 * Checks a history as it was read. Rows without a checksum are of a time when there were none.
 *
 * @throws {WorkflowError} `HISTORY_DAMAGED`
 */
export function checkHistory(row: InstanceRow, chunks: readonly HistoryChunk[]): void {
  let checksum = chainStart(row);
  let firstEvent = 0;
  for (const chunk of chunks) {
    checksum = chainOn(checksum, chunk);
    const isDamaged = chunk.firstEvent !== firstEvent || (chunk.checksum !== null && chunk.checksum !== checksum);
    if (isDamaged) throw damaged(row, `the row that begins with event ${firstEvent} does not match its checksum`);
    firstEvent += chunk.eventCount;
  }
  if (row.historyChecksum !== null && row.historyChecksum !== checksum) {
    throw damaged(row, `rows are missing after event ${firstEvent}, or its input is not the one it was started with`);
  }
}

function damaged({ instanceId }: InstanceRow, how: string): WorkflowError {
  return new WorkflowError(
    "HISTORY_DAMAGED",
    `The stored history of instance "${instanceId}" is damaged: ${how}.`,
    "Check the disk. Bring the file back from a copy, or terminate the instance and start it anew.",
  );
}

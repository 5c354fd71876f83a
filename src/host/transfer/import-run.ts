import { WorkflowError } from "../../errors.ts";
import { chainOn, chainStart } from "../hub/history-chain.ts";
import type { HistoryChunk, HistoryStore, InstanceRow, Write } from "../store/history-store.ts";
import type { ExportedInstance, RunFile } from "./run-file.ts";

/**
 * Puts an exported run into a store, all or nothing: the next start of a host takes it up where it was.
 *
 * @returns the ids of its instances, the run first
 * @throws {WorkflowError} `RUN_EXISTS` when an id of it is taken, `STORE_WRITE_FAILED`
 */
export function importRun(store: HistoryStore, file: RunFile): string[] {
  for (const { instanceId } of file.instances) refuseTaken(instanceId, store.instance(instanceId) !== null);
  for (const { entityId } of file.entities) refuseTaken(entityId, store.entity(entityId) !== null);
  const { nextKey, nextSeq } = store.counters();
  const seqOf = numbering(file, nextSeq);
  const writes = file.instances.flatMap((instance, place) => instanceWrites(instance, nextKey + place, seqOf));
  const entities = file.entities.map((row) => ({ kind: "putEntity", row }) as const);
  const messages = file.entityMessages.map(
    ({ order, ...row }) => ({ kind: "addEntityMessage", row: { ...row, seq: seqOf(order) } }) as const,
  );
  store.commit([...writes, ...entities, ...messages]);
  return file.instances.map(({ instanceId }) => instanceId);
}

function refuseTaken(id: string, isTaken: boolean): void {
  if (!isTaken) return;
  throw new WorkflowError(
    "RUN_EXISTS",
    `The store has "${id}" already.`,
    "Import into another data folder, or delete what is there first.",
  );
}

/** New numbers in the same order: what came first is taken in first. */
function numbering({ instances, entityMessages }: RunFile, first: number): (order: number) => number {
  const orders = [
    ...instances.flatMap(({ messages, activities, timers }) => [...messages, ...activities, ...timers]),
    ...entityMessages,
  ].map(({ order }) => order);
  const seqs = new Map(orders.sort((one, other) => one - other).map((order, place) => [order, first + place]));
  return (order) => seqs.get(order) ?? first;
}

function instanceWrites(instance: ExportedInstance, key: number, seqOf: (order: number) => number): Write[] {
  const { history, messages, activities, timers, ...fields } = instance;
  const { instanceId } = fields;
  const start = chainStart({ key, ...fields });
  const chunks = chained(history, start);
  const row: InstanceRow = { key, ...fields, historyChecksum: chunks.at(-1)?.checksum ?? start };
  return [
    { kind: "addInstance", row },
    ...chunks.map((chunk) => ({ kind: "appendHistory", key, chunk }) as const),
    ...messages.map(({ order, ...one }) => ({ kind: "addMessage", row: { key, seq: seqOf(order), ...one } }) as const),
    ...activities.map(
      ({ order, ...one }) => ({ kind: "addActivity", row: { key, seq: seqOf(order), instanceId, ...one } }) as const,
    ),
    ...timers.map(({ order, ...one }) => ({ kind: "addTimer", row: { key, seq: seqOf(order), ...one } }) as const),
  ];
}

/** The chain begins with the instance's number in its store, so it is made anew. */
function chained(history: ExportedInstance["history"], start: number): HistoryChunk[] {
  let checksum = start;
  return history.map((chunk) => {
    checksum = chainOn(checksum, chunk);
    return { ...chunk, checksum };
  });
}

import { WorkflowError } from "../../errors.ts";
import { checkHistory } from "../hub/history-chain.ts";
import { EVENT } from "../hub/replay/replay-event.ts";
import type { HistoryEvent } from "../hub/task-hub.ts";
import { type EntityRow, type HistoryStore, hasEnded, type InstanceRow, type Write } from "../store/history-store.ts";
import { ownEntities } from "./own-entities.ts";
import type { ExportedInstance, RunFileContent } from "./run-file.ts";

export interface Export {
  readonly content: RunFileContent;
  /** What takes the run out of the store, once the file is safe. */
  readonly removal: readonly Write[];
}

/**
 * Takes a run out of a store as data: its instance, the sub-orchestrations of it that are open, the entities that are its
 * own, and whatever was under way. Its checksums are checked on the way.
 *
 * Its own are the entities that {@link ownEntities} finds. Others may be shared with other runs and stay.
 *
 * @throws {WorkflowError} `RUN_NOT_FOUND`, `HISTORY_DAMAGED`, `EXPORT_REFUSED` for a run that cannot go alone
 */
export function exportRun(store: HistoryStore, runId: string): Export {
  const root = instanceOf(store, runId);
  refuseChild(store, root);
  const rows = withOpenChildren(store, root);
  refuseTurns(rows);
  const ids = new Set(rows.map(({ instanceId }) => instanceId));
  const entities = ownEntities(store, rows);
  refuseLocks(store, ids, entities);
  const own = new Set(entities.map(({ entityId }) => entityId));
  const entityMessages = store
    .entityMessages()
    .filter(({ entityId, requestJson }) => own.has(entityId) || ids.has(senderOf(requestJson)));
  const work = rows.map((row) => ({ row, ...workOf(store, row) }));
  return {
    content: {
      instances: work.map(exported),
      entities: entities.map(({ entityId, exists, stateJson, lock, updatedAtMs }) => ({
        entityId,
        exists,
        stateJson,
        lock: lock && { requestId: lock.requestId, instanceId: lock.instanceId, executionId: lock.executionId },
        updatedAtMs,
      })),
      entityMessages: entityMessages.map(({ seq, entityId, name, requestJson }) => ({
        order: seq,
        entityId,
        name,
        requestJson,
      })),
    },
    removal: [
      ...work.flatMap(removalOf),
      ...entityMessages.map(({ seq }) => ({ kind: "removeEntityMessage", seq }) as const),
      ...entities.map(({ entityId }) => ({ kind: "removeEntity", entityId }) as const),
    ],
  };
}

type Work = ReturnType<typeof workOf> & { readonly row: InstanceRow };

function instanceOf(store: HistoryStore, instanceId: string): InstanceRow {
  const row = store.instance(instanceId);
  if (row) return row;
  throw new WorkflowError("RUN_NOT_FOUND", `There is no run "${instanceId}" in this store.`, "Check its id.");
}

function workOf(store: HistoryStore, row: InstanceRow) {
  const history = store.history(row.key);
  checkHistory(row, history);
  return {
    history,
    messages: store.messages(row.key),
    activities: store.activities().filter(({ key }) => key === row.key),
    timers: store.timers().filter(({ key }) => key === row.key),
  };
}

function exported({ row, history, messages, activities, timers }: Work): ExportedInstance {
  const { instanceId, executionId, name, version, status, parent } = row;
  const { inputJson, customStatusJson, output, createdAtMs, updatedAtMs } = row;
  return {
    ...{ instanceId, executionId, name, version, status },
    parent: parent && { ...parent },
    ...{ inputJson, customStatusJson, output, createdAtMs, updatedAtMs },
    history: history.map(({ firstEvent, eventCount, events }) => ({ firstEvent, eventCount, events })),
    messages: messages.map(({ seq: order, executionId: execution, event }) => ({
      order,
      executionId: execution,
      event,
    })),
    activities: activities.map((one) => ({
      order: one.seq,
      executionId: one.executionId,
      taskId: one.taskId,
      name: one.name,
      inputJson: one.inputJson,
    })),
    timers: timers.map((one) => ({
      order: one.seq,
      executionId: one.executionId,
      timerId: one.timerId,
      fireAtMs: one.fireAtMs,
    })),
  };
}

function removalOf({ row, messages, activities, timers }: Work): Write[] {
  return [
    ...messages.map(({ seq }) => ({ kind: "removeMessage", seq }) as const),
    ...activities.map(({ seq }) => ({ kind: "removeActivity", seq }) as const),
    ...timers.map(({ seq }) => ({ kind: "removeTimer", seq }) as const),
    { kind: "deleteInstance", key: row.key },
  ];
}

/** The run first; a child that has ended has told its parent, and is not needed. */
function withOpenChildren(store: HistoryStore, row: InstanceRow): InstanceRow[] {
  const children = childIds(store, row)
    .map((instanceId) => store.instance(instanceId))
    .filter((child) => child !== null)
    .filter(({ status, parent }) => !hasEnded(status) && parent?.executionId === row.executionId);
  return [row, ...children.flatMap((child) => withOpenChildren(store, child))];
}

function childIds(store: HistoryStore, { key }: InstanceRow): string[] {
  const texts = store.history(key).map(({ events }) => events);
  const events = JSON.parse(`[${texts.join(",")}]`) as HistoryEvent[];
  const created = events.filter(({ EventType }) => EventType === EVENT.subOrchestrationCreated);
  return [...new Set(created.map(({ InstanceId }) => String(InstanceId)))];
}

function refuseChild(store: HistoryStore, { instanceId, status, parent }: InstanceRow): void {
  const above = parent && store.instance(parent.instanceId);
  if (hasEnded(status) || !above || hasEnded(above.status) || above.executionId !== parent.executionId) return;
  refuseTurns([above]);
  throw refused(
    `Run "${instanceId}" is a sub-orchestration, and "${above.instanceId}" waits for it.`,
    `Export "${above.instanceId}": its children go with it.`,
  );
}

/** As turns in the conversations with agents are called, in any case. */
const TURNS = "dafx-agent-turn-";

/** What was said before a turn is in an entity that all turns of the conversation share, and so is whose turn it is. */
function refuseTurns(rows: readonly InstanceRow[]): void {
  const turn = rows.find(({ name, status }) => !hasEnded(status) && name.toLowerCase().startsWith(TURNS));
  if (!turn) return;
  throw refused(
    `"${turn.instanceId}" is a turn in a conversation with an agent, which it shares with the turns before and after it.`,
    "Wait until the turn is over, or cancel it; a stopped host moves as a whole, with its data folder.",
  );
}

function refuseLocks(store: HistoryStore, ids: ReadonlySet<string>, own: readonly EntityRow[]): void {
  const locked = store
    .lockedEntities()
    .find(({ entityId, lock }) => lock && ids.has(lock.instanceId) && !own.some((one) => one.entityId === entityId));
  if (!locked) return;
  throw refused(
    `Run "${locked.lock?.instanceId}" is in a critical section over ${locked.entityId}, which is not its own.`,
    "Wait until that is over.",
  );
}

function senderOf(requestJson: string): string {
  const { parent } = JSON.parse(requestJson) as { parent?: unknown };
  return typeof parent === "string" ? parent : "";
}

function refused(whatIsWrong: string, whatToDo: string): WorkflowError {
  return new WorkflowError("EXPORT_REFUSED", whatIsWrong, whatToDo);
}

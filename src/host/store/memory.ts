import { WorkflowError } from "../../errors.ts";
import type { EntityFilter, InstanceFilter } from "../hub/task-hub.ts";
import type { ScheduleStatus } from "../timers/schedule-status.ts";
import {
  type ActivityRow,
  type Counters,
  DEFAULT_PAGE_SIZE,
  type EntityMessageRow,
  type EntityRow,
  type EntityRows,
  type HistoryChunk,
  type HistoryStore,
  hasEnded,
  type InstanceRow,
  type InstanceRows,
  type MessageRow,
  type OpenInstanceRow,
  type TimerRow,
  type Write,
} from "./history-store.ts";

/** Keeps everything in memory, for tests and for hosts that need not outlive their process. */
export function createMemoryStore(): HistoryStore {
  return new MemoryStore();
}

class MemoryStore implements HistoryStore {
  readonly hasLeftovers = false;
  readonly #instances = new Map<number, InstanceRow>();
  readonly #keys = new Map<string, number>();
  readonly #history = new Map<number, HistoryChunk[]>();
  readonly #messages = new Map<number, MessageRow>();
  readonly #activities = new Map<number, ActivityRow>();
  readonly #timers = new Map<number, TimerRow>();
  readonly #entities = new Map<string, EntityRow>();
  readonly #entityMessages = new Map<number, EntityMessageRow>();
  readonly #schedules = new Map<string, ScheduleStatus>();

  commit(writes: readonly Write[]): void {
    for (const write of writes) if (write.kind === "addInstance") this.#refuseDuplicate(write.row, writes);
    for (const write of writes) this.#apply(write);
  }

  counters(): Counters {
    const work = [this.#messages, this.#activities, this.#timers, this.#entityMessages];
    const seqs = work.flatMap((rows) => [...rows.keys()]);
    return { nextKey: above(this.#instances.keys()), nextSeq: above(seqs) };
  }

  instance(instanceId: string): InstanceRow | null {
    const key = this.#keys.get(instanceId);
    return key === undefined ? null : (this.#instances.get(key) ?? null);
  }

  instances(filter: InstanceFilter): InstanceRows {
    const top = filter.top ?? DEFAULT_PAGE_SIZE;
    const below = filter.continuationToken === undefined ? Number.POSITIVE_INFINITY : Number(filter.continuationToken);
    const found = [...this.#instances.values()]
      .filter((row) => row.key < below && matches(row, filter))
      .sort((a, b) => b.key - a.key);
    const rows = found.slice(0, top);
    return { rows, continuationToken: found.length > top ? String(rows.at(-1)?.key) : null };
  }

  openInstances(): OpenInstanceRow[] {
    return [...this.#instances.values()].filter(({ status }) => !hasEnded(status));
  }

  history(key: number): HistoryChunk[] {
    return [...(this.#history.get(key) ?? [])];
  }

  messages(key?: number): MessageRow[] {
    return inOrder(this.#messages).filter((row) => key === undefined || row.key === key);
  }

  activities(): ActivityRow[] {
    return inOrder(this.#activities);
  }

  timers(): TimerRow[] {
    return inOrder(this.#timers);
  }

  entity(entityId: string): EntityRow | null {
    return this.#entities.get(entityId) ?? null;
  }

  entities(filter: EntityFilter): EntityRows {
    const { top = DEFAULT_PAGE_SIZE, continuationToken = "", withState = false } = filter;
    const found = this.#entitiesInOrder().filter((row) => row.entityId > continuationToken && isShown(row, filter));
    const page = found.slice(0, top);
    return {
      rows: withState ? page : page.map((row) => ({ ...row, stateJson: null })),
      continuationToken: found.length > top ? (page.at(-1)?.entityId ?? null) : null,
    };
  }

  lockedEntities(): EntityRow[] {
    return this.#entitiesInOrder().filter(({ lock }) => lock !== null);
  }

  entityMessages(): EntityMessageRow[] {
    return inOrder(this.#entityMessages);
  }

  schedule(functionName: string): ScheduleStatus | null {
    return this.#schedules.get(functionName) ?? null;
  }

  giveBack(): void {}

  close(): void {}

  #entitiesInOrder(): EntityRow[] {
    return [...this.#entities.values()].sort((a, b) => (a.entityId < b.entityId ? -1 : 1));
  }

  #refuseDuplicate({ instanceId }: InstanceRow, writes: readonly Write[]): void {
    const key = this.#keys.get(instanceId);
    if (key === undefined || writes.some((write) => write.kind === "deleteInstance" && write.key === key)) return;
    throw new WorkflowError(
      "STORE_WRITE_FAILED",
      `Instance "${instanceId}" exists already.`,
      "Delete it in the same transaction, before the new one is added.",
    );
  }

  #apply(write: Write): void {
    switch (write.kind) {
      case "addInstance":
        this.#instances.set(write.row.key, write.row);
        this.#keys.set(write.row.instanceId, write.row.key);
        break;
      case "changeInstance":
        this.#change(write.change.key, (row) => ({
          ...row,
          ...write.change,
          customStatusJson: write.change.customStatusJson,
        }));
        break;
      case "beginGeneration":
        this.#history.delete(write.change.key);
        this.#change(write.change.key, (row) => ({ ...row, ...write.change }));
        break;
      case "deleteInstance":
        this.#delete(write.key);
        break;
      case "dropHistory":
        this.#history.delete(write.key);
        break;
      case "appendHistory":
        this.#history.set(write.key, [...(this.#history.get(write.key) ?? []), write.chunk]);
        break;
      case "addMessage":
        this.#messages.set(write.row.seq, write.row);
        break;
      case "removeMessage":
        this.#messages.delete(write.seq);
        break;
      case "addActivity":
        this.#activities.set(write.row.seq, write.row);
        break;
      case "removeActivity":
        this.#activities.delete(write.seq);
        break;
      case "addTimer":
        this.#timers.set(write.row.seq, write.row);
        break;
      case "removeTimer":
        this.#timers.delete(write.seq);
        break;
      case "putEntity":
        this.#entities.set(write.row.entityId, write.row);
        break;
      case "removeEntity":
        this.#entities.delete(write.entityId);
        break;
      case "addEntityMessage":
        this.#entityMessages.set(write.row.seq, write.row);
        break;
      case "removeEntityMessage":
        this.#entityMessages.delete(write.seq);
        break;
      case "putSchedule":
        this.#schedules.set(write.functionName, write.status);
        break;
    }
  }

  #change(key: number, change: (row: InstanceRow) => InstanceRow): void {
    const row = this.#instances.get(key);
    if (row) this.#instances.set(key, change(row));
  }

  #delete(key: number): void {
    const row = this.#instances.get(key);
    if (row && this.#keys.get(row.instanceId) === key) this.#keys.delete(row.instanceId);
    this.#instances.delete(key);
    this.#history.delete(key);
  }
}

function above(numbers: Iterable<number>): number {
  let highest = 0;
  for (const number of numbers) highest = Math.max(highest, number);
  return highest + 1;
}

function inOrder<Row extends { readonly seq: number }>(rows: ReadonlyMap<number, Row>): Row[] {
  return [...rows.values()].sort((a, b) => a.seq - b.seq);
}

function matches(row: InstanceRow, filter: InstanceFilter): boolean {
  return (
    (filter.runtimeStatus === undefined || filter.runtimeStatus.includes(row.status)) &&
    row.createdAtMs >= (filter.createdFromMs ?? Number.NEGATIVE_INFINITY) &&
    row.createdAtMs <= (filter.createdToMs ?? Number.POSITIVE_INFINITY) &&
    row.instanceId.startsWith(filter.instanceIdPrefix ?? "")
  );
}

function isShown({ entityId, exists, updatedAtMs }: EntityRow, filter: EntityFilter): boolean {
  return (
    exists &&
    (filter.name === undefined || entityId.startsWith(`@${filter.name.toLowerCase()}@`)) &&
    updatedAtMs >= (filter.updatedFromMs ?? Number.NEGATIVE_INFINITY) &&
    updatedAtMs <= (filter.updatedToMs ?? Number.POSITIVE_INFINITY)
  );
}

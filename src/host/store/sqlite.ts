import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { WorkflowError } from "../../errors.ts";
import { type DatabaseKind, giveBack, hasFreePages, openDatabaseFile } from "../../storage/database-file.ts";
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
  type InstanceRow,
  type InstanceRows,
  type MessageRow,
  type OpenInstanceRow,
  type TimerRow,
  type Write,
} from "./history-store.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { entityOf, instanceOf, openInstanceOf } from "./rows.ts";
import { READS, WRITES } from "./statements.ts";

const STORE: DatabaseKind = {
  name: "store",
  applicationId: 0x64_77_6c_68, // "dwlh" in ASCII
  mayBeUnmarked: true,
  canShrink: true,
  migrations: MIGRATIONS,
  whenInUse: "Stop that host, or start this one with another data folder.",
  whenNewer: "Start the newer version that wrote it, or choose another data folder.",
  whenUnreadable: "Check that the path is right and writable by this user, and that the file is a store of this host.",
};

export interface SqliteStoreOptions {
  /** Path of the database file; it and its folder are made when missing, readable by this user only. */
  readonly file: string;
  /** What the refusal says to do while another process owns the file. */
  readonly whenInUse?: string;
}

/**
 * Opens the store of a data folder and owns it until it is closed or the process dies: an exclusive lock of the
 * operating system, so that a killed owner leaves nothing to clean up. Needs Node 24 (`node:sqlite`).
 *
 * @throws {WorkflowError} `STORE_IN_USE` while another process owns the file, `STORE_UNREADABLE` for a file that is
 *   not such a store, cannot be opened, or was written by a newer version
 */
export async function openSqliteStore({ file, ...more }: SqliteStoreOptions): Promise<HistoryStore> {
  return new SqliteStore(await openDatabaseFile(file, { ...STORE, ...more }));
}

class SqliteStore implements HistoryStore {
  // The one strong reference: statements do not keep their database alive.
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #hasLeftovers: boolean;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#hasLeftovers = hasFreePages(database);
  }

  commit(writes: readonly Write[]): void {
    try {
      this.#run(WRITES.begin);
      for (const write of writes) this.#apply(write);
      this.#run(WRITES.commit);
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw new WorkflowError(
        "STORE_WRITE_FAILED",
        `The store could not be written: ${error instanceof Error ? error.message : String(error)}.`,
        "Nothing was changed. Check the disk's free space and permissions, then send the request again.",
        { cause: error },
      );
    }
  }

  counters(): Counters {
    return this.#all<Counters>(READS.counters)[0] as Counters;
  }

  instance(instanceId: string): InstanceRow | null {
    const [row] = this.#all(READS.instance, instanceId);
    return row ? instanceOf(row) : null;
  }

  instances(filter: InstanceFilter): InstanceRows {
    const top = filter.top ?? DEFAULT_PAGE_SIZE;
    const rows = this.#all(
      READS.instances,
      filter.continuationToken === undefined ? Number.MAX_SAFE_INTEGER : Number(filter.continuationToken),
      filter.runtimeStatus ? JSON.stringify(filter.runtimeStatus) : null,
      filter.createdFromMs ?? Number.MIN_SAFE_INTEGER,
      filter.createdToMs ?? Number.MAX_SAFE_INTEGER,
      filter.instanceIdPrefix ?? "",
      top + 1,
    ).map(instanceOf);
    const page = rows.slice(0, top);
    return { rows: page, continuationToken: rows.length > top ? String(page.at(-1)?.key) : null };
  }

  openInstances(): OpenInstanceRow[] {
    return this.#all(READS.openInstances).map(openInstanceOf);
  }

  history(key: number): HistoryChunk[] {
    return this.#all<HistoryChunk>(READS.history, key);
  }

  messages(key?: number): MessageRow[] {
    return key === undefined
      ? this.#all<MessageRow>(READS.messages)
      : this.#all<MessageRow>(READS.messagesOfInstance, key);
  }

  activities(): ActivityRow[] {
    return this.#all<ActivityRow>(READS.activities);
  }

  timers(): TimerRow[] {
    return this.#all<TimerRow>(READS.timers);
  }

  entity(entityId: string): EntityRow | null {
    const [row] = this.#all(READS.entity, entityId);
    return row ? entityOf(row) : null;
  }

  entities(filter: EntityFilter): EntityRows {
    const top = filter.top ?? DEFAULT_PAGE_SIZE;
    const rows = this.#all(
      READS.entities,
      filter.continuationToken ?? "",
      filter.name === undefined ? "" : `@${filter.name.toLowerCase()}@`,
      filter.updatedFromMs ?? Number.MIN_SAFE_INTEGER,
      filter.updatedToMs ?? Number.MAX_SAFE_INTEGER,
      filter.withState ? 1 : 0,
      top + 1,
    ).map(entityOf);
    const page = rows.slice(0, top);
    return { rows: page, continuationToken: rows.length > top ? (page.at(-1)?.entityId ?? null) : null };
  }

  lockedEntities(): EntityRow[] {
    return this.#all(READS.lockedEntities).map(entityOf);
  }

  entityMessages(): EntityMessageRow[] {
    return this.#all<EntityMessageRow>(READS.entityMessages);
  }

  schedule(functionName: string): ScheduleStatus | null {
    return this.#all<ScheduleStatus>(READS.schedule, functionName)[0] ?? null;
  }

  get hasLeftovers(): boolean {
    return this.#hasLeftovers;
  }

  giveBack(): void {
    // Also when it fails: the next deletion asks for another try.
    this.#hasLeftovers = false;
    this.#hasLeftovers = giveBack(this.#database);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #apply(write: Write): void {
    switch (write.kind) {
      case "addInstance": {
        const { row } = write;
        const parent = row.parent && JSON.stringify(row.parent);
        this.#run(
          WRITES.addInstance,
          ...[row.key, row.instanceId, row.executionId, row.name, row.version, row.status, parent],
          ...[row.inputJson, row.customStatusJson, row.output, row.createdAtMs, row.updatedAtMs],
          row.historyChecksum,
        );
        break;
      }
      case "changeInstance": {
        const { key, status, customStatusJson, output, historyChecksum, updatedAtMs } = write.change;
        this.#run(WRITES.changeInstance, status, customStatusJson, output, updatedAtMs, historyChecksum, key);
        break;
      }
      case "beginGeneration": {
        const { key, executionId, inputJson, createdAtMs } = write.change;
        this.#run(WRITES.deleteHistory, key);
        this.#run(WRITES.beginGeneration, executionId, inputJson, createdAtMs, key);
        break;
      }
      case "deleteInstance":
        this.#run(WRITES.deleteHistory, write.key);
        this.#run(WRITES.deleteInstance, write.key);
        this.#hasLeftovers = true;
        break;
      case "dropHistory":
        this.#run(WRITES.deleteHistory, write.key);
        break;
      case "appendHistory": {
        const { firstEvent, eventCount, events, checksum } = write.chunk;
        this.#run(WRITES.appendHistory, write.key, firstEvent, eventCount, events, checksum);
        break;
      }
      case "addMessage": {
        const { seq, key, executionId, event } = write.row;
        this.#run(WRITES.addMessage, seq, key, executionId, event);
        break;
      }
      case "removeMessage":
        this.#run(WRITES.removeMessage, write.seq);
        break;
      case "addActivity": {
        const { seq, key, instanceId, executionId, taskId, name, inputJson } = write.row;
        this.#run(WRITES.addActivity, seq, key, instanceId, executionId, taskId, name, inputJson);
        break;
      }
      case "removeActivity":
        this.#run(WRITES.removeActivity, write.seq);
        break;
      case "addTimer": {
        const { seq, key, executionId, timerId, fireAtMs } = write.row;
        this.#run(WRITES.addTimer, seq, key, executionId, timerId, fireAtMs);
        break;
      }
      case "removeTimer":
        this.#run(WRITES.removeTimer, write.seq);
        break;
      case "putEntity": {
        const { entityId, exists, stateJson, lock, updatedAtMs } = write.row;
        const lockJson = lock && JSON.stringify(lock);
        this.#run(WRITES.putEntity, entityId, exists ? 1 : 0, stateJson, lockJson, updatedAtMs);
        break;
      }
      case "removeEntity":
        this.#run(WRITES.removeEntity, write.entityId);
        this.#hasLeftovers = true;
        break;
      case "addEntityMessage": {
        const { seq, entityId, name, requestJson } = write.row;
        this.#run(WRITES.addEntityMessage, seq, entityId, name, requestJson);
        break;
      }
      case "removeEntityMessage":
        this.#run(WRITES.removeEntityMessage, write.seq);
        break;
      case "putSchedule": {
        const { lastMs, nextMs, lastUpdatedMs } = write.status;
        this.#run(WRITES.putSchedule, write.functionName, lastMs, nextMs, lastUpdatedMs);
        break;
      }
    }
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepared(sql).run(...values);
  }

  // The columns of a statement carry the names of the row type's fields.
  #all<Row = Record<string, unknown>>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepared(sql).all(...values) as Row[];
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

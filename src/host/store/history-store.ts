import type { EntityMessageName } from "../hub/entities/entity-request.ts";
import type { EntityFilter, InstanceFilter, RuntimeStatus } from "../hub/task-hub.ts";
import type { ScheduleStatus } from "../timers/schedule-status.ts";

/**
 * What the task hub keeps: instances, their histories, and the work that is not done yet. A store knows nothing of
 * orchestrations; it applies writes all or none and reads only what was written. Every call is synchronous, so that a
 * turn of the event loop can be one transaction.
 */
export interface HistoryStore {
  /**
   * Applies all writes in order as one transaction; they are on disk when it returns.
   *
   * @throws {WorkflowError} `STORE_WRITE_FAILED`; then none of them is applied
   */
  commit(writes: readonly Write[]): void;
  /** The first instance key, and the first sequence number, above all that exist. */
  counters(): Counters;
  instance(instanceId: string): InstanceRow | null;
  /** One page of instances, newest first. */
  instances(filter: InstanceFilter): InstanceRows;
  /** All instances that have not ended, without their payloads. */
  openInstances(): OpenInstanceRow[];
  /** The history of the current generation: one chunk per episode, in order. */
  history(key: number): HistoryChunk[];
  /** Messages not taken in yet, in order of arrival; of one instance or of all. */
  messages(key?: number): MessageRow[];
  /** Activities whose outcome is not recorded yet, in order of their scheduling. */
  activities(): ActivityRow[];
  /** Timers that have not fired yet. */
  timers(): TimerRow[];
  entity(entityId: string): EntityRow | null;
  /** One page of the entities that exist, in the order of their ids. */
  entities(filter: EntityFilter): EntityRows;
  lockedEntities(): EntityRow[];
  /** Requests that no entity has taken in yet, in order of arrival. */
  entityMessages(): EntityMessageRow[];
  /** What is kept of a timer function; null for one that is not known. */
  schedule(functionName: string): ScheduleStatus | null;
  /** Deleted instances and entities have left room that {@link giveBack} would give back to the system. */
  readonly hasLeftovers: boolean;
  /** Gives back a piece of it, and with the last piece whatever is left of the deleted data. @throws when the disk refuses */
  giveBack(): void;
  close(): void;
}

export interface Counters {
  readonly nextKey: number;
  readonly nextSeq: number;
}

/** Where the outcome of a sub-orchestration goes. */
export interface ParentLink {
  readonly instanceId: string;
  readonly executionId: string;
  readonly name: string;
  readonly taskId: number;
}

export interface OpenInstanceRow {
  readonly key: number;
  readonly instanceId: string;
  readonly executionId: string;
  readonly name: string;
  readonly version: string | null;
  readonly status: RuntimeStatus;
  readonly parent: ParentLink | null;
}

/** JSON values are JSON text, times milliseconds since 1970. `output` may be plain text: a failure or a reason. */
export interface InstanceRow extends OpenInstanceRow {
  readonly inputJson: string | null;
  readonly customStatusJson: string | null;
  readonly output: string | null;
  /** Of the last row of its history; null for one that was written when there were no checksums. */
  readonly historyChecksum: number | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface InstanceRows {
  readonly rows: readonly InstanceRow[];
  readonly continuationToken: string | null;
}

/** The events of one episode, as the JSON texts of event objects joined by commas. */
export interface HistoryChunk {
  readonly firstEvent: number;
  readonly eventCount: number;
  readonly events: string;
  /** Chained to the one before; null for a row that was written when there were none. */
  readonly checksum: number | null;
}

/** `executionId` null: for whichever execution is current when the message is taken in. */
export interface MessageRow {
  readonly key: number;
  readonly seq: number;
  readonly executionId: string | null;
  readonly event: string;
}

export interface ActivityRow {
  readonly key: number;
  readonly seq: number;
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
  readonly name: string;
  readonly inputJson: string | null;
}

export interface TimerRow {
  readonly key: number;
  readonly seq: number;
  readonly executionId: string;
  readonly timerId: number;
  readonly fireAtMs: number;
}

/** A durable entity. `stateJson` is JSON text; times are milliseconds since 1970. */
export interface EntityRow {
  /** `@name@key`, the name in lower case. */
  readonly entityId: string;
  /** False for one that was deleted, or never had a state, but is locked. */
  readonly exists: boolean;
  readonly stateJson: string | null;
  readonly lock: EntityLock | null;
  /** Time of the latest operation. */
  readonly updatedAtMs: number;
}

/** The orchestration whose critical section an entity is in, and the id of its lock request. */
export interface EntityLock {
  readonly requestId: string;
  readonly instanceId: string;
  readonly executionId: string;
}

export interface EntityRows {
  readonly rows: readonly EntityRow[];
  readonly continuationToken: string | null;
}

export interface EntityMessageRow {
  readonly seq: number;
  readonly entityId: string;
  readonly name: EntityMessageName;
  readonly requestJson: string;
}

/** What changes with an episode. */
export interface InstanceChange {
  readonly key: number;
  readonly status: RuntimeStatus;
  readonly customStatusJson: string | null;
  readonly output: string | null;
  readonly historyChecksum: number | null;
  readonly updatedAtMs: number;
}

/** What a new generation (continue-as-new) replaces. */
export interface GenerationChange {
  readonly key: number;
  readonly executionId: string;
  readonly inputJson: string | null;
  readonly createdAtMs: number;
}

/**
 * One change. Keys and sequence numbers are given by the hub; a sequence number grows with time and is unique among the
 * messages, activities, timers and entity messages that exist.
 */
export type Write =
  | { readonly kind: "addInstance"; readonly row: InstanceRow }
  | { readonly kind: "changeInstance"; readonly change: InstanceChange }
  /** Also drops the history of the generation before. */
  | { readonly kind: "beginGeneration"; readonly change: GenerationChange }
  /** With its history. Its messages, activities and timers are gone by then: an instance ends without any. */
  | { readonly kind: "deleteInstance"; readonly key: number }
  | { readonly kind: "dropHistory"; readonly key: number }
  | { readonly kind: "appendHistory"; readonly key: number; readonly chunk: HistoryChunk }
  | { readonly kind: "addMessage"; readonly row: MessageRow }
  | { readonly kind: "removeMessage"; readonly seq: number }
  | { readonly kind: "addActivity"; readonly row: ActivityRow }
  | { readonly kind: "removeActivity"; readonly seq: number }
  | { readonly kind: "addTimer"; readonly row: TimerRow }
  | { readonly kind: "removeTimer"; readonly seq: number }
  /** Also replaces the one of this id. */
  | { readonly kind: "putEntity"; readonly row: EntityRow }
  | { readonly kind: "removeEntity"; readonly entityId: string }
  | { readonly kind: "addEntityMessage"; readonly row: EntityMessageRow }
  | { readonly kind: "removeEntityMessage"; readonly seq: number }
  /** Also replaces the one of this function. */
  | { readonly kind: "putSchedule"; readonly functionName: string; readonly status: ScheduleStatus };

/** A page holds this many instances unless the filter says otherwise; the management API's own default. */
export const DEFAULT_PAGE_SIZE = 100;

const ENDED: readonly RuntimeStatus[] = ["Completed", "Failed", "Canceled", "Terminated"];

export function hasEnded(status: RuntimeStatus): boolean {
  return ENDED.includes(status);
}

import type { EntityLock, EntityMessageRow } from "../../store/history-store.ts";
import { callerOf, type EntityRequest, storedRequest } from "./entity-request.ts";

/** A request that is on disk and waits for its entity. */
export interface EntityMessage {
  readonly seq: number;
  readonly isRelease: boolean;
  readonly request: EntityRequest;
}

/** What an entity does next: a batch of operations for its function, or one step of a critical section. */
export type EntityWork =
  | { readonly kind: "operations"; readonly messages: readonly EntityMessage[] }
  | { readonly kind: "lock"; readonly message: EntityMessage }
  | { readonly kind: "release"; readonly message: EntityMessage };

export function messageOf({ seq, name, requestJson }: EntityMessageRow): EntityMessage {
  return { seq, isRelease: name === "release", request: storedRequest(requestJson) };
}

/**
 * Finds what is next in a queue. Messages keep their order; a lock request ends a batch. While the entity is locked, only
 * the orchestration that holds the lock gets through, past all others.
 *
 * ```
 * free       op1 op2 lock(A) op3      ->  [op1 op2], then lock(A), then, locked by A:
 * locked     op3 opA release(A) op4   ->  [opA], then release(A), then, free: [op3 op4]
 * ```
 *
 * @returns null when nothing may run now
 */
export function nextWork(
  queue: readonly EntityMessage[],
  lock: EntityLock | null,
  batchSize: number,
): EntityWork | null {
  const messages: EntityMessage[] = [];
  for (const message of queue) {
    if (messages.length === batchSize) break;
    if (lock !== null && !isFrom(message, lock)) continue;
    if (!message.isRelease && message.request.lockset === undefined) {
      messages.push(message);
      continue;
    }
    if (messages.length > 0) break;
    return { kind: message.isRelease ? "release" : "lock", message };
  }
  return messages.length === 0 ? null : { kind: "operations", messages };
}

function isFrom({ request }: EntityMessage, lock: EntityLock): boolean {
  const caller = callerOf(request);
  return caller?.instanceId === lock.instanceId && caller.executionId === lock.executionId;
}

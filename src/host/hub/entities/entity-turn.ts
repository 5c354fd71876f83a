import type { EntityMessageRow, EntityRow, Write } from "../../store/history-store.ts";
import type { InvocationResult } from "../task-hub.ts";
import { type OperationResult, readBatchOutcome } from "./entity-answer.ts";
import type { EntityMessage } from "./entity-queue.ts";
import { type Caller, callerOf, entityIdOf } from "./entity-request.ts";

/** A message to an entity, before it has its number. */
export type Send = Omit<EntityMessageRow, "seq">;

/** What one turn of an entity changes; all of it becomes one transaction. */
export interface Turn {
  readonly taken: readonly EntityMessage[];
  readonly after: EntityRow;
  readonly sends: readonly Send[];
  readonly answers: readonly { readonly caller: Caller; readonly requestId: string; readonly answerJson: string }[];
}

/** A batch of operations after its function has been called. */
export function operationsTurn(
  before: EntityRow,
  messages: readonly EntityMessage[],
  result: InvocationResult,
  at: { readonly nowMs: number; readonly newId: () => string },
): Turn & { readonly problem: string | null } {
  const outcome = readBatchOutcome(result, before, messages.length);
  return {
    taken: messages,
    after: { ...before, exists: outcome.exists, stateJson: outcome.stateJson, updatedAtMs: at.nowMs },
    sends: outcome.signals.map(({ target, op, input }) => {
      const requestJson = JSON.stringify({ op, signal: true, input, id: at.newId() });
      return { entityId: entityIdOf(target), name: "op", requestJson };
    }),
    answers: messages.flatMap(({ request }, place) => {
      const caller = callerOf(request);
      if (!caller || request.signal) return [];
      return { caller, requestId: request.id, answerJson: answerJson(outcome.results[place] ?? MISSING) };
    }),
    problem: outcome.problem,
  };
}

/**
 * A lock request: the lock is given, and the request goes to the next entity of its set; the last one answers.
 *
 * @param isGone - the caller has ended, so nobody would release the lock again
 */
export function lockTurn(before: EntityRow, message: EntityMessage, isGone: boolean): Turn {
  const { request } = message;
  const { lockset = [], pos = 0 } = request;
  const caller = callerOf(request);
  if (!caller || isGone) return { taken: [message], after: before, sends: [], answers: [] };
  const next = lockset[pos + 1];
  return {
    taken: [message],
    after: { ...before, lock: { requestId: request.id, ...caller } },
    sends: next
      ? [{ entityId: entityIdOf(next), name: "op", requestJson: JSON.stringify({ ...request, pos: pos + 1 }) }]
      : [],
    answers: next ? [] : [{ caller, requestId: request.id, answerJson: answerJson(LOCKED) }],
  };
}

/** A release counts only for the lock that it names. */
export function releaseTurn(before: EntityRow, message: EntityMessage): Turn {
  const isHeld = before.lock?.requestId === message.request.id;
  return { taken: [message], after: isHeld ? { ...before, lock: null } : before, sends: [], answers: [] };
}

/** An entity that was deleted is kept only while it is locked. */
export function entityWrite(after: EntityRow): Write {
  return after.exists || after.lock
    ? { kind: "putEntity", row: after }
    : { kind: "removeEntity", entityId: after.entityId };
}

const MISSING: OperationResult = { isError: true, result: '"The operation gave no result."' };
const LOCKED: OperationResult = { isError: false, result: '"Lock Acquisition Completed"' };

/** The SDK takes an answer with an `exceptionType` for a failure. */
function answerJson({ isError, result }: OperationResult): string {
  return JSON.stringify({ result: result ?? null, ...(isError ? { exceptionType: "Error" } : {}) });
}

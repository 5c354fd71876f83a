import type { EntityMessageRow, EntityRow, HistoryStore } from "../../store/history-store.ts";
import type { Transition } from "../committer.ts";
import type { HubEnvironment } from "../environment.ts";
import type { FunctionInvoker, HubLog, InvocationResult, SignalRequest } from "../task-hub.ts";
import { entityTriggerJson } from "./entity-answer.ts";
import { type EntityMessage, messageOf, nextWork } from "./entity-queue.ts";
import { type Caller, callerOf, type EntityName, entityIdOf, entityNameOf } from "./entity-request.ts";
import { entityWrite, lockTurn, operationsTurn, releaseTurn, type Send, type Turn } from "./entity-turn.ts";

export interface EntityHubParts {
  readonly store: HistoryStore;
  readonly environment: HubEnvironment;
  readonly concurrency: number;
  /** How many operations one call of an entity function gets at most. */
  readonly batchSize: number;
  readonly log: HubLog;
  readonly nextSeq: () => number;
  readonly add: (transition: Transition) => void;
  /** Answers a request: an external event named by its id, for one execution of an instance. */
  readonly answer: (caller: Caller, requestId: string, answerJson: string) => void;
  /** True when this execution of the instance has ended, and that is on the disk. */
  readonly hasEnded: (caller: Caller) => boolean;
  /** True while the disk refuses to write. */
  readonly isHeld: () => boolean;
  /** Keeps what could not be written, to be tried again. */
  readonly keep: (again: () => void) => void;
}

/** An entity that has requests. All others are on the disk only. */
interface Busy {
  readonly entityId: string;
  readonly self: EntityName;
  queue: EntityMessage[];
  isReady: boolean;
  isRunning: boolean;
  /** Something came while it was running. */
  isWanted: boolean;
}

/**
 * Runs entities: a queue for each, one turn at a time. A turn begins with what is on the disk (state, lock, requests) and
 * ends in one transaction: the new state, the requests taken, answers and signals sent. The next turn of the entity begins
 * when that is on the disk, so a turn that was cut off is simply taken again.
 */
export class EntityHub {
  readonly #parts: EntityHubParts;
  readonly #busy = new Map<string, Busy>();
  /** Which instance holds the lock of an entity. */
  readonly #holders = new Map<string, string>();
  readonly #toldAbout = new Set<string>();
  #ready: Busy[] = [];
  #running = 0;
  #mayBegin = false;
  #isStopped = false;
  #invoker: FunctionInvoker | null = null;

  constructor(parts: EntityHubParts) {
    this.#parts = parts;
  }

  /** Takes up what the store holds. */
  begin(invoker: FunctionInvoker): void {
    const { store } = this.#parts;
    this.#invoker = invoker;
    this.#mayBegin = true;
    for (const { entityId, lock } of store.lockedEntities()) {
      if (lock) this.#holders.set(entityId, lock.instanceId);
      this.#wake(this.#busyOf(entityId));
    }
    this.release(store.entityMessages());
  }

  /** Takes no more turns; those that run are recorded. */
  beginNoMore(): void {
    this.#mayBegin = false;
  }

  /** Those that run are not recorded either. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Goes on after the disk had refused to write. */
  resume(): void {
    this.#pump();
  }

  /** The message as it is to be written; it counts after {@link release}. */
  number(send: Send): EntityMessageRow {
    return { seq: this.#parts.nextSeq(), ...send };
  }

  /** Takes up messages that are on the disk. */
  release(rows: readonly EntityMessageRow[]): void {
    for (const row of rows) {
      const busy = this.#busyOf(row.entityId);
      busy.queue.push(messageOf(row));
      this.#wake(busy);
    }
    this.#pump();
  }

  /** Resolves when the signal is on the disk. */
  signal({ name, key, operation, inputJson }: SignalRequest): Promise<void> {
    const request = { op: operation, signal: true, input: inputJson, id: this.#parts.environment.newId() };
    const entityId = entityIdOf({ name, key });
    const row = this.number({ entityId, name: "op", requestJson: JSON.stringify(request) });
    return new Promise((resolve, reject) => {
      this.#parts.add({
        instanceId: null,
        writes: [{ kind: "addEntityMessage", row }],
        committed: () => {
          resolve();
          this.release([row]);
        },
        failed: reject,
      });
    });
  }

  /** The end of an instance is on the disk: a lock that it still holds is free. */
  holderEnded(instanceId: string): void {
    for (const [entityId, holder] of this.#holders) {
      if (holder === instanceId) this.#wake(this.#busyOf(entityId));
    }
    this.#pump();
  }

  #busyOf(entityId: string): Busy {
    const known = this.#busy.get(entityId);
    if (known) return known;
    const self = entityNameOf(entityId) ?? { name: entityId, key: "" };
    const busy: Busy = { entityId, self, queue: [], isReady: false, isRunning: false, isWanted: false };
    this.#busy.set(entityId, busy);
    return busy;
  }

  #wake(busy: Busy): void {
    busy.isWanted = busy.isRunning;
    if (busy.isRunning || busy.isReady) return;
    busy.isReady = true;
    this.#ready.push(busy);
  }

  #pump(): void {
    while (this.#running < this.#parts.concurrency && this.#mayBegin && !this.#parts.isHeld()) {
      const busy = this.#ready.shift();
      if (!busy) return;
      busy.isReady = false;
      void this.#run(busy);
    }
  }

  async #run(busy: Busy): Promise<void> {
    busy.isRunning = true;
    this.#running += 1;
    try {
      const turn = await this.#turn(busy);
      if (turn === null) this.#rest(busy);
      else if (!this.#isStopped) this.#record(busy, turn);
    } catch (error) {
      // Whatever this is, it is not the entity's doing. Its requests stay on the disk, and the other entities go on.
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#parts.log("error", `Entity "${busy.entityId}" stands still until the next start: ${reason}`);
    }
    this.#running -= 1;
    this.#pump();
  }

  #rest(busy: Busy): void {
    busy.isRunning = false;
    if (busy.isWanted) this.#wake(busy);
    else if (busy.queue.length === 0) this.#busy.delete(busy.entityId);
  }

  /** @returns null when there is nothing to do now */
  async #turn(busy: Busy): Promise<Turn | null> {
    const stored = this.#load(busy.entityId);
    const isOrphaned = stored.lock !== null && this.#parts.hasEnded(stored.lock);
    const before = isOrphaned ? { ...stored, lock: null } : stored;
    if (isOrphaned) this.#warnOfOrphan(stored);
    const work = nextWork(busy.queue, before.lock, this.#parts.batchSize);
    if (work?.kind === "lock") return lockTurn(before, work.message, this.#isFromTheDead(work.message));
    if (work?.kind === "release") return releaseTurn(before, work.message);
    if (work && this.#isRegistered(busy.self)) return this.#operations(busy, before, work.messages);
    return isOrphaned ? { taken: [], after: before, sends: [], answers: [] } : null;
  }

  async #operations(busy: Busy, before: EntityRow, messages: readonly EntityMessage[]): Promise<Turn> {
    const { environment, log } = this.#parts;
    const result = await this.#call(busy, before, messages);
    const { problem, ...turn } = operationsTurn(before, messages, result, {
      nowMs: environment.nowMs(),
      newId: environment.newId,
    });
    if (problem !== null) log("warning", `Entity "${busy.entityId}": ${problem}.`);
    return turn;
  }

  async #call(
    { entityId, self }: Busy,
    before: EntityRow,
    messages: readonly EntityMessage[],
  ): Promise<InvocationResult> {
    const invoker = this.#invoker as FunctionInvoker;
    try {
      return await invoker.invokeEntity(self.name, entityTriggerJson(self, before, messages), entityId);
    } catch (error) {
      const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
      return { ok: false, message, stack };
    }
  }

  /** Memory changes when the turn is on the disk. */
  #record(busy: Busy, turn: Turn): void {
    const { add, answer, isHeld, keep } = this.#parts;
    const again = (): void => this.#record(busy, turn);
    if (isHeld()) return void keep(again);
    const rows = turn.sends.map((send) => this.number(send));
    add({
      instanceId: null,
      writes: [
        ...turn.taken.map(({ seq }) => ({ kind: "removeEntityMessage", seq }) as const),
        entityWrite(turn.after),
        ...rows.map((row) => ({ kind: "addEntityMessage", row }) as const),
      ],
      committed: () => this.#recorded(busy, turn, rows),
      failed: () => keep(again),
    });
    for (const { caller, requestId, answerJson } of turn.answers) answer(caller, requestId, answerJson);
  }

  #recorded(busy: Busy, { taken, after }: Turn, rows: readonly EntityMessageRow[]): void {
    const done = new Set(taken);
    busy.queue = busy.queue.filter((message) => !done.has(message));
    if (after.lock) this.#holders.set(busy.entityId, after.lock.instanceId);
    else this.#holders.delete(busy.entityId);
    busy.isWanted ||= busy.queue.length > 0;
    this.#rest(busy);
    this.release(rows);
  }

  #load(entityId: string): EntityRow {
    const { store, environment } = this.#parts;
    const empty = { entityId, exists: false, stateJson: null, lock: null, updatedAtMs: environment.nowMs() };
    return store.entity(entityId) ?? empty;
  }

  #isFromTheDead({ request }: EntityMessage): boolean {
    const caller = callerOf(request);
    return caller !== null && this.#parts.hasEnded(caller);
  }

  /** The requests of an entity without a function wait for a start of the app that has it. */
  #isRegistered({ name }: EntityName): boolean {
    if (this.#invoker?.hasFunction("entity", name)) return true;
    if (!this.#toldAbout.has(name)) {
      this.#toldAbout.add(name);
      this.#parts.log("warning", `There is no entity function '${name}' in this app. What it was sent waits.`);
    }
    return false;
  }

  #warnOfOrphan({ entityId, lock }: EntityRow): void {
    this.#parts.log(
      "warning",
      `Instance "${lock?.instanceId}" ended without leaving its critical section: entity "${entityId}" is free again. ` +
        "On Azure it would stay locked until cleanEntityStorage is called.",
    );
  }
}

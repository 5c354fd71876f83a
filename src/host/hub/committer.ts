import type { HistoryStore, Write } from "../store/history-store.ts";
import type { HubEnvironment } from "./environment.ts";

/** One change of the hub's state: what to write, and what to do when it is on disk, or when it cannot be written. */
export interface Transition {
  /** The instance whose memory is ahead of the disk until the transition is committed; null if there is none. */
  readonly instanceId: string | null;
  readonly writes: readonly Write[];
  readonly committed?: () => void;
  readonly failed?: (error: unknown) => void;
}

export interface CommitterEvents {
  /** A turn begins: work that can end in this turn's transaction starts now. */
  readonly turnBegan: () => void;
  /** Everything in memory is on disk, except what a running episode holds. */
  readonly committed: () => void;
  /** Nothing of the batch was written; the transitions have been told, the latest first. */
  readonly failed: (instanceIds: ReadonlySet<string>, error: unknown) => void;
  readonly turnEnded: () => void;
}

/**
 * Group commit: the transitions of one turn of the event loop become one transaction. A turn is two steps of the event
 * loop: in the first, episodes run on what has come in, so that a result and what follows from it share a transaction;
 * in the second everything is written, and only then acknowledged and acted upon.
 */
export class Committer {
  readonly #store: HistoryStore;
  readonly #soon: HubEnvironment["soon"];
  readonly #events: CommitterEvents;
  #transitions: Transition[] = [];
  #writes: (Write | null)[] = [];
  /** Places in `#writes` of messages that were added in this batch: one that is consumed at once is never written. */
  #addedMessages = new Map<number, number>();
  #settledWaiters: (() => void)[] = [];
  #isTurnComing = false;

  constructor(store: HistoryStore, soon: HubEnvironment["soon"], events: CommitterEvents) {
    this.#store = store;
    this.#soon = soon;
    this.#events = events;
  }

  /** True when nothing waits to be written. */
  get isSettled(): boolean {
    return this.#transitions.length === 0;
  }

  add(transition: Transition): void {
    this.#transitions.push(transition);
    for (const write of transition.writes) this.#buffer(write);
    this.requestTurn();
  }

  /** Resolves, never rejects, when what has been added so far is written or has failed. */
  async settled(): Promise<void> {
    if (!this.isSettled) await new Promise<void>((resolve) => this.#settledWaiters.push(resolve));
  }

  requestTurn(): void {
    if (this.#isTurnComing) return;
    this.#isTurnComing = true;
    this.#soon(() => this.#events.turnBegan());
    this.#soon(() => {
      this.#isTurnComing = false;
      this.flush();
      this.#events.turnEnded();
    });
  }

  /** Writes what has been added so far, now. */
  flush(): void {
    if (this.isSettled) return;
    const transitions = this.#transitions;
    const writes = this.#writes.filter((write) => write !== null);
    const waiters = this.#settledWaiters;
    this.#transitions = [];
    this.#writes = [];
    this.#addedMessages = new Map();
    this.#settledWaiters = [];
    this.#write(writes, transitions);
    for (const waiter of waiters) waiter();
  }

  #write(writes: readonly Write[], transitions: readonly Transition[]): void {
    try {
      this.#store.commit(writes);
    } catch (error) {
      for (const transition of transitions.toReversed()) transition.failed?.(error);
      this.#events.failed(new Set(transitions.flatMap(({ instanceId }) => instanceId ?? [])), error);
      return;
    }
    this.#events.committed();
    for (const transition of transitions) transition.committed?.();
  }

  #buffer(write: Write): void {
    if (write.kind === "removeMessage") {
      const place = this.#addedMessages.get(write.seq);
      if (place !== undefined) {
        this.#writes[place] = null;
        return;
      }
    }
    if (write.kind === "addMessage") this.#addedMessages.set(write.row.seq, this.#writes.length);
    this.#writes.push(write);
  }
}

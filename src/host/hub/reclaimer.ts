import type { HistoryStore } from "../store/history-store.ts";
import type { HubEnvironment } from "./environment.ts";
import type { HubLog } from "./task-hub.ts";

/** So that many deletions one after the other are one piece of work. */
const FIRST_AFTER_MS = 1_000;
/** The rest of the process gets its share between two pieces. */
const NEXT_AFTER_MS = 20;

/** Has the store give back the room that deleted instances and entities leave. */
export class Reclaimer {
  readonly #store: Pick<HistoryStore, "hasLeftovers" | "giveBack">;
  readonly #after: HubEnvironment["after"];
  readonly #log: HubLog;
  #cancel: (() => void) | null = null;
  #isStopped = false;

  constructor(store: Pick<HistoryStore, "hasLeftovers" | "giveBack">, after: HubEnvironment["after"], log: HubLog) {
    this.#store = store;
    this.#after = after;
    this.#log = log;
  }

  /** Something was written: perhaps a deletion. */
  look(): void {
    if (this.#cancel === null) this.#plan(FIRST_AFTER_MS);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #plan(delayMs: number): void {
    if (this.#isStopped || !this.#store.hasLeftovers) return;
    this.#cancel = this.#after(delayMs, () => {
      this.#cancel = null;
      this.#giveBack();
    });
  }

  #giveBack(): void {
    try {
      this.#store.giveBack();
      this.#plan(NEXT_AFTER_MS);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log("warning", `The store keeps the room of what was deleted until the next deletion: ${reason}`);
    }
  }
}

import { Deferred } from "./deferred.ts";

/**
 * Waiters and early events, by name without case. The newest waiter takes the next event; events that nobody waits for
 * are kept in order for later waiters.
 */
export class ExternalEvents {
  readonly #waiters = new Map<string, Deferred[]>();
  readonly #early = new Map<string, number>();

  wait(name: string): Deferred {
    const key = name.toLowerCase();
    const waiter = new Deferred();
    const early = this.#early.get(key) ?? 0;
    if (early > 0) {
      this.#early.set(key, early - 1);
      waiter.settle("succeeded");
    } else {
      const waiters = this.#waiters.get(key) ?? [];
      waiters.push(waiter);
      this.#waiters.set(key, waiters);
    }
    return waiter;
  }

  /** The data stays in the history: replay only decides which waiter is satisfied. */
  raise(name: string): void {
    const key = name.toLowerCase();
    const waiter = this.#waiters.get(key)?.pop();
    if (waiter) waiter.settle("succeeded");
    else this.#early.set(key, (this.#early.get(key) ?? 0) + 1);
  }
}

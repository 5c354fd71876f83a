import { Deferred } from "./deferred.ts";

/**
 * Waiters and early events, by name without case. The newest waiter takes the next event; events that nobody waits for
 * are kept in order for later waiters.
 */
export class ExternalEvents {
  readonly #waiters = new Map<string, Waiter[]>();
  /** The names as they were raised. */
  readonly #early = new Map<string, string[]>();

  /** True while there are events that nobody has waited for. */
  get hasEarly(): boolean {
    return [...this.#early.values()].some((names) => names.length > 0);
  }

  /** @param isOtherCase - called when an event ends the wait whose name differs in case: the SDK does not take it */
  wait(name: string, isOtherCase: () => void = () => {}): Deferred {
    const key = name.toLowerCase();
    const waiter = { name, isOtherCase, deferred: new Deferred() };
    const early = this.#early.get(key)?.shift();
    if (early === undefined) append(this.#waiters, key, waiter);
    else end(waiter, early);
    return waiter.deferred;
  }

  /** The data stays in the history: replay only decides which waiter is satisfied. */
  raise(name: string): void {
    const key = name.toLowerCase();
    const waiter = this.#waiters.get(key)?.pop();
    if (waiter) end(waiter, name);
    else append(this.#early, key, name);
  }
}

interface Waiter {
  readonly name: string;
  readonly isOtherCase: () => void;
  readonly deferred: Deferred;
}

function append<Item>(lists: Map<string, Item[]>, key: string, item: Item): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

function end(waiter: Waiter, raisedName: string): void {
  if (waiter.name !== raisedName) waiter.isOtherCase();
  waiter.deferred.settle("succeeded");
}

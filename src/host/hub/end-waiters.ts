import type { HubEnvironment } from "./environment.ts";

/** Those who wait for the end of an instance. */
export class EndWaiters {
  readonly #after: HubEnvironment["after"];
  readonly #waiters = new Map<string, Set<() => void>>();

  constructor(after: HubEnvironment["after"]) {
    this.#after = after;
  }

  /** Resolves when the instance has ended, and after `timeoutMs` at the latest. */
  wait(instanceId: string, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(instanceId) ?? new Set();
      this.#waiters.set(instanceId, waiters);
      const done = (): void => {
        cancel();
        waiters.delete(done);
        if (waiters.size === 0) this.#waiters.delete(instanceId);
        resolve();
      };
      const cancel = this.#after(timeoutMs, done);
      waiters.add(done);
    });
  }

  tell(instanceId: string): void {
    for (const done of [...(this.#waiters.get(instanceId) ?? [])]) done();
  }

  tellAll(): void {
    for (const instanceId of [...this.#waiters.keys()]) this.tell(instanceId);
  }
}

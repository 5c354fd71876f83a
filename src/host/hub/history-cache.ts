import type { HistoryStore } from "../store/history-store.ts";
import { chainStart, checkHistory } from "./history-chain.ts";
import type { Instance } from "./instance.ts";
import { LoadedHistory } from "./loaded-history.ts";

/** Keeps the histories of the instances that ran latest in memory, up to a number of bytes. */
export class HistoryCache {
  readonly #store: HistoryStore;
  readonly #limitBytes: number;
  /** In the order of their latest use. */
  readonly #sizes = new Map<Instance, number>();
  #totalBytes = 0;

  constructor(store: HistoryStore, limitBytes: number) {
    this.#store = store;
    this.#limitBytes = limitBytes;
  }

  /** @throws whatever reading a damaged row throws */
  load(instance: Instance): LoadedHistory {
    instance.history ??= this.#read(instance);
    return instance.history;
  }

  /** To be called after each change of the instance's history. */
  note(instance: Instance): void {
    this.forget(instance);
    const sizeBytes = instance.history?.sizeBytes ?? 0;
    this.#sizes.set(instance, sizeBytes);
    this.#totalBytes += sizeBytes;
  }

  forget(instance: Instance): void {
    this.#totalBytes -= this.#sizes.get(instance) ?? 0;
    this.#sizes.delete(instance);
  }

  /** Lets go of idle instances' histories. Only when all that is in memory is on disk, else changes would be lost. */
  trim(): void {
    for (const instance of this.#sizes.keys()) {
      if (this.#totalBytes <= this.#limitBytes) return;
      if (instance.isRunning) continue;
      instance.history = null;
      this.forget(instance);
    }
  }

  #read({ row }: Instance): LoadedHistory {
    const chunks = this.#store.history(row.key);
    const stored = this.#store.instance(row.instanceId);
    // Only the instance's own row is gone: nothing of it can be trusted.
    if (!stored) throw new Error(`The store has no instance "${row.instanceId}" any more.`);
    checkHistory(stored, chunks);
    return new LoadedHistory(chunks, stored.inputJson, stored.customStatusJson, chainStart(stored));
  }
}

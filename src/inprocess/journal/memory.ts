import { WorkflowError } from "../../errors.ts";
import type { Journal, JournalRun, JournalWrite } from "./journal.ts";

/** A journal in memory: for tests of what a restart does, without a file. It keeps its runs from runner to runner. */
export function createMemoryJournal(): Journal {
  return new MemoryJournal();
}

class MemoryJournal implements Journal {
  readonly #runs = new Map<number, JournalRun>();
  readonly #keys = new Map<string, number>();
  readonly #plans = new Map<string, string>();
  readonly #traces = new Map<number, string[]>();

  commit(writes: readonly JournalWrite[]): void {
    for (const write of writes) if (write.kind === "addRun") this.#refuseDuplicate(write.run.runId);
    for (const write of writes) this.#apply(write);
  }

  nextKey(): number {
    let highest = 0;
    for (const key of this.#runs.keys()) highest = Math.max(highest, key);
    return highest + 1;
  }

  run(runId: string): JournalRun | null {
    const key = this.#keys.get(runId);
    return key === undefined ? null : (this.#runs.get(key) ?? null);
  }

  openRuns(): JournalRun[] {
    return [...this.#runs.values()].filter(({ isOpen }) => isOpen);
  }

  plan(fingerprint: string): string | null {
    return this.#plans.get(fingerprint) ?? null;
  }

  trace(key: number): string[] {
    return [...(this.#traces.get(key) ?? [])];
  }

  close(): void {}

  #refuseDuplicate(runId: string): void {
    if (!this.#keys.has(runId)) return;
    throw new WorkflowError("STORE_WRITE_FAILED", `Run "${runId}" is in the journal already.`, "Choose another id.");
  }

  #apply(write: JournalWrite): void {
    switch (write.kind) {
      case "addPlan":
        if (!this.#plans.has(write.fingerprint)) this.#plans.set(write.fingerprint, write.planJson);
        break;
      case "addRun":
        this.#runs.set(write.run.key, write.run);
        this.#keys.set(write.run.runId, write.run.key);
        this.#traces.set(write.run.key, []);
        break;
      case "appendTrace":
        this.#traces.get(write.key)?.push(write.entries);
        break;
      case "endRun": {
        const run = this.#runs.get(write.key);
        if (run) this.#runs.set(write.key, { ...run, isOpen: false });
        break;
      }
      case "deleteRun":
        this.#delete(write.key);
        break;
    }
  }

  #delete(key: number): void {
    const run = this.#runs.get(key);
    if (run) this.#keys.delete(run.runId);
    this.#runs.delete(key);
    this.#traces.delete(key);
  }
}

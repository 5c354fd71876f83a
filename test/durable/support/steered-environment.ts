import type { HubEnvironment } from "../../../src/host/hub/environment.ts";

/** A hub's environment whose time stands still until the test moves it. */
export interface SteeredEnvironment extends HubEnvironment {
  /** Moves time on; what becomes due runs. */
  advance(milliseconds: number): void;
}

export function createSteeredEnvironment(startMs: number): SteeredEnvironment {
  let nowMs = startMs;
  let ids = 0;
  const due = new Set<{ readonly atMs: number; readonly work: () => void }>();
  return {
    nowMs: () => nowMs,
    newId: () => (++ids).toString(16).padStart(32, "0"),
    soon: (work) => {
      setImmediate(work);
    },
    after(delayMs, work) {
      const entry = { atMs: nowMs + delayMs, work };
      due.add(entry);
      return () => due.delete(entry);
    },
    advance(milliseconds) {
      nowMs += milliseconds;
      for (const entry of [...due].filter(({ atMs }) => atMs <= nowMs)) {
        due.delete(entry);
        entry.work();
      }
    },
  };
}

import type { HubEnvironment } from "../../src/host/hub/environment.ts";

export interface ManualEnvironment extends HubEnvironment {
  /** Moves the clock and runs what is due on the way, in the order of time. */
  advance(durationMs: number): Promise<void>;
  /** Sets the clock, forwards or back, and runs nothing. */
  setNow(nowMs: number): void;
  /** Delays of what waits, shortest first. */
  readonly waitingMs: number[];
}

/** Lets everything run that needs no clock: promises, and the hub's turns. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** A clock that stands still until the test moves it; ids are numbers. Starts at 2026-01-01. */
export function manualEnvironment(firstId = 1): ManualEnvironment {
  let now = Date.UTC(2026, 0, 1);
  let lastId = firstId - 1;
  let waiting: { readonly atMs: number; readonly work: () => void }[] = [];
  const sorted = () => waiting.toSorted((a, b) => a.atMs - b.atMs);
  return {
    nowMs: () => now,
    newId: () => {
      lastId += 1;
      return String(lastId).padStart(32, "0");
    },
    soon: (work) => {
      setImmediate(work);
    },
    after: (delayMs, work) => {
      const entry = { atMs: now + delayMs, work };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
    setNow: (nowMs) => {
      now = nowMs;
    },
    get waitingMs() {
      return sorted().map(({ atMs }) => atMs - now);
    },
    async advance(durationMs) {
      const until = now + durationMs;
      await quiet();
      for (let [next] = sorted(); next && next.atMs <= until; [next] = sorted()) {
        const due = next;
        waiting = waiting.filter((other) => other !== due);
        now = Math.max(now, due.atMs);
        due.work();
        await quiet();
      }
      now = until;
    },
  };
}

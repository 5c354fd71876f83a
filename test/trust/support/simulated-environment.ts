import type { HubEnvironment } from "../../../src/host/hub/environment.ts";

export interface SimulatedEnvironment extends HubEnvironment {
  /** Lets everything run that needs no clock. */
  settle(): Promise<void>;
  /** Moves the clock and runs what is due on the way, in the order of time. */
  advance(durationMs: number): Promise<void>;
}

/** Promises that settle one after the other are quiet after this many looks. */
const QUIET_LOOKS = 2;

/** A clock that stands still until it is moved, and a scheduler that runs one piece of work at a time. */
export function simulatedEnvironment(startMs = Date.UTC(2026, 0, 1)): SimulatedEnvironment {
  let now = startMs;
  let lastId = 0;
  const coming: (() => void)[] = [];
  let waiting: { readonly atMs: number; readonly work: () => void }[] = [];

  async function settle(): Promise<void> {
    for (let looks = 0; looks < QUIET_LOOKS; ) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const work = coming.shift();
      looks = work ? 0 : looks + 1;
      work?.();
    }
  }

  function takeDue(untilMs: number) {
    const next = waiting.reduce<(typeof waiting)[number] | null>(
      (first, entry) => (first && first.atMs <= entry.atMs ? first : entry),
      null,
    );
    if (!next || next.atMs > untilMs) return null;
    waiting = waiting.filter((entry) => entry !== next);
    return next;
  }

  return {
    nowMs: () => now,
    newId: () => {
      lastId += 1;
      return lastId.toString(16).padStart(32, "0");
    },
    soon: (work) => void coming.push(work),
    after(delayMs, work) {
      const entry = { atMs: now + delayMs, work };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
    settle,
    async advance(durationMs) {
      const untilMs = now + durationMs;
      await settle();
      for (let due = takeDue(untilMs); due; due = takeDue(untilMs)) {
        now = Math.max(now, due.atMs);
        due.work();
        await settle();
      }
      now = untilMs;
    },
  };
}

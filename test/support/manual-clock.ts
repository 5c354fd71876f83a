import type { Clock } from "../../src/inprocess/clock.ts";

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #nowMs: number;
  #timers: { dueAtMs: number; wake: () => void }[] = [];

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, wake: () => void): () => void {
    const timer = { dueAtMs: this.#nowMs + delayMs, wake };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  get timers(): number {
    return this.#timers.length;
  }

  /** Lets time pass, and fires what is due by then. */
  advance(ms: number): void {
    this.#nowMs += ms;
    const due = this.#timers.filter(({ dueAtMs }) => dueAtMs <= this.#nowMs);
    this.#timers = this.#timers.filter(({ dueAtMs }) => dueAtMs > this.#nowMs);
    for (const { wake } of due) wake();
  }
}

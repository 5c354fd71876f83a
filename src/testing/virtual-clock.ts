import type { Clock } from "../inprocess/clock.ts";

const DEFAULT_START = "2026-01-01T00:00:00.000Z";

interface Timer {
  readonly dueAtMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it. Hours pass at once, and every run of a test sees the same times. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #timers: Timer[] = [];

  /** @param startsAt - ISO 8601 */
  constructor(startsAt: string = DEFAULT_START) {
    this.#nowMs = Date.parse(startsAt);
    if (Number.isNaN(this.#nowMs)) throw new RangeError(`A clock cannot start at ${JSON.stringify(startsAt)}.`);
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

  /** When the next timer is due, in milliseconds since 1970; undefined when nobody waits for time to pass. */
  get nextDueMs(): number | undefined {
    return this.#timers.length === 0 ? undefined : Math.min(...this.#timers.map(({ dueAtMs }) => dueAtMs));
  }

  /** Lets time pass. Timers fire in the order in which they are due, each at its own time. */
  advance(milliseconds: number): void {
    this.advanceTo(this.#nowMs + milliseconds);
  }

  /** As {@link advance}, up to a time in milliseconds since 1970; a time that has passed leaves the clock as it is. */
  advanceTo(timeMs: number): void {
    for (let next = this.#takeDue(timeMs); next; next = this.#takeDue(timeMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.dueAtMs);
      next.wake();
    }
    this.#nowMs = Math.max(this.#nowMs, timeMs);
  }

  #takeDue(timeMs: number): Timer | undefined {
    const dueAtMs = this.nextDueMs;
    if (dueAtMs === undefined || dueAtMs > timeMs) return undefined;
    const due = this.#timers.find((timer) => timer.dueAtMs === dueAtMs);
    this.#timers = this.#timers.filter((timer) => timer !== due);
    return due;
  }
}

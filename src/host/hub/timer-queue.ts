import type { TimerRow } from "../store/history-store.ts";
import type { HubEnvironment } from "./environment.ts";
import { WorkRows } from "./work-rows.ts";

/** The latest that the clock is looked at again while timers wait: it may have been set, or the machine have slept. */
const LONGEST_SLEEP_MS = 60_000;

/** Durable timers, with one wake-up for the earliest. A timer never fires before its time on the hub's clock. */
export class TimerQueue {
  readonly #environment: HubEnvironment;
  readonly #fire: (timers: readonly TimerRow[]) => void;
  readonly #rows = new WorkRows<TimerRow>();
  readonly #heap = new TimerHeap();
  #wakeUp: { readonly atMs: number; readonly cancel: () => void } | null = null;
  #isStopped = false;

  constructor(environment: HubEnvironment, fire: (timers: readonly TimerRow[]) => void) {
    this.#environment = environment;
    this.#fire = fire;
  }

  add(row: TimerRow): void {
    this.#rows.add(row);
    this.#heap.push(row);
    this.#sleep();
  }

  remove(seq: number): void {
    this.#rows.remove(seq);
    if (this.#heap.size > 2 * this.#rows.size + 64) this.#heap.rebuild(this.#rows.all());
  }

  /** Sequence numbers of an instance's timers. */
  of(key: number): number[] {
    return this.#rows.of(key);
  }

  stop(): void {
    this.#isStopped = true;
    this.#wakeUp?.cancel();
  }

  #sleep(): void {
    const next = this.#heap.first();
    if (!next || this.#isStopped || (this.#wakeUp && this.#wakeUp.atMs <= next.fireAtMs)) return;
    this.#wakeUp?.cancel();
    const delayMs = Math.min(Math.max(next.fireAtMs - this.#environment.nowMs(), 0), LONGEST_SLEEP_MS);
    const cancel = this.#environment.after(delayMs, () => this.#wake());
    this.#wakeUp = { atMs: next.fireAtMs, cancel };
  }

  #wake(): void {
    this.#wakeUp = null;
    if (this.#isStopped) return;
    const due: TimerRow[] = [];
    const nowMs = this.#environment.nowMs();
    for (let next = this.#heap.first(); next && next.fireAtMs <= nowMs; next = this.#heap.first()) {
      this.#heap.pop();
      if (this.#rows.remove(next.seq)) due.push(next);
    }
    if (due.length > 0) this.#fire(due);
    this.#sleep();
  }
}

/** A binary heap, earliest first; of two at one time, the one that was created first. */
class TimerHeap {
  #rows: TimerRow[] = [];

  get size(): number {
    return this.#rows.length;
  }

  first(): TimerRow | undefined {
    return this.#rows[0];
  }

  push(row: TimerRow): void {
    const rows = this.#rows;
    let place = rows.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = rows[parent] as TimerRow;
      if (isBefore(above, row)) break;
      rows[place] = above;
      place = parent;
    }
    rows[place] = row;
  }

  pop(): void {
    const last = this.#rows.pop();
    if (last && this.#rows.length > 0) this.#sink(last);
  }

  rebuild(rows: readonly TimerRow[]): void {
    // A sorted list is a heap.
    this.#rows = rows.toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  #sink(row: TimerRow): void {
    const rows = this.#rows;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      if (left >= rows.length) break;
      const child = right < rows.length && isBefore(rows[right] as TimerRow, rows[left] as TimerRow) ? right : left;
      if (isBefore(row, rows[child] as TimerRow)) break;
      rows[place] = rows[child] as TimerRow;
      place = child;
    }
    rows[place] = row;
  }
}

function isBefore(a: TimerRow, b: TimerRow): boolean {
  return a.fireAtMs < b.fireAtMs || (a.fireAtMs === b.fireAtMs && a.seq < b.seq);
}

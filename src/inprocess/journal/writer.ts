import { WorkflowError } from "../../errors.ts";
import type { TraceEntry } from "../../wire/trace.ts";
import type { Clock } from "../clock.ts";
import type { Recorder } from "../recorder.ts";
import type { Journal, JournalWrite } from "./journal.ts";

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;

interface Waiting {
  readonly write: JournalWrite;
  /** Stays until it is written; else it is given up with the first commit that fails. */
  readonly isKept: boolean;
  readonly resolve?: () => void;
  readonly reject?: (error: unknown) => void;
}

/**
 * Group commit: what all runs write in one turn of the event loop is one transaction, and costs one wait for the disk.
 * The trace entries that a run adds in one turn are one row.
 */
export class JournalWriter {
  readonly #journal: Journal;
  readonly #clock: Clock;
  #waiting: Waiting[] = [];
  #isTurnComing = false;
  #retryMs = FIRST_RETRY_MS;
  #stopRetry: (() => void) | undefined;
  #isClosed = false;

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /**
   * Resolves once all of it is on disk.
   *
   * @throws {WorkflowError} `STORE_WRITE_FAILED`, `RUNNER_CLOSED`; then none of it is
   */
  async write(...writes: JournalWrite[]): Promise<void> {
    await Promise.all(writes.map((write) => this.#add(write, false)));
  }

  /** @param ended - called once it is on disk that the run has ended */
  recorderOf(key: number, ended: () => void): Recorder {
    const entryOf = (entry: TraceEntry) => ({ kind: "appendTrace", key, entries: JSON.stringify(entry) }) as const;
    return {
      accept: (entry) => this.#add(entryOf(entry), false),
      record: (entry) => this.#add(entryOf(entry), true),
      note: (entry) => {
        this.#waiting.push({ write: entryOf(entry), isKept: true });
      },
      settle: () => {
        if (this.#waiting.length > 0) this.#requestTurn();
      },
      end: () => {
        this.#waiting.push({ write: { kind: "endRun", key }, isKept: true, resolve: ended });
        this.#requestTurn();
      },
    };
  }

  /** Writes what waits, now. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#stopRetry?.();
    try {
      this.#journal.commit(transactionOf(waiting));
    } catch (error) {
      this.#keepWhatMustNotBeLost(waiting, error);
      return;
    }
    this.#retryMs = FIRST_RETRY_MS;
    for (const { resolve } of waiting) resolve?.();
  }

  /** Writes what waits; from then on nothing is taken any more. What cannot be written is given up with its reason. */
  close(): void {
    if (this.#isClosed) return;
    this.flush();
    this.#isClosed = true;
    this.#stopRetry?.();
    for (const { reject } of this.#waiting) reject?.(runnerClosed());
    this.#waiting = [];
    this.#journal.close();
  }

  #add(write: JournalWrite, isKept: boolean): Promise<void> {
    if (this.#isClosed) return Promise.reject(runnerClosed());
    this.#requestTurn();
    return new Promise((resolve, reject) => this.#waiting.push({ write, isKept, resolve, reject }));
  }

  #requestTurn(): void {
    if (this.#isTurnComing) return;
    this.#isTurnComing = true;
    setImmediate(() => {
      this.#isTurnComing = false;
      if (!this.#isClosed) this.flush();
    });
  }

  #keepWhatMustNotBeLost(waiting: readonly Waiting[], error: unknown): void {
    const kept = waiting.filter(({ isKept }) => isKept);
    this.#waiting = [...kept, ...this.#waiting];
    for (const { isKept, reject } of waiting) if (!isKept) reject?.(error);
    if (kept.length === 0) return;
    this.#stopRetry = this.#clock.setTimer(this.#retryMs, () => this.flush());
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }
}

export function runnerClosed(): WorkflowError {
  return new WorkflowError(
    "RUNNER_CLOSED",
    "The runner was closed; its open runs are in the journal.",
    "Open the journal with a new runner and recover them.",
  );
}

/** The writes in order, with the trace entries of each run in one row, where the first of them stood. */
function transactionOf(waiting: readonly Waiting[]): JournalWrite[] {
  const writes: JournalWrite[] = [];
  const rows = new Map<number, { readonly kind: "appendTrace"; readonly key: number; entries: string }>();
  for (const { write } of waiting) {
    const row = write.kind === "appendTrace" ? rows.get(write.key) : undefined;
    if (write.kind !== "appendTrace") writes.push(write);
    else if (row) row.entries += `,${write.entries}`;
    else {
      const first = { ...write };
      rows.set(write.key, first);
      writes.push(first);
    }
  }
  return writes;
}

/**
 * What a runner keeps of its runs: how each was started, and its trace. A journal knows nothing of workflows; it applies
 * writes all or none, and reads only what was written. Every call is synchronous, so that a turn of the event loop can be
 * one transaction.
 */
export interface Journal {
  /**
   * Applies all writes in order as one transaction; they are on disk when it returns.
   *
   * @throws {WorkflowError} `STORE_WRITE_FAILED`; then none of them is applied
   */
  commit(writes: readonly JournalWrite[]): void;
  /** The first key above all that exist. */
  nextKey(): number;
  run(runId: string): JournalRun | null;
  /** Runs that have not ended, in the order in which they were started. */
  openRuns(): JournalRun[];
  /**
   * The plan of this fingerprint as JSON text.
   *
   * @throws {WorkflowError} `HISTORY_DAMAGED` when it is not what was written
   */
  plan(fingerprint: string): string | null;
  /**
   * The rows of a run's trace in order: the JSON texts of its entries, joined by commas.
   *
   * @throws {WorkflowError} `HISTORY_DAMAGED` when they are not what was written
   */
  trace(key: number): string[];
  close(): void;
}

/** How a run was started. */
export interface JournalRun {
  /** Grows from start to start. */
  readonly key: number;
  readonly runId: string;
  readonly workflow: string;
  /** Fingerprint of the plan the run keeps. */
  readonly plan: string;
  readonly inputJson: string;
  readonly inputHash: string;
  readonly seed: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly isOpen: boolean;
  /** For a fork: the state it began from, as JSON text. */
  readonly forkedStateJson: string | null;
}

export type JournalWrite =
  /** A plan that is there already stays as it is. */
  | { readonly kind: "addPlan"; readonly fingerprint: string; readonly planJson: string }
  | { readonly kind: "addRun"; readonly run: JournalRun }
  | { readonly kind: "appendTrace"; readonly key: number; readonly entries: string }
  | { readonly kind: "endRun"; readonly key: number }
  /** With its trace. */
  | { readonly kind: "deleteRun"; readonly key: number };

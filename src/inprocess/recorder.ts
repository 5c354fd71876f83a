import type { TraceEntry } from "../wire/trace.ts";

/** Where a run puts its trace. A run in memory has none. */
export interface Recorder {
  /**
   * Resolves once the entry is on disk.
   *
   * @throws {WorkflowError} `STORE_WRITE_FAILED`, `RUNNER_CLOSED`; then the entry is forgotten
   */
  accept(entry: TraceEntry): Promise<void>;
  /**
   * Resolves once the entry is on disk. When it cannot be written it is kept and tried again.
   *
   * @throws {WorkflowError} `RUNNER_CLOSED`
   */
  record(entry: TraceEntry): Promise<void>;
  /** Kept like `record`, and written no later than the next entry; nobody waits for it. */
  note(entry: TraceEntry): void;
  /** What was noted is to be written soon: the run may be still for long. */
  settle(): void;
  /** The run has ended: nothing comes any more. */
  end(): void;
}

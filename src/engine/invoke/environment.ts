import type { Delivery } from "../../wire/delivery.ts";
import type { LiveUpdate } from "../../wire/live-update.ts";

/** The way to whoever watches a run while it goes on. */
export interface LiveUpdates {
  /** Whether anybody would get an update of this run right now. */
  isWatched(runId: string): boolean;
  /** Must not throw, and must not wait: a slow subscriber is not the handler's matter. */
  send(update: LiveUpdate): void;
}

/** What a call needs of the runner around it. */
export interface InvokeEnvironment {
  /** Aborted when the run is cancelled, or out of time. */
  readonly signal: AbortSignal;
  nowMs(): number;
  /** Calls `wake` once, `delayMs` from now. @returns a function that takes the timer back */
  setTimer(delayMs: number, wake: () => void): () => void;
  /** Told when a handler answers after its call was given up for taking too long. */
  lateResult(delivery: Delivery): void;
  /** Left out where nobody can watch. */
  readonly updates?: LiveUpdates;
}

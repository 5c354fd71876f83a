import type { Delivery } from "../../wire/delivery.ts";

/** What a call needs of the runner around it. */
export interface InvokeEnvironment {
  /** Aborted when the run is cancelled, or out of time. */
  readonly signal: AbortSignal;
  nowMs(): number;
  /** Calls `wake` once, `delayMs` from now. @returns a function that takes the timer back */
  setTimer(delayMs: number, wake: () => void): () => void;
  /** Told when a handler answers after its call was given up for taking too long. */
  lateResult(delivery: Delivery): void;
}

import { setLongTimer } from "../engine/invoke/long-timer.ts";

/** Time as a run sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Calls `wake` once, `delayMs` from now. @returns a function that takes the timer back */
  setTimer(delayMs: number, wake: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  setTimer: (delayMs, wake) => setLongTimer(delayMs, wake),
};

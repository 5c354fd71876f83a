/** Time as a run sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Calls `wake` once, `delayMs` from now. @returns a function that takes the timer back */
  setTimer(delayMs: number, wake: () => void): () => void;
}

/** Node fires a timer at once whose delay does not fit into 31 bits. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  setTimer(delayMs, wake) {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number) => {
      const partMs = Math.min(leftMs, MAX_TIMER_MS);
      timer = setTimeout(() => (leftMs > partMs ? arm(leftMs - partMs) : wake()), partMs);
    };
    arm(delayMs);
    return () => clearTimeout(timer);
  },
};

/** A clock that calls back. */
interface Timers {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Calls `wake` once, `delayMs` from now. @returns a function that takes the timer back */
  setTimer(delayMs: number, wake: () => void): () => void;
}

/**
 * Calls `wake` once a time has come, at once when it is past. (A timer may fire a little early by the clock.)
 *
 * @param atMs - in milliseconds since 1970; undefined for never
 * @returns a function that takes it back
 */
export function atTime(atMs: number | undefined, timers: Timers, wake: () => void): () => void {
  if (atMs === undefined) return () => undefined;
  let stopTimer = () => {};
  const look = () => {
    const leftMs = atMs - timers.nowMs();
    if (leftMs > 0) stopTimer = timers.setTimer(leftMs, look);
    else wake();
  };
  look();
  return () => stopTimer();
}

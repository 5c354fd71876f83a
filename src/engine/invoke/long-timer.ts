/** Node fires a timer at once whose delay does not fit into 31 bits (24 days). */
const LONGEST_MS = 2 ** 31 - 1;

interface LongTimerOptions {
  /** Whether the process may end before it fires. */
  readonly isUnref?: boolean;
}

/** Calls `wake` once, `delayMs` from now, however long that is. @returns a function that takes the timer back */
export function setLongTimer(
  delayMs: number,
  wake: () => void,
  { isUnref = false }: LongTimerOptions = {},
): () => void {
  let timer: NodeJS.Timeout;
  const arm = (leftMs: number) => {
    const partMs = Math.min(leftMs, LONGEST_MS);
    timer = setTimeout(() => (leftMs > partMs ? arm(leftMs - partMs) : wake()), partMs);
    if (isUnref) timer.unref();
  };
  arm(delayMs);
  return () => clearTimeout(timer);
}

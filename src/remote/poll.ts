import type { RunStatus } from "../wire/status.ts";

/** The clock of whoever waits for a run. */
export interface WaitClock {
  nowMs(): number;
  delay(milliseconds: number): Promise<void>;
}

export const systemClock: WaitClock = {
  nowMs: () => Date.now(),
  delay: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

const FIRST_POLL_MS = 20;
const LONGEST_POLL_MS = 1_000;
const POLL_BACKOFF = 1.5;

/** Milliseconds until the next look at a run: 20 at first, then half as long again each time, up to 1,000. */
function nextPollMs(lastMs?: number): number {
  return lastMs === undefined ? FIRST_POLL_MS : Math.min(lastMs * POLL_BACKOFF, LONGEST_POLL_MS);
}

/**
 * Looks again and again until something is there or the time is up.
 *
 * @returns what was seen last
 */
export async function pollUntil<Seen>(
  look: () => Promise<Seen>,
  isThere: (seen: Seen) => boolean,
  timeoutMs: number,
  clock: WaitClock,
): Promise<Seen> {
  const endMs = clock.nowMs() + timeoutMs;
  for (let delayMs = nextPollMs(); ; delayMs = nextPollMs(delayMs)) {
    const seen = await look();
    const leftMs = endMs - clock.nowMs();
    if (isThere(seen) || leftMs <= 0) return seen;
    await clock.delay(Math.min(delayMs, leftMs));
  }
}

const GOING_ON: readonly RunStatus["status"][] = ["Pending", "Running", "Suspended"];

export function isGoingOn({ status }: Pick<RunStatus, "status">): boolean {
  return GOING_ON.includes(status);
}

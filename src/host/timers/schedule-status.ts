import type { Schedule } from "./schedule.ts";

/** What is kept of a timer between two starts of the host. Times are milliseconds since 1970. */
export interface ScheduleStatus {
  /** When it fired last; null before it ever did. */
  readonly lastMs: number | null;
  readonly nextMs: number;
  /** The time from which `nextMs` was reckoned. */
  readonly lastUpdatedMs: number;
}

/** Where the status of timers is kept, by the name of their function. */
export interface ScheduleStore {
  read(functionName: string): ScheduleStatus | null;
  /** @throws {WorkflowError} `STORE_WRITE_FAILED` */
  write(functionName: string, status: ScheduleStatus): void;
}

/**
 * The status of a timer at a start of the host, as the WebJobs SDK makes it out: a schedule that was changed meanwhile is
 * reckoned anew, and what it would have missed by then does not count.
 *
 * @returns null for a schedule that never fires
 */
export function statusAtStart(schedule: Schedule, kept: ScheduleStatus | null, nowMs: number): ScheduleStatus | null {
  if (!kept) return statusFrom(schedule, null, nowMs);
  const nextMs = schedule.next(kept.lastUpdatedMs);
  if (nextMs === kept.nextMs) return kept;
  return nextMs === null || nextMs < nowMs ? statusFrom(schedule, kept.lastMs, nowMs) : { ...kept, nextMs };
}

/**
 * The status after a firing.
 *
 * @param isOnTime - it fired for `before.nextMs`: by a clock that runs a little ahead it may be earlier than that, and would
 *   come twice if the next time were reckoned from there
 */
export function statusAfter(
  schedule: Schedule,
  before: ScheduleStatus,
  firedMs: number,
  isOnTime: boolean,
): ScheduleStatus | null {
  const fromMs = isOnTime ? Math.max(firedMs, before.nextMs) : firedMs;
  return statusFrom(schedule, fromMs, fromMs);
}

function statusFrom(schedule: Schedule, lastMs: number | null, fromMs: number): ScheduleStatus | null {
  const nextMs = schedule.next(fromMs);
  return nextMs === null ? null : { lastMs, nextMs, lastUpdatedMs: fromMs };
}

import type { AppFunction } from "../app/functions.ts";
import type { WriteLog } from "../log.ts";
import { isFrequent, readSchedule, type Schedule } from "./schedule.ts";
import { type ScheduleStatus, type ScheduleStore, statusAfter, statusAtStart } from "./schedule-status.ts";

/** The clock that timers run by. */
export interface TimerClock {
  readonly nowMs: () => number;
  /** Runs `work` after `delayMs`; what comes back cancels it. */
  readonly after: (delayMs: number, work: () => void) => () => void;
}

export interface TimerParts {
  readonly clock: TimerClock;
  readonly schedules: ScheduleStore;
  /** Calls the function with its timer as JSON text. @throws what the handler or a hook threw */
  readonly invoke: (fn: AppFunction, timerJson: string) => Promise<void>;
  readonly write: WriteLog;
}

/** The latest that the clock is looked at again: it may have been set, or the machine have slept. */
const LONGEST_SLEEP_MS = 60_000;

/**
 * One timer trigger, as the WebJobs SDK runs it: the next firing is planned when the one before has ended, so none
 * overlaps another, and what it was late for is made up for once. With a status that is kept (`useMonitor`), a firing that
 * was missed while no host ran comes at the next start, as past due.
 */
export class TimerFunction {
  readonly #fn: AppFunction;
  readonly #schedule: Schedule;
  readonly #parts: TimerParts;
  readonly #isMonitored: boolean;
  #status: ScheduleStatus | null;
  #isStopped = false;
  #cancel: () => void = () => {};

  /** @throws {WorkflowError} `SETTING_INVALID` for a schedule that cannot be read */
  constructor(fn: AppFunction, environment: Readonly<Record<string, string | undefined>>, parts: TimerParts) {
    const nowMs = parts.clock.nowMs();
    this.#fn = fn;
    this.#parts = parts;
    this.#schedule = readSchedule(fn.trigger.schedule ?? "", environment);
    this.#isMonitored = fn.trigger.useMonitor !== false && !isFrequent(this.#schedule, nowMs);
    const kept = this.#isMonitored ? parts.schedules.read(fn.name) : null;
    this.#status = statusAtStart(this.#schedule, kept, nowMs);
    if (this.#status !== kept) this.#keep();
  }

  /** When it fires next, in milliseconds since 1970; null for never. */
  get nextMs(): number | null {
    return this.#status?.nextMs ?? null;
  }

  start(): void {
    const nowMs = this.#parts.clock.nowMs();
    if (this.#status && this.#status.nextMs < nowMs) void this.#fire({ isPastDue: true, isOnTime: false });
    else if (this.#fn.trigger.runOnStartup) void this.#fire({ isPastDue: false, isOnTime: false });
    else this.#plan();
  }

  /** A function that is running is not waited for: by its status it has not fired, so it comes again at the next start. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #plan(): void {
    if (this.#isStopped || !this.#status) return;
    const leftMs = this.#status.nextMs - this.#parts.clock.nowMs();
    this.#cancel =
      leftMs > 0
        ? this.#parts.clock.after(Math.min(leftMs, LONGEST_SLEEP_MS), () => this.#plan())
        : this.#parts.clock.after(0, () => void this.#fire({ isPastDue: false, isOnTime: true }));
  }

  async #fire(how: { readonly isPastDue: boolean; readonly isOnTime: boolean }): Promise<void> {
    const firedMs = this.#parts.clock.nowMs();
    await this.#call(how.isPastDue);
    if (this.#isStopped) return;
    // A schedule without a next time has none after this one either.
    this.#status = this.#status && statusAfter(this.#schedule, this.#status, firedMs, how.isOnTime);
    this.#keep();
    this.#plan();
  }

  /** A failure stops nothing: the timer fires again at its next time. */
  async #call(isPastDue: boolean): Promise<void> {
    const { invoke, write } = this.#parts;
    try {
      await invoke(this.#fn, JSON.stringify(this.#timer(isPastDue)));
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      write("error", `Function "${this.#fn.name}" failed: ${reason}`);
    }
  }

  #timer(isPastDue: boolean): object {
    const status = this.#isMonitored ? this.#status : null;
    return {
      Schedule: { AdjustForDST: true },
      ScheduleStatus: status && {
        Last: status.lastMs === null ? NEVER : isoOf(status.lastMs),
        Next: isoOf(status.nextMs),
        LastUpdated: isoOf(status.lastUpdatedMs),
      },
      IsPastDue: isPastDue,
    };
  }

  #keep(): void {
    if (!this.#isMonitored || !this.#status) return;
    try {
      this.#parts.schedules.write(this.#fn.name, this.#status);
    } catch (error) {
      // It goes on by what is in memory; only a start before the next firing would not know of this one.
      const reason = error instanceof Error ? error.message : String(error);
      this.#parts.write("error", `The status of timer "${this.#fn.name}" could not be kept: ${reason}`);
    }
  }
}

/** The time that .NET takes for none. */
const NEVER = "0001-01-01T00:00:00";

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

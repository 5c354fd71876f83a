import { describe, expect, it } from "vitest";
import { type ManualEnvironment, manualEnvironment, quiet } from "../../../test/support/manual-environment.ts";
import type { Binding } from "../app/core-types.ts";
import { describeFunction } from "../app/functions.ts";
import type { ScheduleStatus, ScheduleStore } from "./schedule-status.ts";
import { startTimers, type Timers } from "./start-timers.ts";

interface Fired {
  readonly at: string;
  readonly IsPastDue: boolean;
  readonly ScheduleStatus: Readonly<Record<"Last" | "Next" | "LastUpdated", string>> | null;
}

/** One timer over a store and a clock that outlive it. */
class Host {
  readonly environment: ManualEnvironment = manualEnvironment();
  readonly kept = new Map<string, ScheduleStatus>();
  readonly logged: string[] = [];
  readonly fired: Fired[] = [];
  /** What the function does. */
  work: () => Promise<void> = async () => {};
  isFull = false;
  #timers: Timers | undefined;

  async start(trigger: Omit<Binding, "type">, settings: Record<string, string> = {}): Promise<void> {
    const bindings = { timer: { type: "timerTrigger", ...trigger } };
    const fn = describeFunction({ metadata: { name: "tick", bindings }, callback: () => {} }, settings);
    const schedules: ScheduleStore = {
      read: (name) => this.kept.get(name) ?? null,
      write: (name, status) => {
        if (this.isFull) throw new Error("The disk is full.");
        this.kept.set(name, status);
      },
    };
    this.#timers = startTimers(fn ? [fn] : [], settings, {
      clock: this.environment,
      schedules,
      invoke: async (_fn, json) => {
        const at = new Date(this.environment.nowMs()).toISOString();
        this.fired.push({ at, ...(JSON.parse(json) as Omit<Fired, "at">) });
        await this.work();
      },
      write: (level, message) => this.logged.push(`${level}: ${message}`),
    });
    await quiet();
  }

  stop(): void {
    this.#timers?.stop();
  }

  get times(): string[] {
    return this.fired.map(({ at, IsPastDue }) => `${at.slice(8, 19)}${IsPastDue ? " past due" : ""}`);
  }
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Half past each hour. The clock of the tests begins at midnight of 2026-01-01. */
const hourly = { schedule: "0 30 * * * *" };

describe("a timer function", () => {
  it("fires at each time of its schedule, with what was and what comes next", async () => {
    const host = new Host();
    await host.start(hourly);
    await host.environment.advance(2 * HOUR);
    expect(host.fired).toEqual([
      {
        at: "2026-01-01T00:30:00.000Z",
        Schedule: { AdjustForDST: true },
        ScheduleStatus: {
          Last: "0001-01-01T00:00:00",
          Next: "2026-01-01T00:30:00.000Z",
          LastUpdated: "2026-01-01T00:00:00.000Z",
        },
        IsPastDue: false,
      },
      {
        at: "2026-01-01T01:30:00.000Z",
        Schedule: { AdjustForDST: true },
        ScheduleStatus: {
          Last: "2026-01-01T00:30:00.000Z",
          Next: "2026-01-01T01:30:00.000Z",
          LastUpdated: "2026-01-01T00:30:00.000Z",
        },
        IsPastDue: false,
      },
    ]);
  });

  it("fires once, as past due, at a start after times that were missed", async () => {
    const host = new Host();
    await host.start(hourly);
    await host.environment.advance(HOUR);
    host.stop();
    await host.environment.advance(5 * HOUR);
    await host.start(hourly);
    await host.environment.advance(HOUR);
    expect(host.times).toEqual(["01T00:30:00", "01T06:00:00 past due", "01T06:30:00"]);
  });

  it("catches up on its very first time, too", async () => {
    const host = new Host();
    await host.start(hourly);
    host.stop();
    await host.environment.advance(HOUR);
    await host.start(hourly);
    expect(host.times).toEqual(["01T01:00:00 past due"]);
  });

  it("fires again, as past due, when the host died while it ran", async () => {
    const host = new Host();
    host.work = () => new Promise(() => {});
    await host.start(hourly);
    await host.environment.advance(HOUR);
    host.stop();
    host.work = async () => {};
    await host.start(hourly);
    expect(host.times).toEqual(["01T00:30:00", "01T01:00:00 past due"]);
  });

  it("takes nothing for missed by a schedule that is new", async () => {
    const host = new Host();
    await host.start(hourly);
    await host.environment.advance(HOUR);
    host.stop();
    await host.environment.advance(5 * HOUR);
    await host.start({ schedule: "0 45 * * * *" });
    await host.environment.advance(HOUR);
    expect(host.times).toEqual(["01T00:30:00", "01T06:45:00"]);
  });

  it("reckons a changed schedule from the last firing when that lies ahead", async () => {
    const host = new Host();
    await host.start(hourly);
    await host.environment.advance(31 * MINUTE);
    host.stop();
    await host.start({ schedule: "00:10:00" });
    await host.environment.advance(20 * MINUTE);
    expect(host.times).toEqual(["01T00:30:00", "01T00:40:00", "01T00:50:00"]);
  });

  it("keeps no status without useMonitor: what was missed is missed", async () => {
    const host = new Host();
    await host.start({ ...hourly, useMonitor: false });
    await host.environment.advance(HOUR);
    host.stop();
    await host.environment.advance(5 * HOUR);
    await host.start({ ...hourly, useMonitor: false });
    await host.environment.advance(HOUR);
    expect(host.times).toEqual(["01T00:30:00", "01T06:30:00"]);
    expect([host.kept.size, host.fired[0]?.ScheduleStatus]).toEqual([0, null]);
  });

  it("keeps no status of what comes more than once a minute", async () => {
    const host = new Host();
    await host.start({ schedule: "*/20 * * * * *" });
    await host.environment.advance(MINUTE);
    expect([host.times.length, host.kept.size]).toEqual([3, 0]);
  });

  it("fires at a start with runOnStartup, and at its next time none the less", async () => {
    const host = new Host();
    await host.start({ ...hourly, runOnStartup: true });
    await host.environment.advance(HOUR);
    expect(host.times).toEqual(["01T00:00:00", "01T00:30:00"]);
  });

  it("fires once at a start that is past due with runOnStartup", async () => {
    const host = new Host();
    await host.start(hourly);
    host.stop();
    await host.environment.advance(HOUR);
    await host.start({ ...hourly, runOnStartup: true });
    expect(host.times).toEqual(["01T01:00:00 past due"]);
  });

  it("never runs twice at once, and makes up once for what it was late for", async () => {
    const host = new Host();
    let isRunning = false;
    host.work = () => {
      expect(isRunning).toBe(false);
      isRunning = true;
      return new Promise((resolve) => {
        host.environment.after(150 * MINUTE, () => {
          isRunning = false;
          resolve();
        });
      });
    };
    await host.start(hourly);
    await host.environment.advance(6 * HOUR);
    expect(host.times).toEqual(["01T00:30:00", "01T03:00:00", "01T05:30:00"]);
  });

  it("goes on after a failure, which is logged", async () => {
    const host = new Host();
    host.work = async () => {
      throw new Error("no luck");
    };
    await host.start(hourly);
    await host.environment.advance(2 * HOUR);
    expect(host.times).toEqual(["01T00:30:00", "01T01:30:00"]);
    expect(host.logged[0]).toMatch(/^error: Function "tick" failed: Error: no luck/);
  });

  it("goes on by what it knows when its status cannot be kept, and says so", async () => {
    const host = new Host();
    await host.start(hourly);
    host.isFull = true;
    await host.environment.advance(2 * HOUR);
    expect(host.times).toEqual(["01T00:30:00", "01T01:30:00"]);
    expect(host.logged).toContain('error: The status of timer "tick" could not be kept: The disk is full.');
  });

  it("does not come twice when the clock was set back after it had fired", async () => {
    const host = new Host();
    await host.start(hourly);
    await host.environment.advance(30 * MINUTE);
    host.environment.setNow(Date.UTC(2026, 0, 1, 0, 29));
    host.stop();
    await host.start(hourly);
    await host.environment.advance(30 * MINUTE);
    expect(host.times).toEqual(["01T00:30:00"]);
  });

  it("is late by a minute at most when the clock is set, or the machine has slept", async () => {
    const host = new Host();
    await host.start({ schedule: "0 0 0 1 2 *" });
    await host.environment.advance(MINUTE);
    host.environment.setNow(Date.UTC(2026, 1, 1, 0, 5));
    await host.environment.advance(MINUTE);
    expect(host.times).toEqual(["01T00:05:00"]);
  });

  it("that is disabled does not fire", async () => {
    const host = new Host();
    await host.start({ ...hourly, runOnStartup: true }, { "AzureWebJobs.tick.Disabled": "1" });
    await host.environment.advance(2 * HOUR);
    expect(host.times).toEqual([]);
  });

  it("with a schedule that cannot be read never fires, and the log says why", async () => {
    const host = new Host();
    await host.start({ schedule: "%WHEN%", runOnStartup: true });
    expect(host.logged).toEqual([
      'error: Function "tick" never fires. The schedule is "%WHEN%", and no setting WHEN exists. Set WHEN.',
    ]);
    expect(host.times).toEqual([]);
  });

  it("with a schedule that no day fits never fires, and the log warns of it", async () => {
    const host = new Host();
    await host.start({ schedule: "0 0 0 30 2 *" });
    expect(host.logged).toEqual(['warning: Timer "tick" (0 0 0 30 2 *) never fires.']);
  });
});

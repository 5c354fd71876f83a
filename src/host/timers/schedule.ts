import { WorkflowError } from "../../errors.ts";
import { parseNcrontab } from "./ncrontab.ts";
import { parseTimeSpan } from "./time-span.ts";
import { type TimeZone, timeZone, UTC } from "./time-zone.ts";

/** When a timer fires. Times are milliseconds since 1970. */
export interface Schedule {
  /** The first time after this one; null when there is none. */
  next(afterMs: number): number | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a schedule as the Functions host does: `%NAME%` is looked up in the settings, then the text is an NCRONTAB
 * expression or, in second place, a time span, which is the time from one firing to the next. Cron expressions are in UTC,
 * or in the zone that the setting `WEBSITE_TIME_ZONE` names.
 *
 * @throws {WorkflowError} `SETTING_INVALID`
 */
export function readSchedule(expression: string, environment: Environment): Schedule {
  const text = resolveSettings(expression, environment);
  const spanMs = parseTimeSpan(text);
  if (spanMs !== undefined) return { next: (afterMs) => afterMs + spanMs };
  const zone = readZone(environment);
  const cron = readCron(text);
  return {
    next(afterMs) {
      let wallMs: number | null = zone.wallOf(afterMs);
      do {
        wallMs = cron.next(wallMs);
        if (wallMs === null) return null;
      } while (zone.utcOf(wallMs) <= afterMs);
      return zone.utcOf(wallMs);
    },
  };
}

const MINUTE_MS = 60_000;
const LOOKED_AT = 5;

/** True for one that comes more than once a minute: the host keeps no status of such a timer. */
export function isFrequent(schedule: Schedule, nowMs: number): boolean {
  let lastMs = schedule.next(nowMs);
  for (let count = 1; count < LOOKED_AT && lastMs !== null; count += 1) {
    const nextMs = schedule.next(lastMs);
    if (nextMs !== null && nextMs - lastMs < MINUTE_MS) return true;
    lastMs = nextMs;
  }
  return false;
}

function resolveSettings(expression: string, environment: Environment): string {
  return expression.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = environment[name];
    if (value) return value;
    throw invalid(`The schedule is "${expression}", and no setting ${name} exists.`, `Set ${name}.`);
  });
}

function readCron(text: string) {
  try {
    return parseNcrontab(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalid(
      `The schedule "${text}" is neither a time span nor a cron expression: ${error.message}.`,
      'Write "second minute hour day month weekday", or a time span such as "00:05:00".',
      error,
    );
  }
}

function readZone({ WEBSITE_TIME_ZONE: name }: Environment): TimeZone {
  if (!name) return UTC;
  try {
    return timeZone(name);
  } catch (error) {
    throw invalid(
      `WEBSITE_TIME_ZONE is "${name}", which this host does not know.`,
      'Use a name of the IANA database, such as "Europe/Berlin".',
      error,
    );
  }
}

function invalid(whatIsWrong: string, whatToDo: string, cause?: unknown): WorkflowError {
  return new WorkflowError("SETTING_INVALID", whatIsWrong, whatToDo, { cause });
}

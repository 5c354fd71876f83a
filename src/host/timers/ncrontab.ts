/**
 * Cron expressions as the Functions host reads them (NCRONTAB). Six fields, `second minute hour day month weekday`, or five
 * without the second. A field is `*`, a value, `from-to`, `from/step` (from there to the end), `from-to/step`, or several of
 * them with commas; months and weekdays may be named. Two things differ from what Unix knows: a day has to fit both its
 * day field and its weekday field, and Sunday is 0 alone.
 *
 * @see https://github.com/atifaziz/NCrontab
 */
export interface Ncrontab {
  /**
   * The first time that fits and is later than this one, to the second; null when there is none.
   *
   * @param afterMs - a time as a clock on the wall shows it, in milliseconds since 1970 as if that clock ran on UTC
   */
  next(afterMs: number): number | null;
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const MONTHS = "january february march april may june july august september october november december".split(" ");
const WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday".split(" ");

const FIELDS = [
  { name: "second", min: 0, max: 59, names: [] },
  { name: "minute", min: 0, max: 59, names: [] },
  { name: "hour", min: 0, max: 23, names: [] },
  { name: "day", min: 1, max: 31, names: [] },
  { name: "month", min: 1, max: 12, names: MONTHS },
  { name: "weekday", min: 0, max: 6, names: WEEKDAYS },
] as const satisfies readonly Field[];

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
/** The calendar repeats itself after 400 years. */
const LONGEST_SEARCH_MS = 400 * 366 * DAY_MS;

/** @throws {RangeError} saying what is wrong with which field */
export function parseNcrontab(expression: string): Ncrontab {
  const texts = expression.trim().split(/\s+/);
  if (texts.length === 5) texts.unshift("0");
  if (texts.length !== FIELDS.length) throw new RangeError(`it has ${texts.length} fields and not 5 or 6`);
  const [seconds, minutes, hours, days, months, weekdays] = FIELDS.map((field, place) =>
    parseField(field, texts[place] as string),
  ) as [number[], number[], number[], number[], number[], number[]];
  const timesOfDay = { seconds, minutes, hours };

  return {
    next(afterMs) {
      const fromMs = (Math.floor(afterMs / SECOND_MS) + 1) * SECOND_MS;
      let dayMs = Math.floor(fromMs / DAY_MS) * DAY_MS;
      for (const endMs = dayMs + LONGEST_SEARCH_MS; dayMs < endMs; ) {
        const date = new Date(dayMs);
        if (!months.includes(date.getUTCMonth() + 1)) {
          dayMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
          continue;
        }
        if (days.includes(date.getUTCDate()) && weekdays.includes(date.getUTCDay())) {
          const timeMs = firstTime(timesOfDay, Math.max(fromMs - dayMs, 0));
          if (timeMs !== null) return dayMs + timeMs;
        }
        dayMs += DAY_MS;
      }
      return null;
    },
  };
}

/** The first time of a day that is not before this one, in milliseconds since midnight. */
function firstTime(
  { seconds, minutes, hours }: Record<"seconds" | "minutes" | "hours", readonly number[]>,
  fromMs: number,
): number | null {
  for (const hour of hours) {
    if ((hour + 1) * 3_600_000 <= fromMs) continue;
    for (const minute of minutes) {
      const minuteMs = hour * 3_600_000 + minute * 60_000;
      if (minuteMs + 60_000 <= fromMs) continue;
      const second = seconds.find((one) => minuteMs + one * SECOND_MS >= fromMs);
      if (second !== undefined) return minuteMs + second * SECOND_MS;
    }
  }
  return null;
}

/** @returns the values of a field, in order */
function parseField(field: Field, text: string): number[] {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const { from, to, step } = parsePart(field, part);
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return [...values].sort((one, other) => one - other);
}

function parsePart(field: Field, part: string): { readonly from: number; readonly to: number; readonly step: number } {
  const [range = "", stepText, ...more] = part.split("/");
  if (more.length > 0) throw unreadable(field, part);
  // The library behind the real host takes a step of 0 for 1.
  const step = stepText === undefined ? 1 : Math.max(wholeNumber(field, stepText), 1);
  if (range === "*") return { from: field.min, to: field.max, step };
  const [fromText = "", toText, ...rest] = range.split("-");
  if (rest.length > 0) throw unreadable(field, part);
  const from = parseValue(field, fromText);
  if (toText === undefined) return { from, to: stepText === undefined ? from : field.max, step };
  const to = parseValue(field, toText);
  return { from: Math.min(from, to), to: Math.max(from, to), step };
}

function parseValue(field: Field, text: string): number {
  const { min, max, names } = field;
  const named = names.findIndex((name) => text !== "" && name.startsWith(text.toLowerCase()));
  const value = named >= 0 ? min + named : wholeNumber(field, text);
  if (value >= min && value <= max) return value;
  throw new RangeError(`its ${field.name} ${value} is not between ${min} and ${max}`);
}

function wholeNumber(field: Field, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw unreadable(field, text);
}

function unreadable({ name }: Field, text: string): RangeError {
  return new RangeError(`its ${name} has ${JSON.stringify(text)} in it`);
}

const UNITS_MS = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1_000 };

/** `d`, `[d.]hh:mm[:ss[.fraction]]` or `d:hh:mm:ss[.fraction]`; what stands in `hours` may be days, see below. */
const PATTERN =
  /^(?:(?<days>\d{1,8})|(?:(?<leading>\d{1,8})[.:](?=\d+:\d+:\d))?(?:(?<dayDot>\d{1,8})\.)?(?<hours>\d{1,8}):(?<minutes>\d{1,2})(?::(?<seconds>\d{1,2})(?<fraction>\.\d{1,7})?)?)$/;

/**
 * A .NET `TimeSpan` in milliseconds; undefined for a text that is none, or no time at all. As there, `24:00:00` are 24
 * days: where the first of three numbers cannot be hours, the three are days, hours and minutes.
 */
export function parseTimeSpan(text: string): number | undefined {
  const parts = PATTERN.exec(text.trim())?.groups;
  if (!parts) return undefined;
  const span = parts.days !== undefined ? Number(parts.days) * UNITS_MS.day : clockSpan(parts);
  return span !== undefined && span > 0 ? span : undefined;
}

function clockSpan(parts: Readonly<Record<string, string | undefined>>): number | undefined {
  const { leading, dayDot, hours = "", minutes = "", seconds, fraction = "" } = parts;
  const days = leading ?? dayDot;
  const isDaysFirst = days === undefined && Number(hours) > 23 && seconds !== undefined && fraction === "";
  return isDaysFirst
    ? sum(Number(hours), Number(minutes), Number(seconds), 0)
    : sum(Number(days ?? 0), Number(hours), Number(minutes), Number(`${seconds ?? 0}${fraction}`));
}

function sum(days: number, hours: number, minutes: number, seconds: number): number | undefined {
  if (hours > 23 || minutes > 59 || seconds >= 60) return undefined;
  const { day, hour, minute, second } = UNITS_MS;
  return days * day + hours * hour + minutes * minute + Math.round(seconds * second);
}

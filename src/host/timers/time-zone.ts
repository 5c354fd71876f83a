/** What the clocks on the wall of one place show: milliseconds since 1970 as if they ran on UTC. */
export interface TimeZone {
  wallOf(utcMs: number): number;
  /** The first moment at which clocks show this; where they jump over it, the moment of as long after the jump. */
  utcOf(wallMs: number): number;
}

export const UTC: TimeZone = { wallOf: (utcMs) => utcMs, utcOf: (wallMs) => wallMs };

/** @throws {RangeError} for a name that is not in the IANA time zone database */
export function timeZone(name: string): TimeZone {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const wallOf = (utcMs: number): number => {
    const parts = Object.fromEntries(format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (utcMs - Math.floor(utcMs / 1_000) * 1_000);
  };
  const offsetAt = (utcMs: number): number => wallOf(utcMs) - utcMs;
  return {
    wallOf,
    utcOf(wallMs) {
      // No zone is further than a day from UTC, and none changes twice within two: one of the two offsets is right.
      const [before, after] = [offsetAt(wallMs - 86_400_000), offsetAt(wallMs + 86_400_000)];
      const early = wallMs - before;
      return offsetAt(early) === before || offsetAt(wallMs - after) !== after ? early : wallMs - after;
    },
  };
}

import { describe, expect, it } from "vitest";
import { parseNcrontab } from "./ncrontab.ts";

/** The first times after a start, as `2026-03-04 05:06:07`. */
function times(expression: string, after: string, count = 3): string[] {
  const cron = parseNcrontab(expression);
  const found: string[] = [];
  for (let ms = cron.next(Date.parse(`${after}Z`)); ms !== null && found.length < count; ms = cron.next(ms)) {
    found.push(new Date(ms).toISOString().slice(0, 19).replace("T", " "));
  }
  return found;
}

describe("an NCRONTAB expression", () => {
  it.each([
    ["0 */5 * * * *", ["2026-01-31 23:55:00", "2026-02-01 00:00:00", "2026-02-01 00:05:00"]],
    ["*/5 * * * *", ["2026-01-31 23:55:00", "2026-02-01 00:00:00", "2026-02-01 00:05:00"]],
    ["* * * * * *", ["2026-01-31 23:52:11", "2026-01-31 23:52:12", "2026-01-31 23:52:13"]],
    ["30 52,10 23 * * *", ["2026-01-31 23:52:30", "2026-02-01 23:10:30", "2026-02-01 23:52:30"]],
    ["0 0 9-17/4 * * *", ["2026-02-01 09:00:00", "2026-02-01 13:00:00", "2026-02-01 17:00:00"]],
    ["0 20/15 0 * * *", ["2026-02-01 00:20:00", "2026-02-01 00:35:00", "2026-02-01 00:50:00"]],
    ["0 0 0 31 * *", ["2026-03-31 00:00:00", "2026-05-31 00:00:00", "2026-07-31 00:00:00"]],
    ["0 0 0 29 2 *", ["2028-02-29 00:00:00", "2032-02-29 00:00:00", "2036-02-29 00:00:00"]],
    ["0 30 9 * Jan Mon", ["2027-01-04 09:30:00", "2027-01-11 09:30:00", "2027-01-18 09:30:00"]],
    ["0 0 0 * mar-may,October sunday", ["2026-03-01 00:00:00", "2026-03-08 00:00:00", "2026-03-15 00:00:00"]],
    ["0 0 12 * * 1-5", ["2026-02-02 12:00:00", "2026-02-03 12:00:00", "2026-02-04 12:00:00"]],
    ["0 0 12 * * 5-1", ["2026-02-02 12:00:00", "2026-02-03 12:00:00", "2026-02-04 12:00:00"]],
    ["  0   0  0  1  */6  *  ", ["2026-07-01 00:00:00", "2027-01-01 00:00:00", "2027-07-01 00:00:00"]],
    ["0 0 0 1,1,1-1 6 *", ["2026-06-01 00:00:00", "2027-06-01 00:00:00", "2028-06-01 00:00:00"]],
    ["0 */0 0 1 1 *", ["2027-01-01 00:00:00", "2027-01-01 00:01:00", "2027-01-01 00:02:00"]],
  ])("%s gives the right times", (expression, expected) => {
    expect(times(expression, "2026-01-31T23:52:10.500")).toEqual(expected);
  });

  it("asks for both, the day and the weekday, where Unix takes either", () => {
    expect(times("0 0 0 13 * Fri", "2026-01-01T00:00:00")).toEqual([
      "2026-02-13 00:00:00",
      "2026-03-13 00:00:00",
      "2026-11-13 00:00:00",
    ]);
  });

  it("never gives the time itself", () => {
    expect(times("0 0 * * * *", "2026-01-01T00:00:00", 1)).toEqual(["2026-01-01 01:00:00"]);
    expect(times("0 0 * * * *", "2025-12-31T23:59:59.999", 1)).toEqual(["2026-01-01 00:00:00"]);
  });

  it("has no next time for a day that no calendar knows", () => {
    expect(parseNcrontab("0 0 0 30 2 *").next(0)).toBeNull();
  });

  it("looks as far as the calendar needs", () => {
    // Between 2096 and 2104 there is no leap year.
    expect(times("0 0 0 29 2 Mon", "2088-01-01T00:00:00", 2)).toEqual(["2112-02-29 00:00:00", "2140-02-29 00:00:00"]);
  });

  it.each([
    ["", "it has 1 fields and not 5 or 6"],
    ["* * * *", "it has 4 fields and not 5 or 6"],
    ["* * * * * * *", "it has 7 fields and not 5 or 6"],
    ["60 * * * * *", "its second 60 is not between 0 and 59"],
    ["0 0 24 * * *", "its hour 24 is not between 0 and 23"],
    ["0 0 0 0 * *", "its day 0 is not between 1 and 31"],
    ["0 0 0 * 13 *", "its month 13 is not between 1 and 12"],
    ["0 0 0 * * 7", "its weekday 7 is not between 0 and 6"],
    ["0 0 0 * * Fryday", 'its weekday has "Fryday" in it'],
    ["0 0 0 L * *", 'its day has "L" in it'],
    ["0 0 0 ? * *", 'its day has "?" in it'],
    ["0 0 1-2-3 * * *", 'its hour has "1-2-3" in it'],
    ["0 */5/2 * * * *", 'its minute has "*/5/2" in it'],
    ["0 */x * * * *", 'its minute has "x" in it'],
    ["0 1, * * * *", 'its minute has "" in it'],
    ["0 -5 * * * *", 'its minute has "" in it'],
    ["0 1.5 * * * *", 'its minute has "1.5" in it'],
  ])("%j is refused", (expression, message) => {
    expect(() => parseNcrontab(expression)).toThrow(new RangeError(message));
  });
});

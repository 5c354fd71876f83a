import { describe, expect, it } from "vitest";
import { isFrequent, readSchedule } from "./schedule.ts";
import { parseTimeSpan } from "./time-span.ts";

function times(expression: string, after: string, environment: Record<string, string> = {}, count = 3): string[] {
  const schedule = readSchedule(expression, environment);
  const found: string[] = [];
  for (let ms = schedule.next(Date.parse(after)); ms !== null && found.length < count; ms = schedule.next(ms)) {
    found.push(new Date(ms).toISOString());
  }
  return found;
}

describe("a time span", () => {
  it.each([
    ["00:00:05", 5_000],
    ["00:00:00.25", 250],
    ["01:30", 5_400_000],
    ["1.02:03:04", 93_784_000],
    ["1:02:03:04", 93_784_000],
    ["7", 604_800_000],
    ["24:00:00", 24 * 86_400_000],
    ["30:12:30", 30 * 86_400_000 + 45_000_000],
    [" 00:01:00 ", 60_000],
  ])("%j is %d ms", (text, ms) => {
    expect(parseTimeSpan(text)).toBe(ms);
  });

  it.each(["", "0", "00:00:00", "-00:05:00", "00:60:00", "00:00:61", "25:00", "1.25:00:00", "5m", "0 */5 * * * *"])(
    "%j is none that a timer could have",
    (text) => {
      expect(parseTimeSpan(text)).toBeUndefined();
    },
  );
});

describe("a schedule", () => {
  it("of a time span comes again that long after the time before", () => {
    expect(times("00:30:00", "2026-01-01T00:00:07.500Z", {}, 2)).toEqual([
      "2026-01-01T00:30:07.500Z",
      "2026-01-01T01:00:07.500Z",
    ]);
  });

  it("of a cron expression is in UTC", () => {
    expect(times("0 30 9 * * *", "2026-07-01T12:00:00Z", {}, 1)).toEqual(["2026-07-02T09:30:00.000Z"]);
  });

  it("may be named by a setting, whole or in parts", () => {
    const settings = { WHEN: "0 0 8 * * *", HOUR: "8" };
    expect(times("%WHEN%", "2026-01-01T00:00:00Z", settings, 1)).toEqual(["2026-01-01T08:00:00.000Z"]);
    expect(times("0 0 %HOUR% * * *", "2026-01-01T00:00:00Z", settings, 1)).toEqual(["2026-01-01T08:00:00.000Z"]);
  });

  it.each([
    ["%MISSING%", {}, /The schedule is "%MISSING%", and no setting MISSING exists\. Set MISSING\./],
    ["sometimes", {}, /"sometimes" is neither a time span nor a cron expression: it has 1 fields and not 5 or 6\./],
    ["0 0 8 * * *", { WEBSITE_TIME_ZONE: "W. Europe Standard Time" }, /IANA database, such as "Europe\/Berlin"/],
  ])("%j is refused with SETTING_INVALID", (expression, settings, message) => {
    const refused = expect.objectContaining({ code: "SETTING_INVALID", message: expect.stringMatching(message) });
    expect(() => readSchedule(expression, settings)).toThrow(refused);
  });

  it("is frequent when it comes more than once a minute", () => {
    expect(isFrequent(readSchedule("*/30 * * * * *", {}), 0)).toBe(true);
    expect(isFrequent(readSchedule("0,20 0 * * * *", {}), 0)).toBe(true);
    expect(isFrequent(readSchedule("00:00:59", {}), 0)).toBe(true);
    expect(isFrequent(readSchedule("0 * * * * *", {}), 0)).toBe(false);
    expect(isFrequent(readSchedule("00:01:00", {}), 0)).toBe(false);
    expect(isFrequent(readSchedule("0 0 0 30 2 *", {}), 0)).toBe(false);
  });
});

describe("a schedule in a time zone", () => {
  const berlin = { WEBSITE_TIME_ZONE: "Europe/Berlin" };

  it("keeps its hour through summer and winter", () => {
    expect(times("0 0 9 1 */6 *", "2026-01-01T12:00:00Z", berlin, 2)).toEqual([
      "2026-07-01T07:00:00.000Z",
      "2027-01-01T08:00:00.000Z",
    ]);
  });

  it("comes as long after the jump as it would have been after the hour that is left out", () => {
    // On 29 March 2026 the clock goes from 02:00 to 03:00.
    expect(times("0 30 2 * * *", "2026-03-28T02:00:00Z", berlin, 2)).toEqual([
      "2026-03-29T01:30:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
  });

  it("comes once in the hour that comes twice", () => {
    // On 25 October 2026 the clock goes from 03:00 back to 02:00.
    expect(times("0 30 2 * * *", "2026-10-24T12:00:00Z", berlin, 2)).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
  });

  it("is right west and east of UTC, and where offsets are no whole hours", () => {
    const at = (zone: string) =>
      times("0 0 0 * * *", "2026-01-01T12:00:00Z", { WEBSITE_TIME_ZONE: zone }, 1).map((time) => time.slice(0, 16));
    expect(["Pacific/Honolulu", "Pacific/Kiritimati", "Asia/Kathmandu"].map(at)).toEqual([
      ["2026-01-02T10:00"],
      ["2026-01-02T10:00"],
      ["2026-01-01T18:15"],
    ]);
  });
});

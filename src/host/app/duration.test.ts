import { expect, it } from "vitest";
import { parseDuration } from "./duration.ts";

it.each([
  ["00:05:00", 300_000],
  ["1.02:03:04.5", 93_784_500],
  ["00:10", 600_000],
  ["5 minutes", null],
  ["00:5:00", null],
])("reads %s as .NET writes a duration", (text, timeMs) => {
  expect(parseDuration(text)).toBe(timeMs);
});

import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";

describe("the settings of the app", () => {
  it("have defaults", () => {
    expect(readConfig({ RUN_RETENTION_DAYS: "" })).toEqual({
      retentionDays: 30,
      threadTtlDays: 14,
      generationLimits: { maxSupersteps: 100, maxChars: 524_288 },
    });
  });

  it("are read from the environment", () => {
    const generations = { RUN_GENERATION_SUPERSTEPS: "50", RUN_GENERATION_CHARS: "100000" };
    const environment = { RUN_RETENTION_DAYS: " 7 ", AGENT_THREAD_TTL_DAYS: "3", ...generations };
    expect(readConfig(environment)).toEqual({
      retentionDays: 7,
      threadTtlDays: 3,
      generationLimits: { maxSupersteps: 50, maxChars: 100_000 },
    });
  });

  it.each(["0", "-1", "1.5", "a month", "1e3", "40000"])("refuse a retention of %j days", (text) => {
    const message = `The setting RUN_RETENTION_DAYS is "${text}". Set it to a whole number from 1 to 36500, or leave it out for 30.`;
    expect(() => readConfig({ RUN_RETENTION_DAYS: text })).toThrow(
      expect.objectContaining({ code: "SETTING_INVALID", message }),
    );
  });
});

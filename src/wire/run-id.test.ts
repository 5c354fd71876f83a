import { describe, expect, it } from "vitest";
import { checkRunId, makeRunId } from "./run-id.ts";

describe("the rules of run ids", () => {
  it.each(["expense-1", "Ä", "order 12 & 13", "100%", "a".repeat(100), "...", "注文"])("accepts %j", (runId) => {
    expect(checkRunId(runId)).toBe(runId);
  });

  it.each([
    ["", "is empty"],
    ["a".repeat(101), "has 101 characters"],
    ["@entity@key", 'starts with "@"'],
    ["a/b", "holds one of"],
    ["a\\b", "holds one of"],
    ["a#b", "holds one of"],
    ["a?b", "holds one of"],
    ["a\u0000b", "control character"],
    ["a\u007fb", "control character"],
    ["a\u0085b", "control character"],
    [" a", "white space"],
    ["a ", "white space"],
    [".", "folder"],
    ["..", "folder"],
    ["a\ud800", "surrogate"],
    ["a\ufffd", "U+FFFD"],
    ["A\u0308", "normal form C"],
  ])("refuses %j: it %s", (runId, reason) => {
    expect(() => checkRunId(runId)).toThrow(reason);
    expect(() => checkRunId(runId)).toThrow(expect.objectContaining({ code: "RUN_ID_INVALID" }));
  });

  it("makes ids of 128 random bits", () => {
    expect(makeRunId()).toMatch(/^[0-9a-f]{32}$/);
    expect(makeRunId()).not.toBe(makeRunId());
  });
});

import { describe, expect, it } from "vitest";
import { createConstraint } from "./route-constraints.ts";

describe("a route constraint", () => {
  it.each([
    ["int", "-2147483648", "2147483648"],
    ["long", "9223372036854775807", "9223372036854775808"],
    ["bool", "True", "yes"],
    ["guid", "CD2C1638-1638-72D5-1638-DEADBEEF1638", "CD2C1638"],
    ["alpha", "abcXYZ", "abc1"],
    ["datetime", "2026-11-23T10:11:12Z", "2026-13-40"],
    ["datetime", "11/23/2026 7:30 PM", "soon"],
    ["decimal", "-49.99", "1e3"],
    ["double", "1e3", "one"],
    ["float", "-.5", "."],
    ["length(3)", "abc", "abcd"],
    ["length(2,3)", "ab", "a"],
    ["minlength(2)", "ab", "a"],
    ["maxlength(2)", "ab", "abc"],
    ["min(18)", "18", "17"],
    ["max(120)", "120", "121"],
    ["range(18,120)", "91", "17"],
    ["regex(^a+$)", "AAA", "ab"],
    ["required", "a", ""],
    ["file", "a/b.txt", "a.b/c"],
    ["nonfile", "a.b/c", "a.txt"],
    ["INT", "1", "a"],
  ])("%s takes %s and refuses %s", (text, taken, refused) => {
    const isMet = createConstraint(text);
    expect([isMet(taken), isMet(refused)]).toEqual([true, false]);
  });

  it.each([
    ["uuid", 'There is no constraint "uuid".'],
    ["min", 'There is no constraint "min".'],
    ["int(3)", 'There is no constraint "int(3)".'],
    ["range(1)", 'Constraint "range(1)" has the wrong arguments.'],
    ["min(a)", 'Constraint "min(a)" needs whole numbers.'],
  ])("%s does not exist", (text, sentence) => {
    expect(() => createConstraint(text)).toThrow(sentence);
  });
});

import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { jsonTextOf } from "./json-text.ts";

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
const cycle: Record<string, unknown> = { a: {} };
(cycle.a as Record<string, unknown>).back = cycle;
class Money {
  readonly amount = 1;
}

describe("JSON text of a value", () => {
  it.each<[unknown, string]>([
    ["a\ud800", '"a\\ud800"'],
    [null, "null"],
    [-0, "0"],
    [{ a: undefined, b: [1, { c: false }] }, '{"b":[1,{"c":false}]}'],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [runInNewContext("({ a: [1] })"), '{"a":[1]}'],
    [nested(64), `${"[".repeat(64)}1${"]".repeat(64)}`],
  ])("is what JSON says, for what comes back unchanged: %j", (value, text) => {
    expect(jsonTextOf(value, "it")).toBe(text);
  });

  it("takes one object in two places", () => {
    const shared = { x: 1 };
    expect(jsonTextOf([shared, shared], "it")).toBe('[{"x":1},{"x":1}]');
  });

  it.each<[string, unknown, string]>([
    ["undefined", undefined, "it is undefined"],
    ["NaN", { a: [1, Number.NaN] }, '"/a/1" is NaN'],
    ["Infinity", Number.POSITIVE_INFINITY, "it is Infinity"],
    ["a BigInt", { n: 1n }, '"/n" is a bigint'],
    ["a function", { f() {} }, '"/f" is a function'],
    ["a symbol", [Symbol("s")], '"/0" is a symbol'],
    ["a Date", { "a/b": new Date(0) }, '"/a~1b" is an instance of Date'],
    ["a Map", new Map(), "it is an instance of Map"],
    ["a class", { money: new Money() }, '"/money" is an instance of Money'],
    ["a promise", [Promise.resolve(1)], '"/0" is an instance of Promise'],
    ["a boxed number", Object(1), "it is an instance of Number"],
    ["toJSON", { toJSON: () => 1 }, '"/toJSON" is a function'],
    ["a hole in a list", Array(2), '"/0" is undefined'],
    ["a cycle", cycle, '"/a/back" is a cycle'],
    ["65 levels", nested(65), "is more than 64 levels deep"],
  ])("is refused for %s", (_what, value, problem) => {
    expect(() => jsonTextOf(value, "it")).toThrow(expect.objectContaining({ code: "VALUE_NOT_JSON" }));
    expect(() => jsonTextOf(value, "it")).toThrow(problem);
  });

  it("is refused for a getter that throws", () => {
    const value = {
      get a() {
        throw new Error("not today");
      },
    };
    expect(() => jsonTextOf(value, "it")).toThrow("cannot be read (not today)");
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activityInput, metadataText, resultJson } from "./typed-data.ts";

describe("the input of an activity", () => {
  it.each([
    ["nothing", null, {}],
    ["null", "null", {}],
    ["an object", '{"a":1}', { string: '{"a":1}' }],
    ["an array", "[1]", { string: "[1]" }],
    ["a number", "0.5", { string: "0.5" }],
    ["a string, which the SDK quoted once more", String.raw`"\"a\""`, { string: '"a"' }],
    ["true, as .NET prints it", "true", { string: "True" }],
    ["false, as .NET prints it", "false", { string: "False" }],
  ])("is %s", (_, inputJson, data) => {
    expect(activityInput(inputJson)).toEqual(data);
  });
});

describe("text beside a trigger", () => {
  it.each([
    ["a name", "order-1", { json: '"order-1"' }],
    ["an id that begins as a number", "12ab", { json: '"12ab"' }],
    ["a number, which it becomes", "12e3", { string: "12e3" }],
    ["a word of JSON", "true", { string: "true" }],
    ["a quoted text, which loses its quotes", '"a"', { string: '"a"' }],
  ])("is, for %s", (_, text, data) => {
    expect(metadataText(text)).toEqual(data);
  });

  it("comes to what the library makes of the text itself", () => {
    const text = fc.oneof(fc.json(), fc.string(), fc.stringMatching(/^[0-9a-f]{1,6}$/), fc.double().map(String));
    fc.assert(
      fc.property(text, (sent) => {
        const { string, json } = metadataText(sent);
        expect(json ? JSON.parse(json) : parsedIfJson(string ?? "")).toEqual(parsedIfJson(sent));
      }),
      { numRuns: 1_000 },
    );
  });
});

function parsedIfJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

describe("the result of a function", () => {
  it.each([
    ["nothing", undefined, null],
    ["null", null, null],
    ["an empty value", {}, null],
    ["an object", { json: '{"a":1}' }, '{"a":1}'],
    ["a string", { string: 'a"b' }, String.raw`"a\"b"`],
    ["an empty string", { string: "" }, '""'],
    ["an integer", { int: 0 }, "0"],
    ["a fraction", { double: 0.5 }, "0.5"],
    ["what JSON numbers cannot hold", { double: Number.NaN }, '"NaN"'],
    ["bytes", { bytes: new Uint8Array([1, 2, 255]) }, '"AQL/"'],
  ])("is JSON text for %s", (_, value, expected) => {
    expect(resultJson(value)).toBe(expected);
  });
});

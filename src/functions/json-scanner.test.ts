import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_DEPTH, MAX_VALUES, scanJson } from "./json-scanner.ts";

const codeOf = (text: string) => {
  try {
    scanJson(text);
    return "accepted";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("the scanner in front of JSON.parse", () => {
  it("accepts every JSON text that JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 2, "\t"), (value, space) => {
        fc.pre(!JSON.stringify(value).includes('"__proto__":'));
        expect(codeOf(JSON.stringify(value, null, space))).toBe("accepted");
      }),
    );
  });

  it("refuses every text that JSON.parse refuses", () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom("", ",", "]", "}", ":", '"', "\\", "x", "0", "-"),
        (json, at, put) => {
          const text = json.slice(0, at % json.length) + put + json.slice((at % json.length) + 1);
          if (codeOf(text) === "accepted") expect(() => JSON.parse(text)).not.toThrow();
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("accepts 64 levels and refuses the 65th", () => {
    expect(MAX_DEPTH).toBe(64);
    expect(codeOf("[".repeat(64) + "]".repeat(64))).toBe("accepted");
    expect(codeOf("[".repeat(65) + "]".repeat(65))).toBe("BODY_TOO_DEEP");
    expect(codeOf(`${'{"a":'.repeat(65)}1${"}".repeat(65)}`)).toBe("BODY_TOO_DEEP");
  });

  it("gives up after 64 levels, however many there are", () => {
    expect(codeOf("[".repeat(1_000_000))).toBe("BODY_TOO_DEEP");
  });

  it("accepts 100,000 values and refuses one more", () => {
    expect(MAX_VALUES).toBe(100_000);
    expect(codeOf(`[${Array(99_999).fill(0).join(",")}]`)).toBe("accepted");
    expect(codeOf(`[${Array(100_000).fill(0).join(",")}]`)).toBe("BODY_TOO_DEEP");
  });

  it.each([
    ['{"a":1,"a":2}', "a key that stands twice"],
    ['{"a":1,"\\u0061":2}', "a key that stands twice, once escaped"],
    ['{"__proto__":{}}', "__proto__"],
    ['[{"b":{"\\u005f_proto__":1}}]', "__proto__, escaped and further down"],
    ["1e999", "a number that becomes Infinity"],
    ["[-1e999]", "a number that becomes -Infinity"],
    ["9007199254740993", "a whole number that becomes another one"],
    ["9007199254740993.0", "the same with a fraction"],
    ["9.007199254740993e15", "the same with an exponent"],
    ["3.141592653589793238", "more digits than a number has"],
    ["1e-999", "a number that becomes zero"],
    [`0.${"3".repeat(101)}`, "more digits than can be written back"],
    ["", "nothing"],
    ["01", "a leading zero"],
    ["[1,]", "a comma too many"],
    ['{"a"}', "a key without a value"],
    ["[1}", "brackets that do not match"],
    ['"\u0001"', "a control character in a string"],
    ["1 2", "two values"],
    ["NaN", "a word JSON does not have"],
  ])("refuses %s: %s", (text) => {
    expect(codeOf(text)).toBe("BODY_NOT_JSON");
  });

  it.each([
    '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
    "9007199254740992",
    "9007199254740992.0",
    "1152921504606846976",
    "-0",
    "0.000e-999",
    "1.50",
    "100",
    "1e21",
    "0.10000000000000001",
    "4.9406564584124654e-324",
    "1.7976931348623157E+308",
    " [ ] ",
  ])("accepts %s", (text) => {
    expect(codeOf(text)).toBe("accepted");
  });

  it("accepts every number as JavaScript writes it, and as systems do that write 17 digits", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect([String(number), number.toPrecision(17), number.toExponential()].map(codeOf)).toEqual(
          Array(3).fill("accepted"),
        );
      }),
    );
  });

  it("looks at a number of a mebibyte no longer than at other text", () => {
    expect(codeOf(`1${"0".repeat(1 << 19)}1`)).toBe("BODY_NOT_JSON");
    expect(codeOf(`0.${"10".repeat(1 << 18)}`)).toBe("BODY_NOT_JSON");
    expect(codeOf(`0.${"0".repeat(1 << 19)}`)).toBe("accepted");
  });

  it("reads strings of a mebibyte, plain and escaped, in one go", () => {
    expect(codeOf(JSON.stringify("x".repeat(1 << 20)))).toBe("accepted");
    expect(codeOf(JSON.stringify("\n".repeat(1 << 19)))).toBe("accepted");
    expect(codeOf(`"${"x".repeat(1 << 20)}`)).toBe("BODY_NOT_JSON");
  });
});

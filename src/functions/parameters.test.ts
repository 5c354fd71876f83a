import { HttpRequest } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { readParameter, readWaitMs, readWholeNumber } from "./parameters.ts";

const request = (query: Record<string, string>, headers: Record<string, string> = {}) =>
  new HttpRequest({ method: "POST", url: "http://localhost:7071/api/workflows/A/run", query, headers });

describe("waiting for the end of a run", () => {
  it.each([
    [{}, {}, undefined],
    [{ waitForResponse: "false", timeoutSeconds: "5" }, {}, undefined],
    [{ waitForResponse: "true" }, {}, 10_000],
    [{ waitForResponse: "True", timeoutSeconds: "200" }, {}, 200_000],
    [{}, { "x-ms-wait-for-response": "true" }, 10_000],
    [{ waitForResponse: "true" }, { "x-ms-wait-for-response": "false" }, undefined],
  ])("with the query %j and the headers %j takes %s ms", (query, headers, expected) => {
    expect(readWaitMs(request(query as Record<string, string>, headers as Record<string, string>))).toBe(expected);
  });

  it.each([
    [{ waitForResponse: "yes" }, 'waitForResponse is "yes"'],
    [{ waitForResponse: "" }, 'waitForResponse is ""'],
    [{ timeoutSeconds: "0" }, "a whole number from 1 to 200"],
    [{ timeoutSeconds: "201" }, 'timeoutSeconds is "201"'],
    [{ timeoutSeconds: "1.5" }, 'timeoutSeconds is "1.5"'],
    [{ timeoutSeconds: "1e2" }, 'timeoutSeconds is "1e2"'],
  ])("refuses %j", (query, words) => {
    expect(() => readWaitMs(request(query as Record<string, string>))).toThrow(words);
    expect(() => readWaitMs(request(query as Record<string, string>))).toThrow(
      expect.objectContaining({ code: "PARAMETER_INVALID" }),
    );
  });

  it("lets the header win over a query parameter that makes no sense", () => {
    expect(readWaitMs(request({ waitForResponse: "?" }, { "x-ms-wait-for-response": "true" }))).toBe(10_000);
  });
});

it.each(["runId", "timeoutSeconds", "waitForResponse", "after"])(
  "refuses the query parameter %s when it stands twice",
  (name) => {
    const twice = new HttpRequest({
      method: "GET",
      url: `http://localhost:7071/api/x?${name}=1&${name}=1`,
      query: { [name]: "1" },
    });
    expect(() => readParameter(twice, name)).toThrow(expect.objectContaining({ code: "PARAMETER_INVALID" }));
    expect(() => readParameter(twice, name)).toThrow(`The query parameter ${name} is "1, 1".`);
    expect(readParameter(twice, "other")).toBeNull();
  },
);

it("reads a whole number of the query, or nothing where it is left out", () => {
  expect(readWholeNumber(request({ after: "12" }), "after", 0, 100)).toBe(12);
  expect(readWholeNumber(request({}), "after", 0, 100)).toBeUndefined();
});

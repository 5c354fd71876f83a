import { HttpRequest } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { readInput, readJson, readOptionalJson } from "./body.ts";

const post = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
  new HttpRequest({
    method: "POST",
    url: "http://localhost:7071/api/workflows/CancelOrder/run",
    headers,
    body: { bytes: typeof body === "string" ? Buffer.from(body) : body },
  });
const json = { "content-type": "application/json" };
const text = { "content-type": "text/plain" };
const refusedWith = (code: string) => expect.objectContaining({ code });

describe("the input of a run", () => {
  it("is the JSON value of the body", async () => {
    expect(await readInput(post('{"orderIds":["1"]}', json))).toEqual({ orderIds: ["1"] });
    expect(await readInput(post("12345", { "content-type": "Application/JSON; charset=UTF-8" }))).toBe(12345);
  });

  it("is the text itself when the body is text, even where it looks like JSON", async () => {
    expect(await readInput(post("12345", text))).toBe("12345");
    expect(await readInput(post('{"a":1,"a":2}', { "content-type": "text/plain;charset=utf-8" }))).toBe(
      '{"a":1,"a":2}',
    );
    expect(await readInput(post("", text))).toBe("");
  });

  it("is null without a body and a content type, and no JSON at all when the JSON is missing", async () => {
    expect(await readInput(post(""))).toBeNull();
    await expect(readInput(post("", json))).rejects.toThrow(refusedWith("BODY_NOT_JSON"));
  });

  it("may have one mebibyte and no byte more, whatever the header says", async () => {
    expect(await readInput(post("é".repeat(1 << 19), text))).toHaveLength(1 << 19);
    await expect(readInput(post(`${"é".repeat(1 << 19)}x`, text))).rejects.toThrow(refusedWith("BODY_TOO_LARGE"));
    const claimed = { ...text, "content-length": "1048577" };
    await expect(readInput(post("x", claimed))).rejects.toThrow(refusedWith("BODY_TOO_LARGE"));
  });

  it.each<[Record<string, string>, string]>([
    [{}, "no type"],
    [{ "content-type": "application/x-www-form-urlencoded" }, "what curl -d sends unless told otherwise"],
    [{ "content-type": "application/json; charset=utf-16" }, "another charset"],
    [{ "content-type": "application/json", "content-encoding": "gzip" }, "compressed"],
  ])("is refused with %j: %s", async (headers) => {
    await expect(readInput(post("{}", headers))).rejects.toThrow(refusedWith("CONTENT_TYPE_UNSUPPORTED"));
  });

  it("is refused when it is not UTF-8", async () => {
    await expect(readInput(post(Uint8Array.of(0x22, 0xff, 0x22), json))).rejects.toThrow("not valid UTF-8");
    await expect(readInput(post(Uint8Array.of(0xff), text))).rejects.toThrow(refusedWith("BODY_NOT_JSON"));
  });

  it("keeps a byte order mark in text, and is refused with one in front of JSON", async () => {
    expect(await readInput(post("\ufeffJerry", text))).toBe("\ufeffJerry");
    await expect(readInput(post("\ufeff{}", json))).rejects.toThrow(refusedWith("BODY_NOT_JSON"));
  });

  it("names the first fault in the order size, type, encoding, JSON", async () => {
    const large = new Uint8Array((1 << 20) + 1).fill(0xff);
    await expect(readInput(post(large))).rejects.toThrow(refusedWith("BODY_TOO_LARGE"));
    await expect(readInput(post(Uint8Array.of(0xff)))).rejects.toThrow(refusedWith("CONTENT_TYPE_UNSUPPORTED"));
  });
});

describe("a body of JSON", () => {
  it("is not read as text", async () => {
    await expect(readJson(post("{}", text))).rejects.toThrow(refusedWith("CONTENT_TYPE_UNSUPPORTED"));
  });

  it("may be left out only where the route says so", async () => {
    expect(await readOptionalJson(post(""))).toBeUndefined();
    await expect(readJson(post("", json))).rejects.toThrow(refusedWith("BODY_NOT_JSON"));
  });
});

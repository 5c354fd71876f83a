import { expect, it } from "vitest";
import { retryAfterMsOf } from "./retry-after.ts";

const clock = { nowMs: () => Date.UTC(2026, 10, 23, 8) };
const askedBy = (fields: object, cause?: unknown) =>
  retryAfterMsOf(Object.assign(new Error("no", { cause }), fields), clock);

it.each<[string, object, number | undefined]>([
  ["milliseconds of its own", { retryAfterMs: 1_500 }, 1_500],
  ["seconds", { retryAfter: 2 }, 2_000],
  ["seconds as text", { retryAfter: "2" }, 2_000],
  ["an HTTP date", { retryAfter: "Mon, 23 Nov 2026 08:00:30 GMT" }, 30_000],
  ["a date that is over", { retryAfter: "Mon, 23 Nov 2026 07:00:00 GMT" }, 0],
  ["headers of fetch", { headers: new Headers({ "Retry-After": "3" }) }, 3_000],
  ["headers of a plain object, in any case", { responseHeaders: { "RETRY-AFTER": "3" } }, 3_000],
  ["headers of the answer it carries", { response: { headers: { "retry-after": "3" } } }, 3_000],
  ["milliseconds before seconds", { headers: { "retry-after": "3", "retry-after-ms": "2500" } }, 2_500],
  ["more than a day", { retryAfter: 1e9 }, 86_400_000],
  ["no more than that", { retryAfter: 86_400 }, 86_400_000],
  ["text that says nothing", { retryAfter: "soon" }, undefined],
  ["a negative time", { retryAfterMs: -1 }, undefined],
  ["nothing", {}, undefined],
])("an error may ask for %s", (_what, fields, milliseconds) => {
  expect(askedBy(fields)).toBe(milliseconds);
});

it("what its cause asks for counts as well", () => {
  expect(askedBy({}, Object.assign(new Error("429"), { retryAfter: 4 }))).toBe(4_000);
});

it.each([
  ["text", "no"],
  ["null", null],
  [
    "an object that refuses to be read",
    new Proxy(
      {},
      {
        get: () => {
          throw new Error("hands off");
        },
        ownKeys: () => {
          throw new Error("hands off");
        },
      },
    ),
  ],
  [
    "headers that refuse to be read",
    {
      headers: new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("hands off");
          },
        },
      ),
    },
  ],
])("what is no error asks for nothing: %s", (_what, thrown) => {
  expect(retryAfterMsOf(thrown, clock)).toBeUndefined();
});

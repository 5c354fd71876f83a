import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ERRORS } from "../src/errors.ts";

const text = readFileSync(new URL("../docs/errors.md", import.meta.url), "utf8");
const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \| (yes|no) \| (.+) \|$/gm)].map(
  ([, code = "", httpStatus, retryable, meaning]) => ({ code, httpStatus: Number(httpStatus), retryable, meaning }),
);

it("docs/errors.md explains every code of the catalogue, and no other", () => {
  expect(rows.map(({ code }) => code).sort()).toEqual(Object.keys(ERRORS).sort());
});

it("docs/errors.md gives each code the HTTP status and the retry of the catalogue", () => {
  const documented = Object.fromEntries(
    rows.map(({ code, httpStatus, retryable }) => [code, { httpStatus, retryable: retryable === "yes" }]),
  );
  expect(documented).toEqual(ERRORS);
});

it("docs/errors.md says of each code what it means and what to do, in two sentences at least", () => {
  const short = rows.filter(({ meaning = "" }) => (meaning.match(/\.(\s|$)/g) ?? []).length < 2);
  expect(short.map(({ code }) => code)).toEqual([]);
});

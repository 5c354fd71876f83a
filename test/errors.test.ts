import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ERRORS, isWorkflowError } from "../src/errors.ts";

const text = readFileSync(new URL("../docs/errors.md", import.meta.url), "utf8");
const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \| (yes|no) \| (.+) \|$/gm)].map(
  ([, code = "", httpStatus, retryable, meaning]) => ({ code, httpStatus: Number(httpStatus), retryable, meaning }),
);

it("docs/errors.md explains every code of the catalogue, and no other", () => {
  expect(rows.map(({ code }) => code).sort()).toEqual(Object.keys(ERRORS).sort());
});

it("takes an error for one of this library only by a code of the catalogue, not by a member that every object has", () => {
  expect(isWorkflowError(Object.assign(new Error(), { code: "RUN_NOT_FOUND" }))).toBe(true);
  expect(isWorkflowError(Object.assign(new Error(), { code: "constructor" }))).toBe(false);
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

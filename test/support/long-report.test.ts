import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { reportOf } from "./long-report.ts";
import { readLongResults } from "./long-result.ts";
import { recordLong } from "./long-suite.ts";

const CLAIM = "Nothing is lost";
const noon = { name: "kill", claim: CLAIM, seed: 7, run: "noon" };
const one = { name: "kill", claim: CLAIM, seed: 8, run: "one o'clock" };

it("shows what a suite found, with its counts", async () => {
  const folder = emptyFolder();
  await recordLong(noon, async ({ count }) => count("kills", 1_000), folder);
  expect(verdictsIn(folder, "noon")).toEqual(["## Nothing is lost: held"]);
  expect(reportOf(readLongResults(folder), "noon")).toContain("| kills | 1,000 |");
  expect(reportOf(readLongResults(folder), "noon")).not.toContain("earlier run");
});

it("shows of a suite that was killed that it did not finish, and not what it found the time before", async () => {
  const folder = emptyFolder();
  await recordLong(noon, async ({ count }) => count("kills", 1_000), folder);
  void recordLong(one, () => new Promise(() => {}), folder); // and then its process is gone
  expect(verdictsIn(folder, "one o'clock")).toEqual(["## Nothing is lost: **did not finish**"]);
  expect(reportOf(readLongResults(folder), "one o'clock")).not.toContain("1,000");
});

it("says of a suite that did not run this time that its result is of an earlier run", async () => {
  const folder = emptyFolder();
  await recordLong(noon, async () => {}, folder);
  expect(reportOf(readLongResults(folder), "one o'clock")).toContain("**Of an earlier run**");
});

it("shows that a suite did not hold", async () => {
  const folder = emptyFolder();
  await expect(recordLong(noon, () => Promise.reject(new Error("One was lost.")), folder)).rejects.toThrow();
  expect(verdictsIn(folder, "noon")).toEqual(["## Nothing is lost: **did not hold**"]);
});

function verdictsIn(folder: string, run: string): string[] {
  return reportOf(readLongResults(folder), run)
    .split("\n")
    .filter((line) => line.startsWith("## "));
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "long-results-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

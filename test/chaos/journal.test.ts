import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { openSqliteJournal } from "../../src/index.ts";

const KILLS = 8;
const RUNS = 60;

const folder = mkdtempSync(join(tmpdir(), "journal-chaos-"));
const file = join(folder, "runs.sqlite");
const ledger = join(folder, "ledger.txt");
const worker = fileURLToPath(new URL("./journal-worker.ts", import.meta.url));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the worker until it has said as many lines as told, then kills it. @returns all it said */
function live(generation: number, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [worker, file, ledger, String(generation), String(RUNS)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said: string[] = [];
  createInterface(child.stdout).on("line", (line) => {
    said.push(line);
    if (said.length === lines) child.kill("SIGKILL");
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) =>
      signal === "SIGKILL" ? resolve(said) : reject(new Error(`The worker ended with exit code ${code}.`)),
    );
  });
}

/** `runId callKey` of every outcome that is on disk. */
async function recorded(): Promise<{ readonly runIds: readonly string[]; readonly outcomes: ReadonlySet<string> }> {
  const journal = await openSqliteJournal({ file });
  const runs = Array.from({ length: RUNS }, (_, input) => journal.run(`run-${input}`)).filter((run) => run !== null);
  const outcomes = runs.flatMap(({ key, runId }) => {
    const entries = journal.trace(key).flatMap((row) => JSON.parse(`[${row}]`) as { outcome?: { callKey: string } }[]);
    return entries.flatMap(({ outcome }) => (outcome ? `${runId} ${outcome.callKey}` : []));
  });
  journal.close();
  return { runIds: runs.map(({ runId }) => runId), outcomes: new Set(outcomes) };
}

function callsOf(generation: number): string[] {
  const lines = readFileSync(ledger, "utf8").trimEnd().split("\n");
  return lines.filter((line) => line.startsWith(`${generation} `)).map((line) => line.slice(line.indexOf(" ") + 1));
}

it("keeps every acknowledged run through kills of its process, and repeats no call whose outcome is on disk", async () => {
  let onDisk: ReadonlySet<string> = new Set();
  for (let generation = 1; generation <= KILLS; generation += 1) {
    const said = await live(generation, 7 * generation);
    const { runIds, outcomes } = await recorded();
    const acknowledged = said.flatMap((line) => /^acknowledged (\S+)/.exec(line)?.[1] ?? []);
    expect(runIds).toEqual(expect.arrayContaining(acknowledged));
    expect(callsOf(generation).filter((call) => onDisk.has(call))).toEqual([]);
    onDisk = outcomes;
  }
  const said = await live(KILLS + 1, 2 * RUNS);
  const ended = said.filter((line) => line.startsWith("ended")).sort();
  expect(ended).toEqual(Array.from({ length: RUNS }, (_, input) => `ended run-${input} ${2 * input + 5}`).sort());
  expect(callsOf(KILLS + 1).filter((call) => onDisk.has(call))).toEqual([]);
  expect(onDisk.size).toBeGreaterThan(50);
}, 120_000);

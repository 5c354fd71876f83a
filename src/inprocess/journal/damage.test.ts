import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "../../graph/builder.ts";
import { defineExecutor } from "../../graph/executor.ts";
import { defineRequestPort } from "../../graph/request-port.ts";
import { createInProcessRunner } from "../runner.ts";
import type { JournalRun } from "./journal.ts";
import { openSqliteJournal } from "./sqlite.ts";
import { chainTrace, checkTrace, startOfTrace, type TraceRow } from "./trace-chain.ts";

const greet = defineExecutor({ id: "Greet", input: z.string(), output: z.string(), handle: (name) => `Dear ${name}` });
const sign = defineRequestPort({ id: "Sign", request: z.string(), response: z.string() });
const letter = new WorkflowBuilder("Letter", greet).addEdge(greet, sign).build();

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "damage-"));
  file = join(folder, "runs.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = async () => createInProcessRunner({ journal: await openSqliteJournal({ file }) });

/** Two runs that wait for an answer, and one that has ended; then the file is changed behind the runner's back. */
async function letters(damage: string): Promise<void> {
  const runner = await open();
  const ended = await runner.start(letter, "Ada", { runId: "ended" });
  await ended.respond(sign, "Bob");
  await ended.wait();
  for (const runId of ["one", "two"]) await (await runner.start(letter, runId, { runId })).nextRequest(sign);
  await runner.close();
  const database = new DatabaseSync(file);
  database.exec(damage);
  expect(Number(database.prepare("SELECT total_changes() AS n").get()?.n)).toBeGreaterThan(0);
  database.close();
}

const rowsOf = (runId: string) => `run = (SELECT key FROM runs WHERE run_id = '${runId}')`;

it.each([
  [
    "a letter in an outcome",
    `UPDATE trace SET entries = replace(entries, 'Dear one', 'Dear ore') WHERE ${rowsOf("one")}`,
  ],
  ["its first row missing", `DELETE FROM trace WHERE row = (SELECT min(row) FROM trace WHERE ${rowsOf("one")})`],
  [
    "rows of another run",
    `UPDATE trace SET entries = (SELECT entries FROM trace WHERE ${rowsOf("two")}) WHERE ${rowsOf("one")}`,
  ],
  ["another input", "UPDATE runs SET input = '\"Eve\"' WHERE run_id = 'one'"],
  ["another seed", "UPDATE runs SET seed = 'ff' WHERE run_id = 'one'"],
])("a run with %s is named, and the other one goes on", async (_what, damage) => {
  await letters(damage);
  const runner = await open();
  const { runIds, unreadable } = await runner.recover([letter]);
  expect(runIds).toEqual(["two"]);
  expect(unreadable).toMatchObject([{ runId: "one", error: { code: "HISTORY_DAMAGED" } }]);
  expect(unreadable[0]?.error.message).toContain('What the journal holds of run "one" is damaged');
  await expect(runner.open(letter, "one").status()).rejects.toMatchObject({ code: "HISTORY_DAMAGED" });
  await runner.open(letter, "two").respond(sign, "Bob");
  expect(await runner.open(letter, "two").output()).toBe("Bob");
  await runner.close();
});

it.each([
  ["its last row missing", `DELETE FROM trace WHERE row = (SELECT max(row) FROM trace WHERE ${rowsOf("ended")})`],
  ["the mark of an open one", "UPDATE runs SET is_open = 1 WHERE run_id = 'ended'"],
])("an ended run with %s is refused", async (_what, damage) => {
  await letters(damage);
  const runner = await open();
  await expect(runner.open(letter, "ended").status()).rejects.toMatchObject({ code: "HISTORY_DAMAGED" });
  await runner.close();
});

it("a plan that is not what was written is used by no run", async () => {
  await letters("UPDATE plans SET plan = replace(plan, '10000', '10001')");
  const runner = await open();
  // Of a workflow that is deployed with the very same plan, the journal's copy is not read.
  expect((await runner.recover([letter])).runIds).toEqual(["one", "two"]);
  await runner.close();
  const other = await open();
  const { runIds, unreadable } = await other.recover([]);
  expect(runIds).toEqual([]);
  expect(unreadable.map(({ runId, error }) => [runId, error.code])).toEqual([
    ["one", "HISTORY_DAMAGED"],
    ["two", "HISTORY_DAMAGED"],
  ]);
  await other.close();
});

it("runs of a file without checksums go on, and have them from then on", async () => {
  await letters(`UPDATE trace SET checksum = NULL; UPDATE runs SET checksum = NULL; UPDATE plans SET checksum = NULL;`);
  const runner = await open();
  expect((await runner.recover([letter])).runIds).toEqual(["one", "two"]);
  await runner.open(letter, "one").respond(sign, "Bob");
  expect(await runner.open(letter, "one").output()).toBe("Bob");
  await runner.close();
  const database = new DatabaseSync(file);
  database.exec(`DELETE FROM trace WHERE row = (SELECT max(row) FROM trace WHERE ${rowsOf("one")})`);
  database.close();
  const again = await open();
  await expect(again.open(letter, "one").status()).rejects.toMatchObject({ code: "HISTORY_DAMAGED" });
  await again.close();
});

it("every one of 2,000 flipped bits is seen", () => {
  const run: JournalRun = {
    key: 7,
    runId: "run-7",
    workflow: "Letter",
    plan: "0123456789abcdef",
    inputJson: '"a desk 🪑"',
    inputHash: "00",
    seed: "ff",
    startedAtMs: 1_764_000_000_000,
    isOpen: true,
    forkedStateJson: null,
  };
  const rows: TraceRow[] = [];
  let checksum = startOfTrace(run);
  for (const entries of ["first, one", "zweite, één", "third"]) {
    checksum = chainTrace(checksum, entries);
    rows.push({ entries, checksum });
  }
  expect(checkTrace(run, startOfTrace(run), rows)).toBe(checksum);
  let seen = 0;
  for (let flip = 0; flip < 2_000; flip++) {
    const damaged = rows.map((row, place) => (place === flip % rows.length ? flipped(row, flip) : row));
    try {
      checkTrace(run, startOfTrace(run), damaged);
    } catch (error) {
      expect(error).toMatchObject({ code: "HISTORY_DAMAGED" });
      seen += 1;
    }
  }
  expect(seen).toBe(2_000);
});

/** One bit of the text, or of the checksum. */
function flipped({ entries, checksum }: TraceRow, flip: number): TraceRow {
  if (flip % 5 === 0) return { entries, checksum: ((checksum ?? 0) ^ (1 << (flip % 31))) >>> 0 };
  const at = flip % entries.length;
  const changed = String.fromCharCode(entries.charCodeAt(at) ^ (1 << (flip % 7)));
  return { entries: entries.slice(0, at) + changed + entries.slice(at + 1), checksum };
}

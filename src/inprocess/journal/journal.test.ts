import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type JournalPlace, journalPlaces } from "../../../test/support/journals.ts";
import type { Journal, JournalRun, JournalWrite } from "./journal.ts";
import { openSqliteJournal } from "./sqlite.ts";

const withCode = (code: string) => expect.objectContaining({ code });

const run = (key: number, more: Partial<JournalRun> = {}): JournalRun => ({
  key,
  runId: `run-${key}`,
  workflow: "Chain",
  plan: "0123456789abcdef",
  inputJson: '"a desk 🪑"',
  inputHash: "00",
  seed: "ff",
  startedAtMs: 1_764_000_000_000,
  isOpen: true,
  forkedStateJson: null,
  ...more,
});
const add = (key: number, more: Partial<JournalRun> = {}): JournalWrite => ({ kind: "addRun", run: run(key, more) });
const append = (key: number, entries: string): JournalWrite => ({ kind: "appendTrace", key, entries });

describe.each(journalPlaces)("a journal in %s", (_kind, makePlace) => {
  let place: JournalPlace;
  let journal: Journal;
  beforeEach(async () => {
    place = makePlace();
    journal = await place.open();
  });
  afterEach(() => {
    journal.close();
    place.remove();
  });

  it("is empty at first", () => {
    expect([journal.nextKey(), journal.openRuns(), journal.run("run-1"), journal.plan("00"), journal.trace(1)]).toEqual(
      [1, [], null, null, []],
    );
  });

  it("keeps how runs were started, across a restart", async () => {
    journal.commit([add(1), add(2, { forkedStateJson: "{}", workflow: "Other" })]);
    journal.close();
    journal = await place.open();
    expect(journal.run("run-1")).toEqual(run(1));
    expect(journal.openRuns()).toEqual([run(1), run(2, { forkedStateJson: "{}", workflow: "Other" })]);
    expect(journal.nextKey()).toBe(3);
  });

  it("keeps the traces of runs apart, each in order", () => {
    journal.commit([add(1), add(2), append(1, "1"), append(2, "10"), append(1, "2,3")]);
    journal.commit([append(1, "4")]);
    expect([journal.trace(1), journal.trace(2), journal.trace(3)]).toEqual([["1", "2,3", "4"], ["10"], []]);
  });

  it("does not count an ended run among the open ones, and keeps it", () => {
    journal.commit([add(1), add(2)]);
    journal.commit([{ kind: "endRun", key: 1 }]);
    expect(journal.openRuns().map(({ runId }) => runId)).toEqual(["run-2"]);
    expect(journal.run("run-1")).toEqual(run(1, { isOpen: false }));
  });

  it("deletes a run with its trace, and frees its id", () => {
    journal.commit([add(1), append(1, "1")]);
    journal.commit([{ kind: "deleteRun", key: 1 }]);
    expect([journal.run("run-1"), journal.trace(1), journal.openRuns()]).toEqual([null, [], []]);
    journal.commit([add(2, { runId: "run-1" })]);
    expect(journal.run("run-1")).toEqual(run(2, { runId: "run-1" }));
  });

  it("keeps each plan once", () => {
    journal.commit([{ kind: "addPlan", fingerprint: "0123456789abcdef", planJson: "{}" }, add(1)]);
    journal.commit([{ kind: "addPlan", fingerprint: "0123456789abcdef", planJson: "{}" }]);
    expect([journal.plan("0123456789abcdef"), journal.plan("00")]).toEqual(["{}", null]);
  });

  it("applies all writes of a commit or none", () => {
    journal.commit([add(1)]);
    expect(() => journal.commit([add(2), append(1, "1"), add(3, { runId: "run-1" })])).toThrow(
      withCode("STORE_WRITE_FAILED"),
    );
    expect([journal.run("run-2"), journal.trace(1)]).toEqual([null, []]);
    journal.commit([append(1, "2")]);
    expect(journal.trace(1)).toEqual(["2"]);
  });
});

describe("the file of a journal", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "journal-"));
    file = join(folder, "data", "runs.sqlite");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is made with its folder, readable by this user only", async () => {
    const journal = await openSqliteJournal({ file });
    const modeOf = (path: string): number => statSync(path).mode & 0o777;
    expect([modeOf(join(folder, "data")), modeOf(file), modeOf(`${file}-wal`)]).toEqual([0o700, 0o600, 0o600]);
    journal.close();
  });

  it("is in use while another runner has it, and the refusal names its process", async () => {
    const journal = await openSqliteJournal({ file });
    const refusal = await openSqliteJournal({ file }).catch((error: unknown) => error);
    expect(refusal).toEqual(withCode("STORE_IN_USE"));
    expect(String(refusal)).toContain(`in use by process ${process.pid} on `);
    journal.close();
    (await openSqliteJournal({ file })).close();
  });

  it("is refused to another process, and free again the moment its owner is killed", async () => {
    const journal = await openSqliteJournal({ file });
    expect(openElsewhere(file).stdout).toContain("STORE_IN_USE");
    journal.close();
    expect(openElsewhere(file, "die")).toMatchObject({ signal: "SIGKILL", stdout: "opened\n" });
    const next = await openSqliteJournal({ file });
    expect(next.plan("0123456789abcdef")).toBe(null); // no run uses it
    next.close();
  });

  it("drops plans that no run uses any more when it is opened", async () => {
    const journal = await openSqliteJournal({ file });
    const plan = (fingerprint: string) => ({ kind: "addPlan", fingerprint, planJson: "{}" }) as const;
    journal.commit([plan("0123456789abcdef"), plan("ffff"), add(1)]);
    journal.close();
    const next = await openSqliteJournal({ file });
    expect([next.plan("0123456789abcdef"), next.plan("ffff")]).toEqual(["{}", null]);
    next.close();
  });

  it("is refused politely when a newer version wrote it", async () => {
    (await openSqliteJournal({ file })).close();
    const database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 99");
    database.close();
    await expect(openSqliteJournal({ file })).rejects.toThrow(
      expect.objectContaining({ code: "STORE_UNREADABLE", message: expect.stringContaining("schema version 99") }),
    );
  });

  it("is refused when it is a database of another kind, and stays as it is", async () => {
    const other = join(folder, "other.sqlite");
    const database = new DatabaseSync(other);
    database.exec("CREATE TABLE instances (key INTEGER); PRAGMA user_version = 1");
    database.close();
    const before = readFileSync(other);
    await expect(openSqliteJournal({ file: other })).rejects.toThrow(
      expect.objectContaining({ code: "STORE_UNREADABLE", message: expect.stringContaining("another kind") }),
    );
    expect(readFileSync(other).equals(before)).toBe(true);
  });

  it("is refused when it is no database, and stays as it is", async () => {
    const text = "not a database, ".repeat(1_000);
    const other = join(folder, "notes.txt");
    writeFileSync(other, text);
    await expect(openSqliteJournal({ file: other })).rejects.toThrow(withCode("STORE_UNREADABLE"));
    expect(readFileSync(other, "utf8")).toBe(text);
  });

  it("is refused with its path when the folder cannot be made", async () => {
    writeFileSync(join(folder, "data"), "");
    await expect(openSqliteJournal({ file })).rejects.toThrow(
      expect.objectContaining({ code: "STORE_UNREADABLE", message: expect.stringContaining(file) }),
    );
  });

  it.skipIf(process.getuid?.() === 0)("is refused when it may not be written", async () => {
    (await openSqliteJournal({ file })).close();
    chmodSync(file, 0o400);
    await expect(openSqliteJournal({ file })).rejects.toThrow(withCode("STORE_UNREADABLE"));
  });
});

const opener = fileURLToPath(new URL("../../../test/support/open-journal.ts", import.meta.url));

function openElsewhere(file: string, ...then: string[]) {
  return spawnSync(process.execPath, [opener, file, ...then], { encoding: "utf8" });
}

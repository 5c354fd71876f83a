import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorkflowError } from "../../src/errors.ts";
import type { Journal, JournalWrite } from "../../src/inprocess/journal/journal.ts";
import { createMemoryJournal } from "../../src/inprocess/journal/memory.ts";
import { openSqliteJournal } from "../../src/inprocess/journal/sqlite.ts";

/** A place that keeps a journal while runners come and go. */
export interface JournalPlace {
  /** Opens the journal; what was opened before has to be closed, or to have died. */
  open(): Promise<Journal>;
  remove(): void;
}

export const journalPlaces: readonly [string, () => JournalPlace][] = [
  ["memory", memoryPlace],
  ["SQLite", sqlitePlace],
];

function memoryPlace(): JournalPlace {
  const journal = createMemoryJournal();
  return { open: async () => journal, remove: () => {} };
}

function sqlitePlace(): JournalPlace {
  const folder = mkdtempSync(join(tmpdir(), "journal-"));
  return {
    open: () => openSqliteJournal({ file: join(folder, "runs.sqlite") }),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

export interface FaultyJournal extends Journal {
  /** What the commits held, also of those that failed. */
  readonly commits: readonly (readonly JournalWrite[])[];
}

/** What happens to the commit of this number, from 1: it fails before it wrote anything, or after it wrote everything. */
export type JournalFault = (commit: number) => "before" | "after" | null;

/** A journal whose commits fail as told; reads go on. */
export function faultyJournal(journal: Journal, fault: JournalFault): FaultyJournal {
  const commits: (readonly JournalWrite[])[] = [];
  const fail = (): never => {
    throw new WorkflowError("STORE_WRITE_FAILED", "The disk is full, said the test.", "Make room.");
  };
  return {
    commits,
    commit(writes) {
      commits.push(writes);
      const when = fault(commits.length);
      if (when === "before") fail();
      journal.commit(writes);
      if (when === "after") fail();
    },
    nextKey: () => journal.nextKey(),
    run: (runId) => journal.run(runId),
    openRuns: () => journal.openRuns(),
    plan: (fingerprint) => journal.plan(fingerprint),
    trace: (key) => journal.trace(key),
    close: () => journal.close(),
  };
}

import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { z } from "zod";
import { WorkflowError } from "../../errors.ts";
import type { Journal, JournalRun, JournalWrite } from "./journal.ts";
import { openJournalFile } from "./journal-file.ts";
import { READS, WRITES } from "./schema.ts";

export interface SqliteJournalOptions {
  /** Path of the database file; it and its folder are made when missing, readable by this user only. */
  readonly file: string;
}

/**
 * Opens a journal in one SQLite file, with every commit on disk before it is acknowledged. One process owns the file; the
 * next one can have it as soon as the owner closes it or dies. Needs Node 22.16 or newer (`node:sqlite`).
 *
 * @throws {WorkflowError} `STORE_IN_USE` while another process owns the file, `STORE_UNREADABLE` for a file that is no
 *   journal, cannot be opened, or was written by a newer version
 */
export async function openSqliteJournal({ file }: SqliteJournalOptions): Promise<Journal> {
  return new SqliteJournal(await openJournalFile(file));
}

const runRow = z.object({
  key: z.number(),
  runId: z.string(),
  workflow: z.string(),
  plan: z.string(),
  inputJson: z.string(),
  inputHash: z.string(),
  seed: z.string(),
  startedAtMs: z.number(),
  isOpen: z.number().transform((flag) => flag === 1),
  forkedStateJson: z.string().nullable(),
});

class SqliteJournal implements Journal {
  // The one strong reference: statements do not keep their database alive.
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  commit(writes: readonly JournalWrite[]): void {
    try {
      this.#run(WRITES.begin);
      for (const write of writes) this.#apply(write);
      this.#run(WRITES.commit);
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw new WorkflowError(
        "STORE_WRITE_FAILED",
        `The journal could not be written: ${error instanceof Error ? error.message : String(error)}.`,
        "Nothing was changed. Check the disk's free space and permissions, then try again.",
        { cause: error },
      );
    }
  }

  nextKey(): number {
    return Number(this.#prepared(READS.nextKey).get()?.nextKey);
  }

  run(runId: string): JournalRun | null {
    const row = this.#prepared(READS.run).get(runId);
    return row ? runRow.parse(row) : null;
  }

  openRuns(): JournalRun[] {
    return this.#prepared(READS.openRuns)
      .all()
      .map((row) => runRow.parse(row));
  }

  plan(fingerprint: string): string | null {
    const row = this.#prepared(READS.plan).get(fingerprint);
    return row ? String(row.plan) : null;
  }

  trace(key: number): string[] {
    return this.#prepared(READS.trace)
      .all(key)
      .map(({ entries }) => String(entries));
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #apply(write: JournalWrite): void {
    switch (write.kind) {
      case "addPlan":
        this.#run(WRITES.addPlan, write.fingerprint, write.planJson);
        break;
      case "addRun": {
        const { key, runId, workflow, plan, inputJson, inputHash, seed, startedAtMs, isOpen } = write.run;
        const how = [inputJson, inputHash, seed, startedAtMs, isOpen ? 1 : 0, write.run.forkedStateJson];
        this.#run(WRITES.addRun, key, runId, workflow, plan, ...how);
        break;
      }
      case "appendTrace":
        this.#run(WRITES.appendTrace, write.key, write.entries);
        break;
      case "endRun":
        this.#run(WRITES.endRun, write.key);
        break;
      case "deleteRun":
        this.#run(WRITES.deleteTrace, write.key);
        this.#run(WRITES.deleteRun, write.key);
        break;
    }
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepared(sql).run(...values);
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

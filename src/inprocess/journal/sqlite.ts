import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { z } from "zod";
import { WorkflowError } from "../../errors.ts";
import type { Journal, JournalRun, JournalWrite } from "./journal.ts";
import { openJournalFile } from "./journal-file.ts";
import { READS, WRITES } from "./schema.ts";
import { chainTrace, checksumOfPlan, checkTrace, damagedPlan, startOfTrace, type TraceRow } from "./trace-chain.ts";

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

const traceRow = z.object({ entries: z.string(), checksum: z.number().nullable() });
const planRow = z.object({ plan: z.string(), checksum: z.number().nullable() });

class SqliteJournal implements Journal {
  // The one strong reference: statements do not keep their database alive.
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** By the key of an open run: the checksum that the next row of its trace is chained to. */
  readonly #chains = new Map<number, number>();

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
      this.#chains.clear(); // what was not written is not chained to; the rows say where each trace stands
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
    if (!row) return null;
    const { plan, checksum } = planRow.parse(row);
    if (checksum === null || checksum === checksumOfPlan(fingerprint, plan)) return plan;
    throw damagedPlan(fingerprint);
  }

  trace(key: number): string[] {
    return this.#checked(key).rows.map(({ entries }) => entries);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  /** The trace of a run, found to be what was written; empty for a run that is not there. */
  #checked(key: number): { readonly rows: readonly TraceRow[]; readonly checksum: number } {
    const found = this.#prepared(READS.runWithChecksum).get(key);
    if (!found) return { rows: [], checksum: 0 };
    const { checksum: runChecksum, ...run } = runRow.extend({ checksum: z.number().nullable() }).parse(found);
    const rows = this.#prepared(READS.trace)
      .all(key)
      .map((row) => traceRow.parse(row));
    const checksum = checkTrace(run, runChecksum, rows);
    if (run.isOpen) this.#chains.set(key, checksum);
    return { rows, checksum };
  }

  #chainOf(key: number): number {
    return this.#chains.get(key) ?? this.#checked(key).checksum;
  }

  #apply(write: JournalWrite): void {
    switch (write.kind) {
      case "addPlan":
        this.#run(WRITES.addPlan, write.fingerprint, write.planJson, checksumOfPlan(write.fingerprint, write.planJson));
        break;
      case "addRun": {
        const { key, runId, workflow, plan, inputJson, inputHash, seed, startedAtMs, isOpen } = write.run;
        const how = [inputJson, inputHash, seed, startedAtMs, isOpen ? 1 : 0, write.run.forkedStateJson];
        const checksum = startOfTrace(write.run);
        this.#run(WRITES.addRun, key, runId, workflow, plan, ...how, checksum);
        this.#chains.set(key, checksum);
        break;
      }
      case "appendTrace": {
        const checksum = chainTrace(this.#chainOf(write.key), write.entries);
        this.#run(WRITES.appendTrace, write.key, write.entries, checksum);
        this.#chains.set(write.key, checksum);
        break;
      }
      case "endRun":
        this.#run(WRITES.endRun, this.#chainOf(write.key), write.key);
        this.#chains.delete(write.key);
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

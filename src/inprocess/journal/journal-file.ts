import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { WorkflowError } from "../../errors.ts";
import { APPLICATION_ID, DELETE_UNUSED_PLANS, MIGRATIONS } from "./schema.ts";

/**
 * Opens the file and owns it until it is closed or the process dies: by an exclusive lock of the operating system, so that a
 * killed owner leaves nothing to clean up.
 */
export async function openJournalFile(file: string): Promise<DatabaseSync> {
  const { DatabaseSync } = await import("node:sqlite");
  let database: DatabaseSync | undefined;
  try {
    makePrivateFile(file);
    database = new DatabaseSync(file, { timeout: 0 });
    claim(database, file);
    migrate(database, file);
    database.exec(DELETE_UNUSED_PLANS);
    return database;
  } catch (error) {
    database?.close();
    throw openFailure(error, file);
  }
}

function makePrivateFile(file: string): void {
  const made = mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (made !== undefined) chmodSync(dirname(file), 0o700); // the mode of mkdir is cut by the umask
  closeSync(openSync(file, "a", 0o600));
}

/** In exclusive mode the lock is taken by the first write and held until the file is closed. */
function claim(database: DatabaseSync, file: string): void {
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  refuseOtherKinds(database, file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY");
  database.exec("BEGIN EXCLUSIVE; COMMIT");
  const note = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  writeFileSync(noteOf(file), JSON.stringify(note), { mode: 0o600 });
}

function refuseOtherKinds(database: DatabaseSync, file: string): void {
  const tables = Number(database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n);
  if (tables === 0 || pragma(database, "application_id") === APPLICATION_ID) return;
  throw unreadable(file, "is a database of another kind", "Choose another file; nothing was changed in this one.");
}

function migrate(database: DatabaseSync, file: string): void {
  const found = pragma(database, "user_version");
  if (found > MIGRATIONS.length) {
    const what = `has schema version ${found}, and this version of the library knows ${MIGRATIONS.length}`;
    throw unreadable(file, what, "Use the newer version that wrote it, or choose another file.");
  }
  for (let version = found; version < MIGRATIONS.length; version += 1) {
    const pragmas = `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version + 1}`;
    database.exec(`BEGIN IMMEDIATE; ${MIGRATIONS[version]}; ${pragmas}; COMMIT`);
  }
}

function pragma(database: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;

function openFailure(error: unknown, file: string): WorkflowError {
  if (error instanceof WorkflowError) return error;
  const code = (error as { errcode?: number }).errcode;
  if (code === SQLITE_BUSY || code === SQLITE_LOCKED) {
    return new WorkflowError(
      "STORE_IN_USE",
      `The journal ${file} is in use by ${ownerOf(file)}.`,
      "End that process, or open another file.",
      { cause: error },
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return unreadable(
    file,
    `cannot be opened: ${reason}`,
    "Check the path, that this user may write it, and that it is a journal.",
    error,
  );
}

function unreadable(file: string, what: string, whatToDo: string, cause?: unknown): WorkflowError {
  return new WorkflowError("STORE_UNREADABLE", `The journal ${file} ${what}.`, whatToDo, { cause });
}

const owner = z.object({ pid: z.number(), host: z.string(), since: z.string() });

/** For the sentence only: the lock decides. The note stays behind after a kill, and pids are used again. */
function ownerOf(file: string): string {
  try {
    const { pid, host, since } = owner.parse(JSON.parse(readFileSync(noteOf(file), "utf8")));
    return `process ${pid} on ${host}, since ${since}`;
  } catch {
    return "another process"; // no note, or half of one: the owner is just starting
  }
}

function noteOf(file: string): string {
  return `${file}.owner`;
}

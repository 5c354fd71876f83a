import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { WorkflowError } from "../errors.ts";
import { claimedBy, claimFile } from "./owner.ts";

/** What a database file is for. */
export interface DatabaseKind {
  /** As sentences name it. */
  readonly name: string;
  /** Stands in the header of the file, so that no kind is taken for another. */
  readonly applicationId: number;
  /** Files of this kind were made before they bore the mark. */
  readonly mayBeUnmarked?: true;
  /** Made so that {@link giveBack} can make it smaller. */
  readonly canShrink?: true;
  /** In order; the place in this list, counted from 1, is the schema version that the step leads to. Never edited. */
  readonly migrations: readonly string[];
  /** What to do when another process has the file. */
  readonly whenInUse: string;
  /** What to do when a newer version wrote it. */
  readonly whenNewer: string;
  /** What to do when it cannot be opened. */
  readonly whenUnreadable: string;
}

/**
 * Opens a SQLite file and owns it until it is closed or the process dies: by an exclusive lock of the operating system, so
 * that a killed owner leaves nothing to clean up. Every commit is on disk when it returns. The file and its folder are made
 * when missing, readable by this user only.
 *
 * @throws {WorkflowError} `STORE_IN_USE` while another process owns the file, `STORE_UNREADABLE` for a file of another kind,
 *   one that cannot be opened, or that a newer version wrote
 */
export async function openDatabaseFile(file: string, kind: DatabaseKind): Promise<DatabaseSync> {
  const { DatabaseSync } = await import("node:sqlite");
  let database: DatabaseSync | undefined;
  try {
    makePrivateFile(file);
    database = new DatabaseSync(file, { timeout: 0 });
    claim(database, file, kind);
    migrate(database, file, kind);
    return database;
  } catch (error) {
    database?.close();
    throw openFailure(error, file, kind);
  }
}

function makePrivateFile(file: string): void {
  const made = mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (made !== undefined) chmodSync(dirname(file), 0o700); // the mode of mkdir is cut by the umask
  closeSync(openSync(file, "a", 0o600));
}

/** In exclusive mode the lock is taken by the first write and held until the file is closed. */
function claim(database: DatabaseSync, file: string, kind: DatabaseKind): void {
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  refuseOtherKinds(database, file, kind);
  // Counts only in a file that is still empty.
  if (kind.canShrink) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON",
  );
  database.exec("BEGIN EXCLUSIVE; COMMIT");
  claimFile(file);
}

function refuseOtherKinds(database: DatabaseSync, file: string, kind: DatabaseKind): void {
  const tables = Number(database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n);
  const mark = pragma(database, "application_id");
  if (tables === 0 || mark === kind.applicationId || (mark === 0 && kind.mayBeUnmarked)) return;
  const whatToDo = "Choose another file; nothing was changed in this one.";
  throw unreadable(file, kind, "is a database of another kind", whatToDo);
}

function migrate(database: DatabaseSync, file: string, kind: DatabaseKind): void {
  const { migrations, applicationId } = kind;
  const found = pragma(database, "user_version");
  if (found > migrations.length) {
    const what = `has schema version ${found}, and this version knows ${migrations.length}`;
    throw unreadable(file, kind, what, kind.whenNewer);
  }
  for (let version = found; version < migrations.length; version += 1) {
    const pragmas = `PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version + 1}`;
    database.exec(`BEGIN IMMEDIATE; ${migrations[version]}; ${pragmas}; COMMIT`);
  }
}

/** How many pages one call gives back: some milliseconds of work. */
const PAGES_A_PIECE = 500;

/** True when deletions have left pages that {@link giveBack} would give back. */
export function hasFreePages(database: DatabaseSync): boolean {
  return pragma(database, "freelist_count") > 0;
}

/**
 * Makes the file smaller by some of the pages that deletions have left, and with the last of them empties SQLite's own log,
 * which still has what was deleted.
 *
 * @returns true when there are more
 */
export function giveBack(database: DatabaseSync): boolean {
  const before = pragma(database, "freelist_count");
  database.exec(`PRAGMA incremental_vacuum(${PAGES_A_PIECE})`);
  const left = pragma(database, "freelist_count");
  // A file of an older version gives nothing back.
  if (left > 0 && left < before) return true;
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  return false;
}

function pragma(database: DatabaseSync, name: "user_version" | "application_id" | "freelist_count"): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;

function openFailure(error: unknown, file: string, kind: DatabaseKind): WorkflowError {
  if (error instanceof WorkflowError) return error;
  const code = (error as { errcode?: number }).errcode;
  if (code === SQLITE_BUSY || code === SQLITE_LOCKED) {
    const whatIsWrong = `The ${kind.name} ${file} is in use by ${claimedBy(file)}.`;
    return new WorkflowError("STORE_IN_USE", whatIsWrong, kind.whenInUse, { cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return unreadable(file, kind, `cannot be opened: ${reason}`, kind.whenUnreadable, error);
}

function unreadable(
  file: string,
  { name }: DatabaseKind,
  what: string,
  whatToDo: string,
  cause?: unknown,
): WorkflowError {
  return new WorkflowError("STORE_UNREADABLE", `The ${name} ${file} ${what}.`, whatToDo, { cause });
}

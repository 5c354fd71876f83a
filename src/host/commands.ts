import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { isWorkflowError, WorkflowError } from "../errors.ts";
import { applyLocalValues } from "./app/environment.ts";
import { readLocalSettings } from "./app/local-settings.ts";
import { readHostSettings } from "./app/settings.ts";
import { notedAddress } from "./host-address.ts";
import { storeFile } from "./store-file.ts";
import { loadSystemKey } from "./system-key.ts";

export interface Command {
  readonly name: "export" | "import";
  /** The run to export, or the file to import. */
  readonly target: string;
  readonly appDir: string;
  readonly dataDir: string;
  /** Where the exported run goes; null for `RUN.run.json` in this folder. */
  readonly out: string | null;
  /** Takes the run out of the store when the file is written. */
  readonly isMove: boolean;
}

/** @returns null when the arguments name no command: then a host is started */
export function parseCommand(args: readonly string[], workingDir: string): Command | null {
  const [name, ...rest] = args;
  if (name !== "export" && name !== "import") return null;
  const { values, positionals } = readArgs(rest);
  const [target, ...more] = positionals;
  if (target === undefined || more.length > 0) {
    const what = name === "export" ? "a run" : "a file";
    throw invalid(`"${name}" takes the name of ${what}, and nothing else.`);
  }
  const appDir = resolve(workingDir, values.app ?? ".");
  return {
    name,
    target: name === "import" ? resolve(workingDir, target) : target,
    appDir,
    dataDir: values.data === undefined ? resolve(appDir, ".data") : resolve(workingDir, values.data),
    out: values.out === undefined ? null : resolve(workingDir, values.out),
    isMove: values.move ?? false,
  };
}

function readArgs(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        app: { type: "string" },
        data: { type: "string" },
        out: { type: "string" },
        move: { type: "boolean" },
      },
    });
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function invalid(sentence: string): WorkflowError {
  return new WorkflowError("SETTING_INVALID", sentence, "Start with --help to see the commands.");
}

/**
 * Moves a run out of a store or into one. A host that runs on it gives a copy of a run, and nothing else.
 *
 * @returns what was done, in a sentence
 * @throws {WorkflowError} `STORE_IN_USE`, `STORE_UNREADABLE`, `RUN_NOT_FOUND`, `EXPORT_REFUSED`, `RUN_FILE_INVALID`,
 *   `RUN_EXISTS` …
 */
export async function runCommand(command: Command): Promise<string> {
  applyLocalValues(process.env, readLocalSettings(command.appDir));
  const { hubName } = readHostSettings(command.appDir, process.env);
  const file = storeFile(command.dataDir, hubName);
  const { openSqliteStore } = await import("./store/sqlite.ts");
  try {
    const store = await openSqliteStore({ file, whenInUse: stopFirst(command) });
    try {
      return command.name === "export" ? await exportTo(command, store) : await importFrom(command, store);
    } finally {
      store.close();
    }
  } catch (error) {
    const isInUse = isWorkflowError(error) && error.code === "STORE_IN_USE";
    const copied = isInUse && command.name === "export" && !command.isMove ? await copyFromHost(command, file) : null;
    if (copied === null) throw error;
    return copied;
  }
}

/** A running host gives a copy of a run. @returns null when no host answers; then some other process owns the store */
async function copyFromHost(command: Command, file: string): Promise<string | null> {
  const { target, dataDir } = command;
  const url = notedAddress(file);
  const { exportOverHttp } = await import("./transfer/export-over-http.ts");
  const text = url && (await exportOverHttp(url, loadSystemKey(dataDir), target));
  if (!text) return null;
  const out = fileFor(command);
  writeSafely(out, text);
  return `Run "${target}" is copied to ${out}. The host at ${url} goes on with it: answer only one of the two.`;
}

/** What changes a store has to wait until its host has stopped. */
function stopFirst({ name, isMove }: Command): string {
  const copy = isMove ? "; without --move, a running host gives a copy" : "";
  return `Stop that host (Ctrl-C, or SIGTERM to its process), ${name} the run, and start the host again${copy}.`;
}

type Store = Awaited<ReturnType<typeof import("./store/sqlite.ts")["openSqliteStore"]>>;

async function exportTo(command: Command, store: Store): Promise<string> {
  const [{ exportRun }, { readRunFile, writeRunFile }] = await Promise.all([
    import("./transfer/export-run.ts"),
    import("./transfer/run-file.ts"),
  ]);
  const { target, isMove } = command;
  const { content, removal } = exportRun(store, target);
  const file = fileFor(command);
  writeSafely(file, writeRunFile(content));
  if (isMove) {
    // It is about to be the only copy.
    readRunFile(read(file));
    store.commit(removal);
  }
  const what = isMove ? "is moved to" : "is copied to";
  const told = `Run "${target}" ${what} ${file}, with ${content.instances.length - 1} open sub-orchestrations.`;
  return isMove ? told + giveBack(store) : told;
}

/** Of what was taken out nothing is left in the file, and the file is smaller by it. @returns what to say when it is not */
function giveBack(store: Store): string {
  try {
    while (store.hasLeftovers) store.giveBack();
    return "";
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return ` The store keeps its room until the next start of a host: ${reason}.`;
  }
}

function fileFor({ target, out }: Command): string {
  return out ?? join(process.cwd(), `${encodeURIComponent(target)}.run.json`);
}

async function importFrom({ target }: Command, store: Store): Promise<string> {
  const [{ importRun }, { readRunFile }] = await Promise.all([
    import("./transfer/import-run.ts"),
    import("./transfer/run-file.ts"),
  ]);
  const [runId, ...children] = importRun(store, readRunFile(read(target)));
  return `Run "${runId}" is imported, with ${children.length} open sub-orchestrations. The next start of a host takes it up.`;
}

/** Whole and on disk when it returns, for this user alone, and never over another file; when it throws, it leaves none. */
function writeSafely(file: string, text: string): void {
  try {
    const handle = openSync(file, "wx", 0o600);
    try {
      writeFileSync(handle, text);
      fsyncSync(handle);
      syncFolder(dirname(file));
    } catch (error) {
      rmSync(file, { force: true });
      throw error;
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw fileFailure(file, "written", error);
  }
}

/** The name of a new file is on disk when its folder is. Windows opens no folders, and needs none of it. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw fileFailure(file, "read", error);
  }
}

function fileFailure(file: string, what: string, error: unknown): WorkflowError {
  const reason = error instanceof Error ? error.message : String(error);
  return new WorkflowError("SETTING_INVALID", `${file} cannot be ${what}: ${reason}.`, "Name another file.", {
    cause: error,
  });
}

import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { WorkflowError } from "../errors.ts";
import { applyLocalValues } from "./app/environment.ts";
import { readLocalSettings } from "./app/local-settings.ts";
import { readHostSettings } from "./app/settings.ts";
import { storeFile } from "./store-file.ts";

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
 * Moves a run out of a store or into one. No host may run on it meanwhile.
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
  const store = await openSqliteStore({ file });
  try {
    return command.name === "export" ? await exportTo(command, store) : await importFrom(command, store);
  } finally {
    store.close();
  }
}

type Store = Awaited<ReturnType<typeof import("./store/sqlite.ts")["openSqliteStore"]>>;

async function exportTo({ target, out, isMove }: Command, store: Store): Promise<string> {
  const [{ exportRun }, { writeRunFile }] = await Promise.all([
    import("./transfer/export-run.ts"),
    import("./transfer/run-file.ts"),
  ]);
  const { content, removal } = exportRun(store, target);
  const file = out ?? join(process.cwd(), `${encodeURIComponent(target)}.run.json`);
  writeSafely(file, writeRunFile(content));
  if (isMove) store.commit(removal);
  const what = isMove ? "is moved to" : "is copied to";
  return `Run "${target}" ${what} ${file}, with ${content.instances.length - 1} open sub-orchestrations.`;
}

async function importFrom({ target }: Command, store: Store): Promise<string> {
  const [{ importRun }, { readRunFile }] = await Promise.all([
    import("./transfer/import-run.ts"),
    import("./transfer/run-file.ts"),
  ]);
  const [runId, ...children] = importRun(store, readRunFile(read(target)));
  return `Run "${runId}" is imported, with ${children.length} open sub-orchestrations. The next start of a host takes it up.`;
}

/** On disk when it returns, for this user alone, and never over another file. */
function writeSafely(file: string, text: string): void {
  try {
    const handle = openSync(file, "wx", 0o600);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw fileFailure(file, "written", error);
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

import { existsSync, globSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { WorkflowError } from "../../errors.ts";
import type { WriteLog } from "../log.ts";
import { wantsHttpStreams } from "./capabilities.ts";
import { Core } from "./core.ts";
import type { ProgrammingModel } from "./core-types.ts";
import { withReadOnly } from "./hooks.ts";
import { installCore } from "./install-core.ts";
import { readJsonFile } from "./json-file.ts";
import { loadClientLate } from "./late-packages.ts";

const packageFile = z.object({ main: z.string().min(1).optional(), type: z.string().optional() });

export interface LoadedApp {
  readonly appDir: string;
  readonly core: Core;
  readonly model: ProgrammingModel;
}

/**
 * `@azure/functions` keeps its registrations for the life of the process, so an app is loaded once: it is here, or why it
 * is not.
 */
let loaded: LoadedApp | WorkflowError | null = null;

/**
 * Loads the files that `main` of the app's package.json names. A second call for the same folder gives the app that is
 * loaded already.
 *
 * @throws {WorkflowError} `APP_LOAD_FAILED`, also for a second folder in one process
 */
export async function loadApp(appDir: string, write: WriteLog): Promise<LoadedApp> {
  if (loaded) return loadedAgain(loaded, appDir, write);
  const { files, isModule } = entryFiles(appDir);
  const core = new Core(write);
  installCore(core.api);
  loadClientLate();
  loaded = new WorkflowError(
    "APP_LOAD_FAILED",
    `An earlier start in this process could not load the app in ${appDir}.`,
    "Start a new process.",
  );
  for (const file of files) await loadFile(file, isModule);
  loaded = { appDir, core, model: modelOf(core, appDir) };
  return loaded;
}

function loadedAgain(app: LoadedApp | WorkflowError, appDir: string, write: WriteLog): LoadedApp {
  if (app instanceof WorkflowError) throw app;
  if (app.appDir !== appDir) {
    throw new WorkflowError(
      "APP_LOAD_FAILED",
      `This process has loaded the app in ${app.appDir}, so it cannot load the one in ${appDir}.`,
      "Start one process for each app.",
    );
  }
  app.core.writeTo(write);
  return app;
}

/** @returns absolute paths in the order of their names */
export function entryFiles(appDir: string): { readonly files: readonly string[]; readonly isModule: boolean } {
  const manifest = join(appDir, "package.json");
  const found = readJsonFile(manifest, packageFile, "APP_LOAD_FAILED");
  if (!found?.main) {
    throw new WorkflowError(
      "APP_LOAD_FAILED",
      found ? `${manifest} has no "main", so the host does not know what to load.` : `${manifest} does not exist.`,
      'Start the host in the folder of the app, or name it with --app; its package.json needs a "main" such as "dist/functions/*.js".',
    );
  }
  const files = matchingFiles(appDir, found.main).sort();
  if (files.length === 0) {
    throw new WorkflowError(
      "APP_LOAD_FAILED",
      `"main" of ${manifest} is "${found.main}", and no file matches it.`,
      "Build the app, or correct the pattern.",
    );
  }
  return { files: files.map((file) => resolve(appDir, file)), isModule: found.type === "module" };
}

/** What most apps say, a file or all files of a folder with one ending, costs no pattern library. */
function matchingFiles(appDir: string, pattern: string): string[] {
  const [, folder, ending] = /^([\w./-]+)\/\*(\.\w+)$/.exec(pattern) ?? [];
  if (folder !== undefined && ending !== undefined) {
    if (!existsSync(join(appDir, folder))) return [];
    const names = readdirSync(join(appDir, folder)).filter((name) => name.endsWith(ending) && !name.startsWith("."));
    return names.map((name) => join(folder, name));
  }
  if (/^[\w./-]+$/.test(pattern)) return existsSync(join(appDir, pattern)) ? [pattern] : [];
  return globSync(pattern, { cwd: appDir });
}

async function loadFile(file: string, isModule: boolean): Promise<void> {
  try {
    if (/\.m[jt]s$/.test(file) || (isModule && !/\.c[jt]s$/.test(file))) await import(pathToFileURL(file).href);
    else createRequire(file)(file);
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new WorkflowError(
      "APP_LOAD_FAILED",
      `${file} failed while it was loaded: ${reason}`,
      "Correct the error; a Functions host would not start this app either.",
      { cause: error },
    );
  }
}

function modelOf(core: Core, appDir: string): ProgrammingModel {
  if (core.model) return core.model;
  throw new WorkflowError(
    "APP_LOAD_FAILED",
    `The app in ${appDir} was loaded and registered nothing with @azure/functions version 4.`,
    'Register functions with app.http(…), df.app.orchestration(…) and so on, in the files that "main" names.',
  );
}

/**
 * Ends the start of the app: hooks, then no more registrations, then what the app asks of its host.
 *
 * @returns whether it wants to stream HTTP
 */
export async function beginApp({ appDir, core, model }: LoadedApp): Promise<boolean> {
  const { appLevelData: hookData, appData: appHookData } = core.hooks;
  await core.hooks.run("appStart", withReadOnly({ functionAppDirectory: appDir }, { hookData, appHookData }));
  core.lock();
  return wantsHttpStreams(model);
}

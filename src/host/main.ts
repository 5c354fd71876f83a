#!/usr/bin/env -S node --max-semi-space-size=8
import { isWorkflowError, WorkflowError } from "../errors.ts";
import { parseCommand, runCommand } from "./commands.ts";
import { keepCompiledCode } from "./compile-cache.ts";
import { bannerLines, writeToConsole } from "./console.ts";
import type { LocalHost } from "./local-host.ts";
import { parseCommandLine, USAGE } from "./options.ts";

const NODE_MAJOR = 24;
const FORCED_EXIT_CODE = 130;
/** The host bounds all that it waits for; this is for what nobody thought of. The state is on disk all the same. */
const STOP_WITHIN_MS = 4_500;

await main();

async function main(): Promise<void> {
  try {
    requireNode();
    const args = process.argv.slice(2);
    const command = parseCommand(args, process.cwd());
    if (command) return console.log(await runCommand(command));
    const { isHelp, ...options } = parseCommandLine(args, process.cwd());
    const { appDir, dataDir } = options;
    if (isHelp) return console.log(USAGE);
    stopOnAppCrash();
    keepCompiledCode(appDir);
    // Loaded here, since an older Node cannot even link it.
    const { startLocalHost } = await import("./local-host.ts");
    enter(appDir);
    const host = await startLocalHost({ ...options, write: writeToConsole });
    // Before anybody hears that it is ready, and ends it.
    stopOnSignals(host);
    console.log(bannerLines(host, dataDir).join("\n"));
  } catch (error) {
    fail(error);
  }
}

/** Apps read files relative to their own folder, where Core Tools starts them too. */
function enter(appDir: string): void {
  try {
    process.chdir(appDir);
  } catch (error) {
    throw new WorkflowError(
      "APP_LOAD_FAILED",
      `There is no folder ${appDir}.`,
      "Name the folder of an app with --app.",
      {
        cause: error,
      },
    );
  }
}

function requireNode(): void {
  if (Number(process.versions.node.split(".", 1)[0]) >= NODE_MAJOR) return;
  console.error(
    `This host needs the SQLite of a newer Node than this ${process.version}. Run it with Node ${NODE_MAJOR} or newer.`,
  );
  process.exit(1);
}

function stopOnSignals(host: LocalHost): void {
  let isStopping = false;
  const stop = () => {
    if (isStopping) process.exit(FORCED_EXIT_CODE);
    isStopping = true;
    console.log("Stopping. Press Ctrl-C again to stop at once.");
    setTimeout(
      () => fail(`Nothing stopped within ${STOP_WITHIN_MS} ms, so the host ends now.`),
      STOP_WITHIN_MS,
    ).unref();
    // Timers and connections of the app may still be open, so the end is not left to Node.
    host.close().then(() => process.exit(0), fail);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

/** The app shares this process: what it throws outside of a function ends both, and the next start goes on. */
function stopOnAppCrash(): void {
  process.on("uncaughtException", (error) => {
    console.error("The app threw outside of a function, so the host stops. Open runs go on at its next start.");
    fail(error);
  });
}

/** Errors of this library say what to do; of any other the stack is the best there is. */
function fail(error: unknown): never {
  if (isWorkflowError(error)) console.error(`${error.code}: ${error.message}`);
  else console.error(error);
  process.exit(1);
}

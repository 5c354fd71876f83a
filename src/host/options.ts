import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { WorkflowError } from "../errors.ts";

export interface CommandLine {
  readonly appDir: string;
  readonly dataDir: string;
  /** null: what `local.settings.json` says, else 7071. */
  readonly port: number | null;
  readonly isHelp: boolean;
}

export const USAGE = `Runs a function app (@azure/functions 4, durable-functions 3) in this process, with its state in SQLite.

  --port N     port on the loopback addresses; 0 takes a free one (7071)
  --data DIR   folder for the state (.data in the folder of the app)
  --app DIR    folder of the app, with host.json and package.json (this folder)`;

/** @throws {WorkflowError} `SETTING_INVALID` */
export function parseCommandLine(args: readonly string[], workingDir: string): CommandLine {
  const { port, data, app, help } = readFlags(args);
  const appDir = resolve(workingDir, app ?? ".");
  return {
    appDir,
    dataDir: data === undefined ? resolve(appDir, ".data") : resolve(workingDir, data),
    port: port === undefined ? null : toPort(port),
    isHelp: help ?? false,
  };
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: "string", short: "p" },
        data: { type: "string" },
        app: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const sentence = /[.!?]$/.test(reason) ? reason : `${reason}.`;
    throw new WorkflowError("SETTING_INVALID", sentence, "Start with --help to see the options.", { cause: error });
  }
}

function toPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new WorkflowError("SETTING_INVALID", `--port is "${text}".`, "Give a whole number from 0 to 65535.");
}

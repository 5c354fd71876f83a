import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { WorkflowError } from "../errors.ts";

export interface CommandLine {
  readonly appDir: string;
  readonly dataDir: string;
  /** null: what `local.settings.json` says, else 7071. */
  readonly port: number | null;
  /** null: what `local.settings.json` says, else loopback alone. */
  readonly address: string | null;
  readonly allowedHosts: readonly string[];
  /** null: what the environment says. */
  readonly token: string | null;
  readonly checksKeys: boolean;
  readonly isHelp: boolean;
}

export const USAGE = `Runs a function app (@azure/functions 4, durable-functions 3) in this process, with its state in SQLite.

  --port N     port on the loopback addresses; 0 takes a free one (7071)
  --data DIR   folder for the state (.data in the folder of the app)
  --app DIR    folder of the app, with host.json and package.json (this folder)

  --enable-auth     asks callers for keys, as Azure does; they are made in keys.json of the data folder
  --token TEXT      asks for keys, and takes this one (16 characters at least) for everything; better set it as
                    DURABLE_HOST_TOKEN in the environment, since others see the arguments of a process
  --address ADDR    listens on this address too, or on all with 0.0.0.0; needs one of the two above
  --allow-host NAME answers requests to this name, too; may stand more than once

Commands (--app and --data as above):

  export RUN [--out FILE]   writes a run into a file, also while a host runs on the data folder
  export RUN --move         takes the run out of the data folder, too; no host may run on it
  import FILE               puts an exported run into the data folder; no host may run on it`;

/** @throws {WorkflowError} `SETTING_INVALID` */
export function parseCommandLine(args: readonly string[], workingDir: string): CommandLine {
  const { port, data, app, help, ...flags } = readFlags(args);
  const appDir = resolve(workingDir, app ?? ".");
  return {
    appDir,
    dataDir: data === undefined ? resolve(appDir, ".data") : resolve(workingDir, data),
    port: port === undefined ? null : toPort(port),
    address: flags.address ?? null,
    allowedHosts: flags["allow-host"] ?? [],
    token: flags.token ?? null,
    checksKeys: flags["enable-auth"] ?? false,
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
        address: { type: "string" },
        "allow-host": { type: "string", multiple: true },
        token: { type: "string" },
        "enable-auth": { type: "boolean" },
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

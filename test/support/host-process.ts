import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../dist/host/main.js", import.meta.url));

export interface HostProcess {
  readonly url: string;
  /** Every line the host has printed so far. */
  readonly lines: readonly string[];
  /** Ends the process by its own pid and waits until it is gone. */
  end(signal: "SIGTERM" | "SIGINT" | "SIGKILL"): Promise<{ code: number | null; signal: string | null }>;
}

interface HostProcessOptions {
  readonly appDir?: string;
  readonly dataDir: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts the built local host as a process of its own on a free port, and waits until it is ready. */
export function startHostProcess({ appDir, dataDir, environment }: HostProcessOptions): Promise<HostProcess> {
  const app = appDir === undefined ? [] : ["--app", appDir];
  // No code of host or app may need the accessor by which data could change prototypes.
  const options = ["--disable-proto=throw", main, ...app, "--data", dataDir, "--port", "0"];
  const child = spawn(process.execPath, options, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    const read = (line: string) => {
      lines.push(line);
      const url = /^Host is ready: (\S+)/.exec(line)?.[1];
      if (url) resolve({ url, lines, end: (signal) => end(child, signal) });
    };
    createInterface(child.stdout).on("line", read);
    createInterface(child.stderr).on("line", read);
    child.once("exit", (code) => reject(new Error(`The host ended with exit code ${code}:\n${lines.join("\n")}`)));
  });
}

function end(child: ChildProcess, signal: "SIGTERM" | "SIGINT" | "SIGKILL") {
  return new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve({ code: child.exitCode, signal: child.signalCode });
      return;
    }
    child.once("exit", (code, endedBy) => resolve({ code, signal: endedBy }));
    child.kill(signal);
  });
}

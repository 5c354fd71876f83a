import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** No code of host or app may need the accessor `__proto__`, by which data could change prototypes. */
const NODE_OPTIONS = ["--disable-warning=ExperimentalWarning", "--disable-proto=throw"];
const MAIN = fileURLToPath(new URL("../../../src/host/main.ts", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A host in a process of its own. */
export interface HostProcess {
  readonly child: ChildProcess;
  readonly output: readonly string[];
  /** Resolves with the URL of the line that says the host is ready; rejects when the process ends before. */
  readonly ready: Promise<string>;
  readonly ended: Promise<Ended>;
  /** Resolves once a line with this text has been written. */
  written(text: string): Promise<void>;
  /** Sends a signal to this process alone, and waits for its end. */
  end(signal: NodeJS.Signals): Promise<Ended>;
}

export function appFolder(name: string): string {
  return fileURLToPath(new URL(`../apps/${name}`, import.meta.url));
}

export function startHostProcess(args: readonly string[], environment: NodeJS.ProcessEnv = {}): HostProcess {
  const output: string[] = [];
  const watchers = new Set<() => void>();
  const child = spawn(process.execPath, [...NODE_OPTIONS, MAIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  const ended = new Promise<Ended>((resolve) => child.once("close", (code, signal) => resolve({ code, signal })));
  const ready = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on("line", (line) => {
        output.push(line);
        for (const look of watchers) look();
        const url = /^Host is ready: (\S+)/.exec(line)?.[1];
        if (url) resolve(url);
      });
    }
    void ended.then(() => reject(new Error(`The host ended before it was ready:\n${output.join("\n")}`)));
  });
  // A test that waits for the end alone does not look at this.
  ready.catch(() => undefined);
  return {
    child,
    output,
    ready,
    ended,
    written(text) {
      return new Promise((resolve) => {
        const look = () => {
          if (!output.some((line) => line.includes(text))) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      });
    },
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../dist/host/main.js", import.meta.url));
const benchApp = fileURLToPath(new URL("../app/", import.meta.url));

export interface BenchHost {
  readonly url: string;
  post<Body>(path: string, body: unknown): Promise<Body>;
  get<Body>(path: string): Promise<Body>;
  /** Of the host's process, as Linux counts it: what it takes now, or the most it took; NaN on other systems. */
  memoryMb(which: "now" | "peak"): number;
  /** Ends the process, and waits until it is gone; its data stay. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Ends it, and removes a data folder that was made for it alone. */
  stop(): Promise<void>;
}

/** A data folder for several lives of a host. */
export function makeDataFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "durable-workflows-bench-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

interface BenchHostOptions {
  /** One of its own when left out. */
  readonly dataDir?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** The built local host in a process of its own, serving `bench/app`. */
export async function startBenchHost({ dataDir, environment = {} }: BenchHostOptions = {}): Promise<BenchHost> {
  const own = dataDir === undefined ? makeDataFolder() : undefined;
  const child = spawn(
    process.execPath,
    // The first line of main.ts has the same.
    ["--max-semi-space-size=8", main, "--app", benchApp, "--data", dataDir ?? own?.path ?? "", "--port", "0"],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...environment },
    },
  );
  const url = await untilReady(child);
  const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });
  const send = <Body>(method: string, path: string, body?: unknown) => call<Body>(agent, method, `${url}${path}`, body);
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    agent.destroy();
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  };
  return {
    url,
    post: (path, body) => send("POST", path, body),
    get: (path) => send("GET", path),
    memoryMb: (which) => memoryMb(child.pid, which),
    end,
    async stop() {
      await end("SIGTERM");
      own?.remove();
    },
  };
}

/** A host on a data folder that nobody needs afterwards. */
export async function withBenchHost<Result>(work: (host: BenchHost) => Promise<Result>): Promise<Result> {
  const host = await startBenchHost();
  try {
    return await work(host);
  } finally {
    await host.stop();
  }
}

function untilReady(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) throw new Error("The host was started without a pipe for its output. Start it with one.");
    createInterface(child.stdout).on("line", (line) => {
      const url = /^Host is ready: (\S+)/.exec(line)?.[1];
      if (url) resolve(url);
    });
    child.once("exit", (code) => reject(new Error(`The host ended with exit code ${code}. Run npm run build first.`)));
  });
}

function memoryMb(pid: number | undefined, which: "now" | "peak"): number {
  if (process.platform !== "linux") return Number.NaN;
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = new RegExp(`${which === "now" ? "VmRSS" : "VmHWM"}:\\s+(\\d+) kB`).exec(status)?.[1];
  return Number(kilobytes) / 1_024;
}

function call<Body>(agent: Agent, method: string, url: string, body: unknown): Promise<Body> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
    const outgoing = request(url, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const answer = Buffer.concat(chunks).toString("utf8");
        const isFine = (response.statusCode ?? 500) < 300;
        isFine ? resolve(JSON.parse(answer)) : reject(new Error(`${method} ${url}: ${response.statusCode} ${answer}`));
      });
    });
    outgoing.on("error", reject);
    outgoing.end(text);
  });
}

/** Runs `work` for 0, 1, … `count - 1`, at most `concurrency` at a time. */
export async function inParallel(
  count: number,
  concurrency: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

export async function secondsFor(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

/** Every figure is the median of so many samples; one is enough for a quick look. */
export const SAMPLES = process.env.BENCH_QUICK ? 1 : 5;

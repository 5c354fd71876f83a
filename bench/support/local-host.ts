import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
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
  stop(): Promise<void>;
}

/** The built local host in a process of its own, on a data folder of its own, serving `bench/app`. */
export async function startBenchHost(): Promise<BenchHost> {
  const data = mkdtempSync(join(tmpdir(), "durable-workflows-bench-"));
  const child = spawn(process.execPath, [main, "--app", benchApp, "--data", data, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await untilReady(child);
  const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });
  const send = <Body>(method: string, path: string, body?: unknown) => call<Body>(agent, method, `${url}${path}`, body);
  return {
    url,
    post: (path, body) => send("POST", path, body),
    get: (path) => send("GET", path),
    async stop() {
      agent.destroy();
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
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

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { styleText } from "node:util";
import type { RunEvent, RunStatus } from "durable-workflows";

const main = fileURLToPath(new URL("../../dist/host/main.js", import.meta.url));

/** The local host as a process of its own, over a data folder that goes with it: what a demo talks to, kills and starts again. */
export class DemoHost {
  readonly dataDir = mkdtempSync(join(tmpdir(), "durable-workflows-demo-"));
  readonly #environment: NodeJS.ProcessEnv;
  #running: RunningHost | undefined;

  private constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /** @param environment - settings of the app, beside those of this process */
  static async start(environment: NodeJS.ProcessEnv = {}): Promise<DemoHost> {
    const host = new DemoHost(environment);
    await host.#start();
    return host;
  }

  get url(): string {
    if (!this.#running) throw new Error("The host is not running.");
    return this.#running.url;
  }

  async killAndRestart(when: string): Promise<void> {
    title(`The host is killed with SIGKILL ${when}`);
    await this.#end("SIGKILL");
    const startedAt = performance.now();
    await this.#start();
    say(`Back after ${Math.round(performance.now() - startedAt)} ms at ${this.url}`);
  }

  /** Ends the host and deletes its data. */
  async close(): Promise<void> {
    await this.#end("SIGTERM");
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  startRun(workflow: string, input: string): Promise<{ runId: string }> {
    return this.post(`workflows/${workflow}/run`, input, "text/plain");
  }

  respond(workflow: string, runId: string, eventName: string, response: unknown): Promise<unknown> {
    return this.post(`workflows/${workflow}/respond/${runId}`, JSON.stringify({ eventName, response }));
  }

  async untilStatus(workflow: string, runId: string, isThere: (run: RunStatus) => boolean): Promise<RunStatus> {
    let run: RunStatus | undefined;
    await this.until(`run ${runId}`, async () => {
      run = await this.get<RunStatus>(`workflows/${workflow}/status/${runId}`);
      return isThere(run);
    });
    return run as RunStatus;
  }

  untilEnd(workflow: string, runId: string): Promise<RunStatus> {
    return this.untilStatus(workflow, runId, ({ status }) => status !== "Running" && status !== "Pending");
  }

  /** By the wall clock: the host is another process. */
  async until(what: string, isThere: () => Promise<boolean>): Promise<void> {
    for (let attempt = 0; attempt < 1_200; attempt++) {
      if (await isThere()) return;
      await delay(50);
    }
    throw new Error(`Waited a minute for ${what}. Look at ${this.url}.`);
  }

  /** Prints the events of a run, one a line, with the time since its beginning. */
  async showTimeline({ workflow, runId, createdAt }: RunStatus): Promise<void> {
    const { events } = await this.get<{ events: RunEvent[] }>(`workflows/${workflow}/events/${runId}`);
    const startedAt = Date.parse(events[0]?.at ?? createdAt);
    for (const event of events) {
      const seconds = ((Date.parse(event.at) - startedAt) / 1_000).toFixed(3).padStart(8);
      say(
        `${seconds} s  superstep ${String(event.superstep).padEnd(2)} ${event.type.padEnd(18)} ${subjectOf(event)}`.trimEnd(),
      );
    }
  }

  get<Body>(path: string): Promise<Body> {
    return this.#call(path, {});
  }

  post<Body>(path: string, body: string, contentType = "application/json"): Promise<Body> {
    return this.#call(path, { method: "POST", body, headers: { "content-type": contentType } });
  }

  async #call<Body>(path: string, init: RequestInit): Promise<Body> {
    const response = await fetch(`${this.url}/api/${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  async #start(): Promise<void> {
    const child = spawn(process.execPath, [main, "--data", this.dataDir, "--port", "0"], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...this.#environment },
    });
    this.#running = await new Promise<RunningHost>((resolve, reject) => {
      createInterface(child.stdout).on("line", (line) => {
        const url = /^Host is ready: (\S+)/.exec(line)?.[1];
        if (url) resolve({ child, url });
      });
      child.once("exit", (code) => reject(new Error(`The host ended with exit code ${code}. Read its lines above.`)));
    });
  }

  async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const { child } = this.#running ?? {};
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }
}

interface RunningHost {
  readonly child: ChildProcess;
  readonly url: string;
}

export function title(text: string): void {
  console.log(`\n${styleText("bold", text)}`);
}

export function say(text: string): void {
  console.log(`  ${text}`);
}

function subjectOf(event: RunEvent): string {
  if (!("executorId" in event)) return "";
  const frame = "frame" in event && event.frame !== undefined ? `${event.frame}~` : "";
  const output = event.type === "runOutput" ? `: ${JSON.stringify(event.output)}` : "";
  return `${frame}${event.executorId}${output}`;
}

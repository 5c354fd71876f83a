// Plays the served workflows against a host of its own: a chain, then approvals with a SIGKILL in between.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { styleText } from "node:util";
import type { RunEvent, RunStatus } from "durable-workflows";

interface Host {
  readonly child: ChildProcess;
  readonly url: string;
}

const main = fileURLToPath(new URL("../dist/host/main.js", import.meta.url));
const data = mkdtempSync(join(tmpdir(), "durable-workflows-demo-"));
const approved = { approved: true, comments: "Fine" };

let host = await startHost();
try {
  await cancelAnOrder();
  const runId = await askForReimbursement();
  await killAndRestart();
  await approve(runId, "ManagerApproval");
  await approve(runId, "BudgetApproval");
  await approve(runId, "ComplianceApproval");
  await showEnd(runId);
} finally {
  await end("SIGTERM");
  rmSync(data, { recursive: true, force: true });
}

async function cancelAnOrder(): Promise<void> {
  title("CancelOrder: OrderLookup → OrderCancel → SendEmail");
  const run = await post<RunStatus>("workflows/CancelOrder/run?waitForResponse=true", "12345", "text/plain");
  say(`${run.status}: ${String(run.output)}`);
}

async function askForReimbursement(): Promise<string> {
  title("ExpenseReimbursement: a manager, then budget and compliance in parallel");
  const { runId } = await post<{ runId: string }>("workflows/ExpenseReimbursement/run", "EXP-2025-001", "text/plain");
  const [request] = (await untilStatus(runId, ({ waitingForInput }) => waitingForInput.length > 0)).waitingForInput;
  say(`Run ${runId} waits for ${request?.eventName} of ${JSON.stringify(request?.input)}`);
  return runId;
}

async function killAndRestart(): Promise<void> {
  title("The host is killed with SIGKILL while the approval is open, and started again");
  await end("SIGKILL");
  const startedAt = performance.now();
  host = await startHost();
  say(`Back after ${Math.round(performance.now() - startedAt)} ms at ${host.url}`);
}

async function approve(runId: string, port: string): Promise<void> {
  await untilStatus(runId, ({ waitingForInput }) => waitingForInput.some(({ eventName }) => eventName === port));
  const body = { eventName: port, response: approved };
  await post(`workflows/ExpenseReimbursement/respond/${runId}`, JSON.stringify(body), "application/json");
  say(`${port}: approved`);
}

async function showEnd(runId: string): Promise<void> {
  const run = await untilStatus(runId, ({ status }) => status !== "Running" && status !== "Pending");
  title(`The run ended as ${run.status}: ${String(run.output)}`);
  const { events } = await get<{ events: RunEvent[] }>(`workflows/ExpenseReimbursement/events/${runId}`);
  const startedAt = Date.parse(events[0]?.at ?? run.createdAt);
  for (const event of events) {
    const seconds = ((Date.parse(event.at) - startedAt) / 1_000).toFixed(3).padStart(8);
    say(`${seconds} s  superstep ${String(event.superstep).padEnd(2)} ${event.type.padEnd(18)} ${subjectOf(event)}`);
  }
}

function subjectOf(event: RunEvent): string {
  if (event.type === "runOutput") return `${event.executorId}: ${JSON.stringify(event.output)}`;
  return "executorId" in event ? event.executorId : "";
}

function startHost(): Promise<Host> {
  const child = spawn(process.execPath, [main, "--data", data, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    createInterface(child.stdout).on("line", (line) => {
      const url = /^Host is ready: (\S+)/.exec(line)?.[1];
      if (url) resolve({ child, url });
    });
    child.once("exit", (code) => reject(new Error(`The host ended with exit code ${code}. Read its lines above.`)));
  });
}

function end(signal: "SIGTERM" | "SIGKILL"): Promise<unknown> {
  if (host.child.exitCode !== null || host.child.signalCode !== null) return Promise.resolve();
  const ended = new Promise((resolve) => host.child.once("exit", resolve));
  host.child.kill(signal);
  return ended;
}

async function untilStatus(runId: string, isThere: (run: RunStatus) => boolean): Promise<RunStatus> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const run = await get<RunStatus>(`workflows/ExpenseReimbursement/status/${runId}`);
    if (isThere(run)) return run;
    await delay(50);
  }
  throw new Error(`Run ${runId} did not get there within 15 s. Look at its status at ${host.url}.`);
}

function post<Body>(path: string, body: string, contentType: string): Promise<Body> {
  return call(path, { method: "POST", body, headers: { "content-type": contentType } });
}

function get<Body>(path: string): Promise<Body> {
  return call(path, {});
}

async function call<Body>(path: string, init: RequestInit): Promise<Body> {
  const response = await fetch(`${host.url}/api/${path}`, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

function title(text: string): void {
  console.log(`\n${styleText("bold", text)}`);
}

function say(text: string): void {
  console.log(`  ${text}`);
}

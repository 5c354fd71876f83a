// Plays the served agents against a host and a model of its own: the host is killed with SIGKILL while a model thinks, started again,
// and no agent that had answered is asked a second time. The model is a small server on this machine that speaks as OpenAI does.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { styleText } from "node:util";
import type { RunEvent, RunStatus } from "durable-workflows";
import { startOpenAiServer, type WireAnswer, type WireRequest } from "../test/support/openai-server.ts";

const main = fileURLToPath(new URL("../dist/host/main.js", import.meta.url));
const data = mkdtempSync(join(tmpdir(), "durable-workflows-agents-"));

/** The agents by what their instructions begin with: that is how the model knows who asks. */
const AGENTS = [
  { id: "Physicist", words: "You are a physicist" },
  { id: "Chemist", words: "You are a chemist" },
  { id: "Writer", words: "You write short articles" },
  { id: "Reviewer", words: "You review short articles" },
];

/** Questions each agent was asked, in order: what a model would have to be paid for. */
const ledger: string[] = [];
/** The agent whose next question gets no answer until the host is gone. */
let heldBack: string | undefined;
let askedInVain: (() => void) | undefined;

const model = await startOpenAiServer(answerOf);
let host = await startHost();
try {
  await reviewByExperts();
  await writeContent();
  title("Questions that the model was asked");
  for (const [agent, count] of Object.entries(counted())) say(`${agent.padEnd(10)} ${count}`);
} finally {
  await end("SIGTERM");
  await model.close();
  rmSync(data, { recursive: true, force: true });
}

async function reviewByExperts(): Promise<void> {
  title("ExpertReview: a physicist and a chemist at the same time; the host dies while the chemist thinks");
  const thinking = holdBack("Chemist");
  const { runId } = await start("ExpertReview", "Why is the sky blue?");
  await thinking;
  await untilRecorded(runId, "dafx-Physicist-Turn");
  await killAndRestart("the physicist has answered, the chemist has not");
  const run = await untilStatus("ExpertReview", runId, hasEnded);
  await showTimeline(run);
  title(`The run ended as ${run.status}`);
  for (const line of String(run.output).split("\n")) say(line);
  sayUsage(run);
}

async function writeContent(): Promise<void> {
  title(
    "ContentPipeline: writer and reviewer in a loop, then an editor; the host dies while the reviewer reads the first draft",
  );
  const thinking = holdBack("Reviewer");
  const { runId } = await start("ContentPipeline", "bees");
  await thinking;
  await untilRecorded(runId, "dafx-Writer-Turn");
  await killAndRestart("the first draft is there, its review is not");
  const { waitingForInput } = await untilStatus("ContentPipeline", runId, (run) => run.waitingForInput.length > 0);
  say(`The editor is asked: ${JSON.stringify(waitingForInput[0]?.input)}`);
  const body = JSON.stringify({ eventName: "EditorApproval", response: { approved: true } });
  await call(`workflows/ContentPipeline/respond/${runId}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  });
  say("EditorApproval: approved");
  const run = await untilStatus("ContentPipeline", runId, hasEnded);
  await showTimeline(run);
  title(`The run ended as ${run.status}: ${JSON.stringify(run.output)}`);
  sayUsage(run);
}

function answerOf({ messages }: WireRequest): WireAnswer | Promise<WireAnswer> {
  const [system, ...said] = messages;
  const agent = AGENTS.find(({ words }) => String(system?.content).startsWith(words))?.id ?? "unknown";
  ledger.push(agent);
  if (agent === heldBack) {
    heldBack = undefined;
    askedInVain?.();
    return new Promise(() => undefined); // its host will be gone before there is an answer
  }
  return { text: wordsOf(agent, String(said.at(-1)?.content)), usage: [40, 20] };
}

function wordsOf(agent: string, question: string): string {
  if (agent === "Physicist") return "Air scatters blue light more than red light.";
  if (agent === "Chemist") return "Nitrogen and oxygen take up no visible light, so they do not colour it.";
  if (agent === "Writer") return question.startsWith("Write") ? "Bees are insects, and they fly." : "Bees fly.";
  const isAccepted = question.includes("Bees fly.");
  return JSON.stringify({ isAccepted, feedback: isAccepted ? "" : "Say it in fewer words." });
}

function holdBack(agent: string): Promise<void> {
  heldBack = agent;
  return new Promise((resolve) => {
    askedInVain = resolve;
  });
}

/** Waits until the host has an answer on disk: what is not there yet would rightly be asked again. */
async function untilRecorded(runId: string, activity: string): Promise<void> {
  const key = readFileSync(join(data, "system.key"), "utf8").trim();
  const url = `${host.url}/runtime/webhooks/durabletask/instances/${runId}?showHistory=true&code=${key}`;
  await until(`${activity} to be recorded`, async () => {
    const { historyEvents = [] } = (await (await fetch(url)).json()) as {
      historyEvents?: { EventType: string; FunctionName?: string; Name?: string }[];
    };
    return historyEvents.some(
      ({ EventType, FunctionName, Name }) => EventType === "TaskCompleted" && (FunctionName ?? Name) === activity,
    );
  });
}

async function killAndRestart(when: string): Promise<void> {
  title(`The host is killed with SIGKILL: ${when}`);
  await end("SIGKILL");
  const startedAt = performance.now();
  host = await startHost();
  say(`Back after ${Math.round(performance.now() - startedAt)} ms at ${host.url}`);
}

async function showTimeline({ workflow, runId, createdAt }: RunStatus): Promise<void> {
  const { events } = await get<{ events: RunEvent[] }>(`workflows/${workflow}/events/${runId}`);
  const startedAt = Date.parse(events[0]?.at ?? createdAt);
  for (const event of events) {
    const seconds = ((Date.parse(event.at) - startedAt) / 1_000).toFixed(3).padStart(8);
    say(`${seconds} s  superstep ${String(event.superstep).padEnd(2)} ${event.type.padEnd(18)} ${subjectOf(event)}`);
  }
}

function subjectOf(event: RunEvent): string {
  if (!("executorId" in event)) return "";
  const frame = "frame" in event && event.frame !== undefined ? `${event.frame}~` : "";
  return `${frame}${event.executorId}`;
}

function sayUsage({ usage }: RunStatus): void {
  say(`Tokens: ${usage?.inputTokens} in, ${usage?.outputTokens} out, in ${usage?.modelCalls} answers`);
}

function counted(): Record<string, number> {
  return Object.fromEntries(AGENTS.map(({ id }) => [id, ledger.filter((agent) => agent === id).length]));
}

interface Host {
  readonly child: ChildProcess;
  readonly url: string;
}

function startHost(): Promise<Host> {
  const child = spawn(process.execPath, [main, "--data", data, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      OPENAI_API_KEY: "demo",
      OPENAI_MODEL: "demo",
      OPENAI_BASE_URL: model.url,
      AZURE_OPENAI_ENDPOINT: "",
    },
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

function hasEnded({ status }: RunStatus): boolean {
  return status !== "Running" && status !== "Pending";
}

function start(workflow: string, input: string): Promise<{ runId: string }> {
  return call(`workflows/${workflow}/run`, { method: "POST", body: input, headers: { "content-type": "text/plain" } });
}

async function untilStatus(workflow: string, runId: string, isThere: (run: RunStatus) => boolean): Promise<RunStatus> {
  let run: RunStatus | undefined;
  await until(`run ${runId}`, async () => {
    run = await get<RunStatus>(`workflows/${workflow}/status/${runId}`);
    return isThere(run);
  });
  return run as RunStatus;
}

async function until(what: string, isThere: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 1_200; attempt++) {
    if (await isThere()) return;
    await delay(50);
  }
  throw new Error(`Waited a minute for ${what}. Look at ${host.url}.`);
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

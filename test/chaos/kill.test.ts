import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import type { RunEvent } from "../../src/wire/run-event.ts";
import type { RunStatus } from "../../src/wire/status.ts";
import { type HostProcess, startHostProcess } from "../support/host-process.ts";

const KILLS = 20;
const RUNS = 50;
const RUNS_PER_GENERATION = 5;
const SHORTEST_LIFE_MS = 40;
const LONGEST_LIFE_MS = 300;
const SEED = 20_261_123;

const appDir = fileURLToPath(new URL("./app/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "durable-workflows-chaos-"));
const ledgerFile = join(folder, "ledger.txt");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Life {
  readonly startedAtMs: number;
  readonly killedAtMs: number;
}

it("keeps every run through 20 kills in the middle of 50 runs, and repeats no finished executor", async () => {
  const random = seededRandom(SEED);
  const acknowledged = new Set<string>();
  const lives: Life[] = [];

  for (let generation = 1; generation <= KILLS; generation++) {
    const host = await startGeneration(generation);
    const startedAtMs = Date.now();
    const starting = startRuns(host, acknowledged);
    await delay(SHORTEST_LIFE_MS + random() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS));
    await host.end("SIGKILL");
    lives.push({ startedAtMs, killedAtMs: Date.now() });
    await starting;
  }

  const host = await startGeneration(KILLS + 1);
  await startRuns(host, acknowledged, RUNS);
  const ended = await Promise.all(runIds(RUNS).map((runId) => untilEnded(host, runId)));
  const events = await Promise.all(runIds(RUNS).map((runId) => eventsOf(host, runId)));
  await host.end("SIGTERM");

  expect(ended.map(({ status, output }) => ({ status, output }))).toEqual(
    runIds(RUNS).map((_, index) => ({ status: "Completed", output: 3 * (index + 3) + 2 })),
  );
  const calls = readLedger();
  const lostLives = calls.filter(({ generation }) => generation <= KILLS).length;
  expect(lostLives).toBeGreaterThan(RUNS);
  expect(calls.filter((call) => call.generation > generationOfCompletion(events, lives, call))).toEqual([]);
}, 120_000);

function startGeneration(generation: number): Promise<HostProcess> {
  return startHostProcess({
    appDir,
    dataDir: join(folder, "data"),
    environment: { LEDGER_FILE: ledgerFile, GENERATION: String(generation) },
  });
}

function runIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `chaos-${index}`);
}

/** Starts the next few runs. A start the kill cut off is not acknowledged: the next generation sends it again. */
async function startRuns(host: HostProcess, acknowledged: Set<string>, most = RUNS_PER_GENERATION): Promise<void> {
  const next = runIds(RUNS).filter((runId) => !acknowledged.has(runId));
  for (const runId of next.slice(0, most)) {
    const input = Number(runId.split("-")[1]);
    const response = await fetch(`${host.url}/api/workflows/SlowDiamond/run?runId=${runId}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(input),
    }).catch(() => undefined);
    if (!response) return;
    if (!response.ok) throw new Error(`${runId}: ${response.status} ${await response.text()}`);
    acknowledged.add(runId);
  }
}

async function untilEnded(host: HostProcess, runId: string): Promise<RunStatus> {
  for (;;) {
    const response = await fetch(`${host.url}/api/workflows/SlowDiamond/status/${runId}`);
    if (response.status !== 200) throw new Error(`${runId} is lost: ${response.status} ${await response.text()}`);
    const run = (await response.json()) as RunStatus;
    if (run.status !== "Running" && run.status !== "Pending") return run;
    await delay(20);
  }
}

async function eventsOf(host: HostProcess, runId: string): Promise<readonly RunEvent[]> {
  const response = await fetch(`${host.url}/api/workflows/SlowDiamond/events/${runId}`);
  return ((await response.json()) as { events: RunEvent[] }).events;
}

interface Call {
  readonly generation: number;
  readonly runId: string;
  readonly callKey: string;
}

function readLedger(): Call[] {
  return readFileSync(ledgerFile, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [generation, runId = "", callKey = ""] = line.split(" ");
      return { generation: Number(generation), runId, callKey };
    });
}

/** The life of the host in which the result of a call was recorded, by the times in the run's events. */
function generationOfCompletion(events: readonly (readonly RunEvent[])[], lives: readonly Life[], call: Call): number {
  const run = events[Number(call.runId.split("-")[1])] ?? [];
  const completed = run.find((event) => event.type === "executorCompleted" && event.callKey === call.callKey);
  if (!completed) throw new Error(`${call.runId} has no completion of ${call.callKey}. Its call was not recorded.`);
  const atMs = Date.parse(completed.at);
  const life = lives.findIndex(({ killedAtMs }) => atMs <= killedAtMs);
  return life === -1 ? lives.length + 1 : life + 1;
}

function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

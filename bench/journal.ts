// How fast are durable runs in this process, with every step on disk (SQLite, WAL, synchronous=FULL)? Workloads W1 to W7.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createInProcessRunner, type JournaledRunner, openSqliteJournal } from "durable-workflows";
import { approval, approve, chain, fanOut, loop, wide } from "./support/journal-workflows.ts";
import { inParallel } from "./support/local-host.ts";
import { report } from "./support/report.ts";

const SAMPLES = 5;
const LOOP_STEPS = 2_000;
const folder = mkdtempSync(join(tmpdir(), "durable-workflows-bench-"));
let files = 0;
const nextFile = () => join(folder, `${++files}.sqlite`);

/** Runs `work` on a new journal. */
async function withRunner<Result>(work: (runner: JournaledRunner, file: string) => Promise<Result>): Promise<Result> {
  const file = nextFile();
  const runner = createInProcessRunner({ journal: await openSqliteJournal({ file }) });
  const result = await work(runner, file);
  await runner.close();
  return result;
}

async function samplesOf<Result>(sample: () => Promise<Result>): Promise<Result[]> {
  const samples: Result[] = [];
  for (let count = 0; count < SAMPLES; count++) samples.push(await sample());
  return samples;
}

async function secondsFor(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

function expectOutput(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`A run gave ${actual}. Expected ${expected}.`);
}

const chains = (runner: JournaledRunner, runs: number) =>
  secondsFor(() =>
    inParallel(runs, 50, async (input) => expectOutput(await (await runner.start(chain, input)).output(), input + 10)),
  );

const fanOuts = (runner: JournaledRunner, runs: number) =>
  secondsFor(() =>
    inParallel(runs, 5, async (input) => {
      expectOutput(await (await runner.start(fanOut, input)).output(), (input + 2) * 100);
    }),
  );

const branches = (width: number) => (runner: JournaledRunner) =>
  secondsFor(async () => {
    expectOutput((await (await runner.start(wide, width)).outputs()).length, width);
  });

/** Milliseconds from the approval to the end of the run. */
async function approvalLatency(runner: JournaledRunner): Promise<number> {
  const run = await runner.start(approval, 1);
  const { respond } = await run.nextRequest(approve);
  const seconds = await secondsFor(async () => {
    await respond(5);
    expectOutput(await run.output(), 6);
  });
  return seconds * 1_000;
}

/** Seconds from 200 approvals at once to the end of their runs. */
async function approvalBurst(runner: JournaledRunner): Promise<number> {
  const runs = await Promise.all(Array.from({ length: 200 }, () => runner.start(approval, 1)));
  const requests = await Promise.all(runs.map((run) => run.nextRequest(approve)));
  return secondsFor(async () => {
    await Promise.all(requests.map(({ respond }) => respond(5)));
    for (const run of runs) expectOutput(await run.output(), 6);
  });
}

/** Milliseconds of each step of one long run. */
async function longRun(runner: JournaledRunner): Promise<number[]> {
  const run = await runner.start(loop, 0);
  const steps: number[] = [];
  let lastAt = performance.now();
  for await (const { type } of run.events()) {
    if (type !== "executorCompleted") continue;
    const now = performance.now();
    steps.push(now - lastAt);
    lastAt = now;
  }
  expectOutput(await run.output(), LOOP_STEPS);
  return steps;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const program = fileURLToPath(new URL("./support/journal-process.js", import.meta.url));

/** Starts the bench's other process, and gives the first line it prints. */
function inProcess(what: string, file: string, kill = false): Promise<string> {
  const child = spawn(process.execPath, [program, what, file], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    let first: string | undefined;
    createInterface(child.stdout).on("line", (line) => {
      first ??= line;
      if (kill) child.kill("SIGKILL");
    });
    child.once("exit", (code) => {
      if (first !== undefined && (kill || code === 0)) resolve(first);
      else reject(new Error(`The process for ${what} ended with exit code ${code}. Run npm run build first.`));
    });
  });
}

async function killedRuns(): Promise<number> {
  const file = nextFile();
  await inProcess("start-slow-runs", file, true);
  return secondsFor(() => inProcess("recover-slow-runs", file));
}

const perSecond = (count: number) => (seconds: number) => count / seconds;
const inMs = (seconds: number) => seconds * 1_000;
const name = "journal";

await withRunner(async (runner) => {
  await chains(runner, 500);
  await fanOuts(runner, 20);
  await approvalBurst(runner);
});

const w1 = await samplesOf(() =>
  withRunner(async (runner, file) => ({
    seconds: await chains(runner, 500),
    bytes: statSync(`${file}-wal`).size + statSync(file).size,
  })),
);
report(
  name,
  "W1: 500 runs × 10 steps, concurrency 50",
  "steps/s",
  w1.map(({ seconds }) => 5_000 / seconds),
);
report(
  name,
  "W1: file and write-ahead log",
  "bytes/step",
  w1.map(({ bytes }) => bytes / 5_000),
);
const w2 = await samplesOf(() => withRunner((runner) => fanOuts(runner, 50)));
report(name, "W2: 50 runs fan out to 100, concurrency 5", "branches/s", w2.map(perSecond(5_000)));
const w3 = await samplesOf(() => withRunner(branches(1_000)));
report(name, "W3: one run, 1,000 branches", "ms", w3.map(inMs));
const narrower = mean(await samplesOf(() => withRunner(branches(250)))) / 250;
const growth = w3.map((seconds) => seconds / 1_000 / narrower);
report(name, "W3: a branch of 1,000 against one of 250", "times", growth);
const latencies = await withRunner(async (runner) => {
  const all: number[] = [];
  for (let run = 0; run < 200; run++) all.push(await approvalLatency(runner));
  return all;
});
report(name, "W4: approval to completion, one at a time", "ms", latencies);
report(
  name,
  "W4: 200 approvals at once",
  "runs/s",
  (await samplesOf(() => withRunner(approvalBurst))).map(perSecond(200)),
);
const w5 = await samplesOf(() => withRunner(longRun));
report(name, "W5: one run of 2,000 steps", "ms/step", w5.map(mean));
report(
  name,
  "W5: the last 100 steps against the first 100",
  "times",
  w5.map((steps) => mean(steps.slice(-100)) / mean(steps.slice(0, 100))),
);
const w6 = await samplesOf(() => secondsFor(() => inProcess("first-run", nextFile())));
report(name, "W6: process start to first finished run", "ms", w6.map(inMs));
report(name, "W7: kill -9 with 200 in flight, restart to all finished", "ms", (await samplesOf(killedRuns)).map(inMs));
const peaks = await samplesOf(async () => Number(await inProcess("peak-memory", nextFile())));
report(name, "W1: peak memory", "MB", peaks);
rmSync(folder, { recursive: true, force: true });

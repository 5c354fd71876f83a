// What does a restart cost? After a kill in the middle of 200 runs (W7), and with 10,000 runs that wait for an approval.
import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type BenchHost, inParallel, makeDataFolder, SAMPLES, startBenchHost } from "./support/local-host.ts";
import { report } from "./support/report.ts";

const RUNS = 200;
const STEPS = 5;
const DONE_SHARE = 0.4;
const WAITING = process.env.BENCH_QUICK ? 1_000 : 10_000;
/** So that what garbage there is has been collected, and the machine is quiet. */
const REST_MS = 3_000;

interface RunList {
  readonly runs: readonly { readonly status: string }[];
}

async function untilNoneRuns(host: BenchHost): Promise<void> {
  for (;;) {
    const { runs } = await host.get<RunList>("/api/workflows/Slow/runs?status=Running&limit=1");
    if (runs.length === 0) return;
    await delay(5);
  }
}

/** Seconds from the start of the new process until every run has ended. */
async function restartAfterKill(): Promise<number> {
  const data = makeDataFolder();
  const ledger = join(data.path, "steps.txt");
  const host = await startBenchHost({ dataDir: data.path, environment: { BENCH_LEDGER: ledger } });
  await inParallel(RUNS, 50, async (run) => {
    await host.post("/api/workflows/Slow/run", run);
  });
  // Each step that is done has left one character.
  while ((statSync(ledger, { throwIfNoEntry: false })?.size ?? 0) < RUNS * STEPS * DONE_SHARE) await delay(2);
  await host.end("SIGKILL");
  const startedAt = performance.now();
  const next = await startBenchHost({ dataDir: data.path, environment: { BENCH_LEDGER: ledger } });
  await untilNoneRuns(next);
  const seconds = (performance.now() - startedAt) / 1_000;
  const { runs } = await next.get<RunList>(`/api/workflows/Slow/runs?status=Completed&limit=${RUNS}`);
  if (runs.length !== RUNS) throw new Error(`${runs.length} of ${RUNS} runs have completed.`);
  await next.end("SIGTERM");
  data.remove();
  return seconds;
}

async function waiting(): Promise<void> {
  const data = makeDataFolder();
  const host = await startBenchHost({ dataDir: data.path });
  await inParallel(WAITING, 50, async (run) => {
    await host.post("/api/workflows/Approval/run", run);
  });
  await delay(REST_MS);
  const name = `${WAITING.toLocaleString("en-US")} runs wait for an approval`;
  report("waiting", `${name}: memory of the host that started them`, "MB", [host.memoryMb("now")]);
  await host.end("SIGTERM");
  const startSeconds: number[] = [];
  const memory: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const startedAt = performance.now();
    const again = await startBenchHost({ dataDir: data.path });
    startSeconds.push((performance.now() - startedAt) / 1_000);
    await delay(REST_MS);
    memory.push(again.memoryMb("now"));
    await again.end("SIGTERM");
  }
  report("waiting", `${name}: start of a host with them`, "s", startSeconds);
  report("waiting", `${name}: memory of that host`, "MB", memory);
  data.remove();
}

const seconds: number[] = [];
for (let sample = 0; sample < SAMPLES; sample++) seconds.push(await restartAfterKill());
report("restart", "W7 kill with 200 runs in flight, 40 % done: restart to all finished", "s", seconds);
await waiting();

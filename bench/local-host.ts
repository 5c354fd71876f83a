// How fast is the local host, with every step on disk? Three workloads against one host process over real HTTP.
import { setTimeout as delay } from "node:timers/promises";
import { type BenchHost, inParallel, startBenchHost } from "./support/local-host.ts";
import { percentile, report } from "./support/report.ts";

const SAMPLES = 3;
const STEPS = 10;
const WIDTH = 100;

interface Finished {
  readonly status: string;
  readonly output: unknown;
}

async function runToEnd(host: BenchHost, workflow: string, input: number, expected: number): Promise<void> {
  const path = `/api/workflows/${workflow}/run?waitForResponse=true&timeoutSeconds=200`;
  const { status, output } = await host.post<Finished>(path, input);
  if (status !== "Completed" || output !== expected) {
    throw new Error(`${workflow} of ${input} ended as ${status} with ${output}. Expected ${expected}.`);
  }
}

async function secondsFor(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

async function chains(host: BenchHost, runs: number): Promise<number> {
  return secondsFor(() => inParallel(runs, 50, (run) => runToEnd(host, "Chain", run, run + STEPS)));
}

async function fanOuts(host: BenchHost, runs: number): Promise<number> {
  return secondsFor(() => inParallel(runs, 5, (run) => runToEnd(host, "FanOut", run, (run + 2) * WIDTH)));
}

interface Waiting {
  readonly status: string;
  readonly waitingForInput: readonly { readonly requestId: string }[];
}

/** Milliseconds from the POST of an approval to the status that says Completed. */
async function approvalLatency(host: BenchHost): Promise<number> {
  const { runId } = await host.post<{ runId: string }>("/api/workflows/Approval/run", 1);
  const status = () => host.get<Waiting>(`/api/workflows/Approval/status/${runId}`);
  const until = async (isThere: (now: Waiting) => boolean) => {
    for (;;) {
      const now = await status();
      if (isThere(now)) return now;
      await delay(1);
    }
  };
  const { waitingForInput } = await until((now) => now.waitingForInput.length > 0);
  const startedAt = performance.now();
  await host.post(`/api/workflows/Approval/respond/${runId}`, {
    requestId: waitingForInput[0]?.requestId,
    response: 5,
  });
  await until((now) => now.status === "Completed");
  return performance.now() - startedAt;
}

const host = await startBenchHost();
await chains(host, 50);
await fanOuts(host, 5);

const chainSeconds: number[] = [];
const fanOutSeconds: number[] = [];
for (let sample = 0; sample < SAMPLES; sample++) {
  chainSeconds.push(await chains(host, 500));
  fanOutSeconds.push(await fanOuts(host, 50));
}
const latencies: number[] = [];
for (let run = 0; run < 50; run++) latencies.push(await approvalLatency(host));
await host.stop();

report(
  "local host",
  "500 runs × 10 steps, concurrency 50",
  "workflows/s",
  chainSeconds.map((seconds) => 500 / seconds),
);
report(
  "local host",
  "500 runs × 10 steps, concurrency 50",
  "steps/s",
  chainSeconds.map((seconds) => 5_000 / seconds),
);
report(
  "local host",
  "50 runs fan out to 100, concurrency 5",
  "branches/s",
  fanOutSeconds.map((s) => 5_000 / s),
);
report("local host", "approval to completion", "ms", latencies);
report("local host", "approval to completion, p95", "ms", [
  percentile(
    latencies.sort((a, b) => a - b),
    0.95,
  ),
]);

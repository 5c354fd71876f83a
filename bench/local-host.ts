// How fast is the local host, with every step on disk? Workloads against a host process of its own, over real HTTP.
import { setTimeout as delay } from "node:timers/promises";
import { type BenchHost, inParallel, SAMPLES, secondsFor, withBenchHost } from "./support/local-host.ts";
import { percentile, report } from "./support/report.ts";

const BENCH = "local host";
const CHAIN = 10;
const WIDTH = 100;
const WIDE = 1_000;
const LONG = 2_000;
const APPROVALS = 200;

interface Finished {
  readonly runId: string;
  readonly status: string;
  readonly output: unknown;
  readonly outputs: readonly unknown[];
}

async function runToEnd(host: BenchHost, workflow: string, input: number): Promise<Finished> {
  const run = await host.post<Finished>(
    `/api/workflows/${workflow}/run?waitForResponse=true&timeoutSeconds=200`,
    input,
  );
  if (run.status === "Completed") return run;
  throw new Error(`${workflow} of ${input} ended as ${run.status}. Expected it to complete.`);
}

function expectSame(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${what} is ${actual}. Expected ${expected}.`);
}

const chains = (host: BenchHost, runs: number) =>
  secondsFor(() =>
    inParallel(runs, 50, async (run) => {
      expectSame(`The output of chain ${run}`, (await runToEnd(host, "Chain", run)).output, run + CHAIN);
    }),
  );

const fanOuts = (host: BenchHost, runs: number) =>
  secondsFor(() =>
    inParallel(runs, 5, async (run) => {
      expectSame(`The output of fan-out ${run}`, (await runToEnd(host, "FanOut", run)).output, (run + 2) * WIDTH);
    }),
  );

const wideFanOut = (host: BenchHost) =>
  secondsFor(async () => {
    expectSame("The number of outputs", (await runToEnd(host, "Wide", WIDE)).outputs.length, WIDE);
  });

interface Waiting {
  readonly status: string;
  readonly waitingForInput: readonly { readonly requestId: string }[];
}

/** Starts runs that wait for an approval. @returns what answers each of them */
async function openApprovals(host: BenchHost, runs: number): Promise<(() => Promise<string>)[]> {
  const approvals: (() => Promise<string>)[] = [];
  await inParallel(runs, 50, async (run) => {
    const { runId } = await host.post<Finished>("/api/workflows/Approval/run", run);
    const { waitingForInput } = await until(host, runId, (now) => now.waitingForInput.length > 0);
    const requestId = waitingForInput[0]?.requestId;
    approvals.push(async () => {
      await host.post(`/api/workflows/Approval/respond/${runId}`, { requestId, response: 5 });
      return runId;
    });
  });
  return approvals;
}

async function until(host: BenchHost, runId: string, isThere: (now: Waiting) => boolean): Promise<Waiting> {
  for (;;) {
    const now = await host.get<Waiting>(`/api/workflows/Approval/status/${runId}`);
    if (isThere(now)) return now;
    await delay(1);
  }
}

/** Milliseconds from the POST of an approval to the status that says Completed, one approval after the other. */
async function approvalLatencies(host: BenchHost): Promise<number[]> {
  const latencies: number[] = [];
  for (const approve of await openApprovals(host, APPROVALS)) {
    const seconds = await secondsFor(async () => until(host, await approve(), ({ status }) => status === "Completed"));
    latencies.push(seconds * 1_000);
  }
  return latencies;
}

/** All approvals at once, until no run is open any more. */
async function approvalBurst(host: BenchHost): Promise<number> {
  const approvals = await openApprovals(host, APPROVALS);
  return secondsFor(async () => {
    await Promise.all(approvals.map((approve) => approve()));
    for (;;) {
      const { runs } = await host.get<{ runs: readonly unknown[] }>(
        "/api/workflows/Approval/runs?status=Running&limit=1",
      );
      if (runs.length === 0) return;
      await delay(1);
    }
  });
}

interface EventPage {
  readonly events: readonly StepEvent[];
  readonly nextAfter: number;
  readonly hasEnded: boolean;
}

interface StepEvent {
  readonly type: string;
  readonly at: string;
}

async function allEvents(host: BenchHost, path: string): Promise<StepEvent[]> {
  const all: StepEvent[] = [];
  for (let page: EventPage | undefined; !page?.hasEnded; ) {
    page = await host.get<EventPage>(`${path}?after=${page?.nextAfter ?? 0}`);
    all.push(...page.events);
  }
  return all;
}

/** One run of many steps: milliseconds for each, and how much the last hundred took of what the first hundred did. */
async function longChain(host: BenchHost): Promise<{ readonly stepMs: number; readonly ratio: number }> {
  let runId = "";
  const seconds = await secondsFor(async () => {
    ({ runId } = await runToEnd(host, "Countdown", LONG));
  });
  const times = (await allEvents(host, `/api/workflows/Countdown/events/${runId}`))
    .filter(({ type }) => type === "executorCompleted")
    .map(({ at }) => Date.parse(at));
  expectSame("The number of steps", times.length, LONG + 1);
  const span = (from: number, to: number) => (times[to] ?? Number.NaN) - (times[from] ?? Number.NaN);
  return { stepMs: (seconds * 1_000) / LONG, ratio: span(LONG - 101, LONG - 1) / span(0, 100) };
}

const chainSeconds: number[] = [];
const peaks: number[] = [];
for (let sample = 0; sample < SAMPLES; sample++) {
  await withBenchHost(async (host) => {
    await chains(host, 50);
    chainSeconds.push(await chains(host, 500));
    peaks.push(host.memoryMb("peak"));
  });
}
const w1 = "W1 500 runs × 10 steps, concurrency 50";
report(
  BENCH,
  w1,
  "steps/s",
  chainSeconds.map((seconds) => 5_000 / seconds),
);
report(BENCH, `${w1}: peak memory`, "MB", peaks);

await withBenchHost(async (host) => {
  await fanOuts(host, 5);
  const seconds: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) seconds.push(await fanOuts(host, 50));
  report(
    BENCH,
    "W2 50 runs fan out to 100, concurrency 5",
    "branches/s",
    seconds.map((s) => 5_000 / s),
  );
});
await withBenchHost(async (host) => {
  await wideFanOut(host);
  const seconds: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) seconds.push(await wideFanOut(host));
  report(BENCH, "W3 one run fans out to 1,000", "s", seconds);
});
await withBenchHost(async (host) => {
  await approvalBurst(host);
  const medians: number[] = [];
  const p95s: number[] = [];
  const bursts: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const latencies = (await approvalLatencies(host)).sort((a, b) => a - b);
    medians.push(percentile(latencies, 0.5));
    p95s.push(percentile(latencies, 0.95));
    bursts.push(APPROVALS / (await approvalBurst(host)));
  }
  report(BENCH, "W4 200 runs: approval to completion, p50", "ms", medians);
  report(BENCH, "W4 200 runs: approval to completion, p95", "ms", p95s);
  report(BENCH, "W4 200 approvals at once", "runs/s", bursts);
});
const long: { readonly stepMs: number; readonly ratio: number }[] = [];
for (let sample = 0; sample < SAMPLES; sample++) long.push(await withBenchHost(longChain));
report(
  BENCH,
  "W5 one run, chain of 2,000",
  "ms a step",
  long.map(({ stepMs }) => stepMs),
);
report(
  BENCH,
  "W5 the last hundred steps to the first",
  "times",
  long.map(({ ratio }) => ratio),
);

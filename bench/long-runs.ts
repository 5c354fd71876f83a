// What does a long run cost at its end, and what a crowd of open requests? On the local host, over real HTTP.
import { setTimeout as delay } from "node:timers/promises";
import { type BenchHost, inParallel, startBenchHost } from "./support/local-host.ts";
import { report } from "./support/report.ts";

const SUPERSTEPS = 10_000;
/** Two generations of the default length: each superstep of one is as dear as its place in it. */
const WINDOW = 200;
const PEOPLE = 300;

interface Status {
  readonly status: string;
  readonly superstep: number;
  readonly outputs: readonly unknown[];
  readonly waitingForInput: readonly { readonly requestId: string }[];
}

interface Page {
  readonly events: readonly { readonly type: string; readonly at: string; readonly superstep: number }[];
  readonly nextAfter: number;
  readonly hasEnded: boolean;
}

async function start(host: BenchHost, workflow: string, input: number): Promise<string> {
  const { runId } = await host.post<{ runId: string }>(`/api/workflows/${workflow}/run`, input);
  return runId;
}

async function until(host: BenchHost, path: string, isThere: (now: Status) => boolean): Promise<Status> {
  for (;;) {
    const now = await host.get<Status>(path);
    if (isThere(now)) return now;
    if (now.status === "Failed") throw new Error(`${path} failed. Look into its status.`);
    await delay(20);
  }
}

async function loop(host: BenchHost): Promise<void> {
  const startedAt = performance.now();
  const runId = await start(host, "Loop", 0);
  await until(host, `/api/workflows/Loop/status/${runId}`, ({ status }) => status === "Completed");
  const seconds = (performance.now() - startedAt) / 1_000;
  const readAt = performance.now();
  const completed: number[] = [];
  for (let page: Page | undefined; !page?.hasEnded; ) {
    page = await host.get<Page>(`/api/workflows/Loop/events/${runId}?after=${page?.nextAfter ?? 0}`);
    for (const { type, at } of page.events) if (type === "executorCompleted") completed.push(Date.parse(at));
  }
  if (completed.length !== SUPERSTEPS + 1) throw new Error(`The events tell of ${completed.length} calls.`);
  const costOf = (from: number) => ((completed[from + WINDOW] ?? 0) - (completed[from] ?? 0)) / WINDOW;
  const [first, last] = [costOf(0), costOf(SUPERSTEPS - WINDOW)];
  report("long runs", "loop of 10,000 supersteps", "supersteps/s", [SUPERSTEPS / seconds]);
  report("long runs", "a superstep of the first 200", "ms", [first]);
  report("long runs", "a superstep of the last 200", "ms", [last]);
  report("long runs", "the last ones against the first", "times", [last / first]);
  report("long runs", "reading all events of it", "ms", [performance.now() - readAt]);
}

async function crowd(host: BenchHost): Promise<number> {
  const runId = await start(host, "Crowd", PEOPLE);
  const path = `/api/workflows/Crowd/status/${runId}`;
  const { waitingForInput } = await until(host, path, (now) => now.waitingForInput.length === PEOPLE);
  const startedAt = performance.now();
  await inParallel(PEOPLE, PEOPLE, async (index) => {
    const requestId = waitingForInput[index]?.requestId;
    await host.post(`/api/workflows/Crowd/respond/${runId}`, { requestId, response: index });
  });
  const { outputs } = await until(host, path, ({ status }) => status === "Completed");
  if (outputs.length !== PEOPLE) throw new Error(`${outputs.length} of ${PEOPLE} answers became outputs.`);
  return (performance.now() - startedAt) / 1_000;
}

const host = await startBenchHost();
await loop(host);
report("long runs", "300 open requests answered at once", "s", [await crowd(host), await crowd(host)]);
await host.stop();

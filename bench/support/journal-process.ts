// A process of its own for `bench/journal.ts`: does what its first argument says with the journal its second one names, and
// prints one line for each thing that has happened.
import { readFileSync } from "node:fs";
import { createInProcessRunner, openSqliteJournal } from "durable-workflows";
import { chain, slowChain } from "./journal-workflows.ts";
import { inParallel } from "./local-host.ts";

const KILLED_RUNS = 200;
const STEPS_BEFORE_KILL = 2;

const [, , what, file = ""] = process.argv;
const runner = createInProcessRunner({ journal: await openSqliteJournal({ file }) });
const runIds = Array.from({ length: KILLED_RUNS }, (_, place) => `run-${place}`);

async function firstRun(): Promise<void> {
  await (await runner.start(chain, 1)).output();
  console.log("finished");
}

/** 500 runs of 10 steps, 50 at a time; prints the highest resident memory in MB. */
async function peakMemory(): Promise<void> {
  await inParallel(500, 50, async (input) => {
    await (await runner.start(chain, input)).output();
  });
  console.log(process.resourceUsage().maxRSS / 1_024);
  const [, current = "?"] = /VmRSS:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  console.error(`now ${Number(current) / 1024}`);
}

async function startSlowRuns(): Promise<void> {
  const runs = await Promise.all(runIds.map((runId, place) => runner.start(slowChain, place, { runId })));
  const isFar = async () => {
    const statuses = await Promise.all(runs.map((run) => run.status()));
    return statuses.every(({ superstep }) => superstep > STEPS_BEFORE_KILL);
  };
  while (!(await isFar())) await new Promise((resolve) => setTimeout(resolve, 1));
  console.log("in flight");
}

async function recoverSlowRuns(): Promise<void> {
  const { runIds: recovered } = await runner.recover([slowChain]);
  const outputs = await Promise.all(runIds.map((runId) => runner.open(slowChain, runId).output()));
  const lost = outputs.filter((output, place) => output !== place + 5).length;
  if (lost > 0 || recovered.length !== KILLED_RUNS)
    throw new Error(`${lost} runs lost, ${recovered.length} recovered.`);
  console.log("finished");
}

if (what === "first-run") await firstRun();
else if (what === "peak-memory") await peakMemory();
else if (what === "start-slow-runs") await startSlowRuns();
else if (what === "recover-slow-runs") await recoverSlowRuns();
else throw new Error(`There is no work named ${what}.`);
if (what !== "start-slow-runs") await runner.close();

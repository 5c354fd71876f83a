// A process of its own for `bench/journal.ts`, without types to strip: does what its first argument says with the journal its
// second one names, and prints a line when it has.
import { setTimeout as delay } from "node:timers/promises";
import { createInProcessRunner, defineExecutor, openSqliteJournal, WorkflowBuilder } from "durable-workflows";
import { z } from "zod";

const FAST_RUNS = 500;
const CONCURRENCY = 50;
const SLOW_RUNS = 200;
const SLOW_STEPS = 5;
const SLOW_STEP_MS = 20;
/** 40 % of the steps. */
const STEPS_BEFORE_KILL = 2;

function chainOf(name, length, work) {
  const steps = Array.from({ length }, (_, index) =>
    defineExecutor({ id: `Step${index + 1}`, input: z.number(), output: z.number(), handle: work }),
  );
  const builder = new WorkflowBuilder(name, steps[0]);
  steps.reduce((before, next) => {
    builder.addEdge(before, next);
    return next;
  });
  return builder.withOutputFrom(steps.at(-1)).build();
}

const chain = chainOf("Chain", 10, (value) => value + 1);
const slowChain = chainOf("SlowChain", SLOW_STEPS, async (value) => {
  await delay(SLOW_STEP_MS);
  return value + 1;
});

const [, , what, file] = process.argv;
const runner = createInProcessRunner({ journal: await openSqliteJournal({ file }) });
const slowRunIds = Array.from({ length: SLOW_RUNS }, (_, input) => `run-${input}`);

const WORK = {
  async "first-run"() {
    const run = await runner.start(chain, 1);
    await run.output();
    console.log("finished");
  },
  /** Prints the highest resident memory in MB. */
  async "peak-memory"() {
    let next = 0;
    const worker = async () => {
      while (next < FAST_RUNS) {
        const run = await runner.start(chain, next++);
        await run.output();
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    console.log(process.resourceUsage().maxRSS / 1_024);
  },
  async "start-slow-runs"() {
    const runs = await Promise.all(slowRunIds.map((runId, input) => runner.start(slowChain, input, { runId })));
    const supersteps = async () => (await Promise.all(runs.map((run) => run.status()))).map((run) => run.superstep);
    while ((await supersteps()).some((superstep) => superstep <= STEPS_BEFORE_KILL)) await delay(1);
    console.log("in flight");
  },
  async "recover-slow-runs"() {
    const { runIds } = await runner.recover([slowChain]);
    const outputs = await Promise.all(slowRunIds.map((runId) => runner.open(slowChain, runId).output()));
    const lost = outputs.filter((output, input) => output !== input + SLOW_STEPS).length;
    if (lost > 0 || runIds.length !== SLOW_RUNS) throw new Error(`${lost} runs lost, ${runIds.length} recovered.`);
    console.log("finished");
  },
};

await WORK[what]();
await runner.close();

// How many steps a second does the in-process runner make? A chain of 10 executors with schemas, one run after another.
import { defineExecutor, runInProcess, WorkflowBuilder } from "durable-workflows";
import { z } from "zod";
import { report } from "./support/report.ts";

const STEPS = 10;
const RUNS = 2_000;
const SAMPLES = 5;

const addOne = <Id extends string>(id: Id) =>
  defineExecutor({ id, input: z.number(), output: z.number(), handle: (value) => value + 1 });

const first = addOne("Step1");
const builder = new WorkflowBuilder("Chain", first);
let last = first as ReturnType<typeof addOne<string>>;
for (let step = 2; step <= STEPS; step++) {
  const next = addOne(`Step${step}` as string);
  builder.addEdge(last, next);
  last = next;
}
const chain = builder.withOutputFrom(last).build();

async function stepsPerSecond(): Promise<number> {
  const startedAt = performance.now();
  for (let run = 0; run < RUNS; run++) {
    const output = await runInProcess(chain, run).output();
    if (output !== run + STEPS) throw new Error(`Run ${run} gave ${output}. Expected ${run + STEPS}.`);
  }
  return (RUNS * STEPS) / ((performance.now() - startedAt) / 1_000);
}

await stepsPerSecond();
const samples: number[] = [];
for (let sample = 0; sample < SAMPLES; sample++) samples.push(await stepsPerSecond());
report("in process", "chain of 10", "steps/s", samples);

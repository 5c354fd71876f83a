// The function app of the benches: workflows of trivial executors, served by the built library.
import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { serveWorkflows } from "../../../dist/functions/serve-workflows.js";
import { defineCatalog, defineExecutor, defineRequestPort, WorkflowBuilder } from "../../../dist/index.js";

const CHAIN_LENGTH = 10;
const FAN_OUT_WIDTH = 100;

const addOne = (id) => defineExecutor({ id, input: z.number(), output: z.number(), handle: (value) => value + 1 });
const range = (length, make) => Array.from({ length }, (_, index) => make(index + 1));

function chain() {
  const [first, ...rest] = range(CHAIN_LENGTH, (number) => addOne(`Step${number}`));
  const builder = new WorkflowBuilder("Chain", first);
  rest.reduce((before, next) => {
    builder.addEdge(before, next);
    return next;
  }, first);
  return builder.withOutputFrom(rest.at(-1)).build();
}

function fanOut() {
  const start = addOne("Start");
  const branches = range(FAN_OUT_WIDTH, (number) => addOne(`Branch${number}`));
  const sum = defineExecutor({
    id: "Sum",
    input: z.array(z.number()),
    output: z.number(),
    handle: (values) => values.reduce((total, value) => total + value, 0),
  });
  return new WorkflowBuilder("FanOut", start)
    .addFanOut(start, branches)
    .addFanIn(branches, sum)
    .withOutputFrom(sum)
    .build();
}

function approval() {
  const before = addOne("Before");
  const approve = defineRequestPort({ id: "Approve", request: z.number(), response: z.number() });
  const after = addOne("After");
  return new WorkflowBuilder("Approval", before)
    .addEdge(before, approve)
    .addEdge(approve, after)
    .withOutputFrom(after)
    .build();
}

/** One message for each branch: a graph of 1,000 executors would be larger than all that they send. */
function wide() {
  const spread = defineExecutor({
    id: "Spread",
    input: z.number(),
    sends: z.number(),
    handle(width, { sendMessage }) {
      for (let branch = 0; branch < width; branch++) sendMessage(branch);
    },
  });
  const branch = addOne("Branch");
  return new WorkflowBuilder("Wide", spread).addEdge(spread, branch).withOutputFrom(branch).build();
}

/** Counts down to 0, one step at a time, and keeps nothing of the way. */
function countdown() {
  const step = defineExecutor({ id: "Step", input: z.number(), output: z.number(), handle: (left) => left - 1 });
  const done = defineExecutor({ id: "Done", input: z.number(), output: z.number(), handle: (left) => left });
  return new WorkflowBuilder("Countdown", step)
    .addSwitch(step, (on) => on.case((left) => left > 0, step).default(done))
    .withOutputFrom(done)
    .build();
}

const SLOW_STEPS = 5;
const SLOW_STEP_MS = 20;

/** Steps that take their time, and leave a character each when they are done. */
function slow() {
  const steps = range(SLOW_STEPS, (number) =>
    defineExecutor({
      id: `Slow${number}`,
      input: z.number(),
      output: z.number(),
      async handle(value) {
        await delay(SLOW_STEP_MS);
        if (process.env.BENCH_LEDGER) appendFileSync(process.env.BENCH_LEDGER, ".");
        return value;
      },
    }),
  );
  const [first, ...rest] = steps;
  const builder = new WorkflowBuilder("Slow", first);
  rest.forEach((step, index) => {
    builder.addEdge(steps[index], step);
  });
  return builder.withOutputFrom(steps.at(-1)).build();
}

/** One executor that sends to itself until its number is the superstep limit. */
function loop() {
  const step = addOne("Step");
  return new WorkflowBuilder("Loop", step)
    .addEdge(step, step, { when: (value) => value < 10_000, label: "again" })
    .addEdge(step, addOne("End"), { when: (value) => value >= 10_000 })
    .withLimits({ maxSupersteps: 10_001 })
    .build();
}

/** Asks as many people as its input says. */
function crowd() {
  const ask = defineRequestPort({ id: "Ask", request: z.number(), response: z.number() });
  const invite = defineExecutor({
    id: "Invite",
    input: z.number(),
    sends: z.number(),
    handle: (count, context) => {
      for (let number = 1; number <= count; number++) context.sendMessage(number);
    },
  });
  return new WorkflowBuilder("Crowd", invite).addEdge(invite, ask).withOutputFrom(ask).build();
}

serveWorkflows({
  catalog: defineCatalog([chain(), fanOut(), approval(), wide(), countdown(), slow(), loop(), crowd()]),
  recordedPlans: [],
});

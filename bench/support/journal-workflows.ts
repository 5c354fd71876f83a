import { defineExecutor, defineRequestPort, WorkflowBuilder } from "durable-workflows";
import { z } from "zod";

/** The workloads of `bench/journal.ts`: trivial executors, with schemas on. */

const CHAIN_LENGTH = 10;
const FAN_OUT_WIDTH = 100;

type Step = ReturnType<typeof addOne<string>>;

const addOne = <Id extends string>(id: Id) =>
  defineExecutor({ id, input: z.number(), output: z.number(), handle: (value) => value + 1 });
function chainOf(name: string, steps: readonly Step[]) {
  const [first, ...rest] = steps;
  if (!first) throw new Error("A chain needs a step.");
  const builder = new WorkflowBuilder(name, first);
  const last = rest.reduce((before, next) => {
    builder.addEdge(before, next);
    return next;
  }, first);
  return builder.withOutputFrom(last).build();
}

const range = (length: number) => Array.from({ length }, (_, index) => index + 1);

/** Gives its input plus 10. */
export const chain = chainOf(
  "Chain",
  range(CHAIN_LENGTH).map((number) => addOne(`Step${number}`)),
);

const start = addOne("Start");
const branches = range(FAN_OUT_WIDTH).map((number) => addOne(`Branch${number}`));
const sum = defineExecutor({
  id: "Sum",
  input: z.array(z.number()),
  output: z.number(),
  handle: (values) => values.reduce((total, value) => total + value, 0),
});

/** One step, 100 branches, one list. */
export const fanOut = new WorkflowBuilder("FanOut", start)
  .addFanOut(start, branches as [Step, ...Step[]])
  .addFanIn(branches as [Step, ...Step[]], sum as never)
  .withOutputFrom(sum)
  .build();

const split = defineExecutor({
  id: "Split",
  input: z.number(),
  sends: z.number(),
  handle(width, { sendMessage }) {
    for (let place = 0; place < width; place++) sendMessage(place);
  },
});
const branch = addOne("Branch");

/** As many branches as its input says, each with an output of its own. */
export const wide = new WorkflowBuilder("Wide", split).addEdge(split, branch).withOutputFrom(branch).build();

const before = addOne("Before");
export const approve = defineRequestPort({ id: "Approve", request: z.number(), response: z.number() });
const after = addOne("After");
export const approval = new WorkflowBuilder("Approval", before)
  .addEdge(before, approve)
  .addEdge(approve, after)
  .withOutputFrom(after)
  .build();

const round = addOne("Round");
const done = addOne("Done");

/** Counts up to 2,000, one superstep at a time. */
export const loop = new WorkflowBuilder("Loop", round)
  .addSwitch(round, (on) => on.case((value) => value < 1_999, round).default(done))
  .withOutputFrom(done)
  .build();

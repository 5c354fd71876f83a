// The function app of the benches: five workflows of trivial executors, served by the built library.
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

const catalog = defineCatalog([chain(), fanOut(), approval(), loop(), crowd()]);
serveWorkflows({ catalog, recordedPlans: [] });

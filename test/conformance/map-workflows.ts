import { z } from "zod";
import { defineExecutor, defineRequestPort, errorMessage, mapResult, WorkflowBuilder } from "../../src/index.ts";

/** Workflows that call an executor, a port or a workflow for each item of a list. They keep nothing between two calls. */

const number = z.number();
const numbers = z.array(number);

const list = defineExecutor({ id: "List", input: numbers, output: numbers, handle: (items) => items });
const square = defineExecutor({ id: "Square", input: number, output: number, handle: (value) => value ** 2 });
const squares = defineExecutor({ id: "Squares", input: numbers, output: numbers, handle: (items) => items });
const mapped = new WorkflowBuilder("Mapped", list).addMap(list, square, squares).withOutputFrom(squares).build();
const inWindows = new WorkflowBuilder("MappedInWindows", list)
  .addMap(list, square, squares)
  .withLimits({ maxCallsPerSuperstep: 3 })
  .withOutputFrom(squares)
  .build();
const twoAtATime = new WorkflowBuilder("MappedTwoAtATime", list)
  .addMap(list, square, squares, { concurrency: 2 })
  .withOutputFrom(squares)
  .build();
const narrow = new WorkflowBuilder("MappedNarrow", list)
  .addMap(list, square, squares)
  .withLimits({ maxMapItems: 3 })
  .withOutputFrom(squares)
  .build();

/** Any value is an item, and comes back as it was. */
const anything = z.array(z.json());
const things = defineExecutor({ id: "Things", input: anything, output: anything, handle: (items) => items });
const same = defineExecutor({ id: "Same", input: z.json(), output: z.json(), handle: (value) => value });
const thingsAgain = defineExecutor({ id: "ThingsAgain", input: anything, output: anything, handle: (items) => items });
const anyItems = new WorkflowBuilder("MappedAnything", things)
  .addMap(things, same, thingsAgain)
  .withOutputFrom(thingsAgain)
  .build();

/** Above 10 it fails; above 100 only at its first two attempts. */
const risky = defineExecutor({
  id: "Risky",
  input: number,
  output: number,
  retry: { maxAttempts: 3, firstDelayMs: 5 },
  handle(value, { attempt }) {
    if (value > 100 ? attempt < 3 : value > 10) throw Object.assign(new Error(`No ${value}.`), { code: `NO_${value}` });
    return value;
  },
});
const retriedItems = new WorkflowBuilder("MappedWithRetries", list)
  .addMap(list, risky, squares, { concurrency: 3 })
  .withOutputFrom(squares)
  .build();
const settled = defineExecutor({
  id: "Settled",
  input: z.array(mapResult(number)),
  output: z.array(z.string()),
  handle: (results) => results.map((one) => (one.ok ? `ok ${one.output}` : `failed ${one.error.code}`)),
});
const settles = new WorkflowBuilder("MappedSettled", list)
  .addMap(list, risky, settled, { policy: "settle" })
  .withOutputFrom(settled)
  .build();
const atLeastTwo = new WorkflowBuilder("MappedAtLeastTwo", list)
  .addMap(list, risky, settled, { policy: { atLeast: 2 }, concurrency: 2 })
  .withOutputFrom(settled)
  .build();
const mends = defineExecutor({
  id: "Mends",
  input: errorMessage(number),
  output: z.string(),
  handle: ({ executorId, input, error }) => `${executorId} ${input} ${error.code}`,
});
const failuresTaken = new WorkflowBuilder("MappedWithErrorEdge", list)
  .addMap(list, risky, squares, { concurrency: 1 })
  .addErrorEdge(risky, mends)
  .withOutputFrom(squares, mends)
  .build();

const takesTooLong = defineExecutor({
  id: "TakesTooLong",
  input: number,
  output: number,
  timeoutMs: 30,
  async handle(value, { signal }) {
    if (value > 10) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return value;
  },
});
const limitedItems = new WorkflowBuilder("MappedWithTimeLimit", list)
  .addMap(list, takesTooLong, settled, { policy: "settle" })
  .withOutputFrom(settled)
  .build();

/** A person is asked about every item. */
const question = z.object({ subject: z.string() });
const answer = z.object({ approved: z.boolean() });
const questions = defineExecutor({
  id: "Questions",
  input: z.array(z.string()),
  output: z.array(question),
  handle: (subjects) => subjects.map((subject) => ({ subject })),
});
const approval = defineRequestPort({
  id: "Approval",
  request: question,
  response: answer,
  sends: "requestAndResponse",
});
const verdict = defineExecutor({
  id: "Verdict",
  input: z.array(z.object({ request: question, response: answer })),
  output: z.string(),
  handle: (all) => all.map(({ request, response }) => `${request.subject}: ${response.approved}`).join(", "),
});
const askedEach = new WorkflowBuilder("MappedPort", questions)
  .addMap(questions, approval, verdict, { concurrency: 2 })
  .withOutputFrom(verdict)
  .build();

/** What nobody answers goes to somebody else, and to the same place. */
const boss = defineRequestPort({ id: "Boss", request: number, response: number });
const clerk = defineRequestPort({
  id: "Clerk",
  request: number,
  response: number,
  timeout: { afterMs: 20, escalateTo: boss },
});
const escalated = new WorkflowBuilder("MappedEscalation", list)
  .addMap(list, clerk, squares)
  .withOutputFrom(squares)
  .build();

/** A workflow for every item: its last output counts. */
const addOne = defineExecutor({ id: "AddOne", input: number, output: number, handle: (value) => value + 1 });
const double = defineExecutor({ id: "Double", input: number, output: number, handle: (value) => value * 2 });
const steps = new WorkflowBuilder("Steps", addOne).addEdge(addOne, double).withOutputFrom(addOne, double).build();
const framesPerItem = new WorkflowBuilder("MappedWorkflow", list)
  .addMap(list, steps, squares)
  .withLimits({ maxCallsPerSuperstep: 2 })
  .withOutputFrom(squares)
  .build();
const silent = defineExecutor({
  id: "SilentAboveTen",
  input: number,
  yields: number,
  handle(value, { yieldOutput }) {
    if (value > 100) throw Object.assign(new Error("Too much."), { code: "TOO_MUCH" });
    if (value <= 10) yieldOutput(value);
  },
});
const yields = new WorkflowBuilder("YieldsSome", silent).withOutputFrom(silent).build();
const framesThatFail = new WorkflowBuilder("MappedWorkflowSettled", list)
  .addMap(list, yields, settled, { policy: "settle" })
  .withOutputFrom(settled)
  .build();

/** A map in a workflow that is mapped: a list of lists. */
const lists = defineExecutor({
  id: "Lists",
  input: z.array(numbers),
  output: z.array(numbers),
  handle: (items) => items,
});
const sum = defineExecutor({
  id: "Sum",
  input: numbers,
  output: number,
  handle: (values) => values.reduce((total, value) => total + value, 0),
});
const sumOfSquares = new WorkflowBuilder("SumOfSquares", list).addMap(list, square, sum).withOutputFrom(sum).build();
const sums = new WorkflowBuilder("MappedMaps", lists)
  .addMap(lists, sumOfSquares, squares)
  .withOutputFrom(squares)
  .build();

/** Two maps over one executor at once, and a loop through a map: until a value has four digits. */
const both = defineExecutor({ id: "Both", input: z.array(numbers), output: numbers, handle: (items) => items.flat() });
const doubles = defineExecutor({ id: "Doubles", input: numbers, output: numbers, handle: (items) => items });
const twoMaps = new WorkflowBuilder("TwoMaps", list)
  .addMap(list, square, squares, { concurrency: 2 })
  .addMap(list, double, doubles)
  .addFanIn([squares, doubles], both)
  .withOutputFrom(both)
  .build();
const loopOfMaps = new WorkflowBuilder("LoopOfMaps", list)
  .addMap(list, square, squares)
  .addSwitch(squares, (on) => on.case((items) => items.some((value) => value < 1_000), list).default(doubles))
  .withOutputFrom(doubles)
  .build();

/** Sends besides what it returns, and is called from an edge as well: only what a map asked for goes to the map. */
const talks = defineExecutor({
  id: "Talks",
  input: number,
  output: number,
  sends: z.string(),
  handle(value, { sendMessage }) {
    sendMessage(`working on ${value}`);
    return value * 10;
  },
});
const seven = defineExecutor({ id: "Seven", input: numbers, output: number, handle: () => 7 });
const hears = defineExecutor({ id: "Hears", input: z.json(), output: z.json(), handle: (message) => message });
const mapAndEdges = new WorkflowBuilder("MapAndEdges", list)
  .addMap(list, talks, squares)
  .addEdge(list, seven)
  .addEdge(seven, talks)
  .addEdge(talks, hears)
  .withOutputFrom(squares, hears)
  .build();

export const mapWorkflows = [
  mapped,
  inWindows,
  twoAtATime,
  narrow,
  anyItems,
  retriedItems,
  settles,
  atLeastTwo,
  failuresTaken,
  limitedItems,
  askedEach,
  escalated,
  framesPerItem,
  framesThatFail,
  sums,
  twoMaps,
  loopOfMaps,
  mapAndEdges,
] as const;

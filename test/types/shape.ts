import { z } from "zod";
import { defineExecutor, mapResult, runInProcess, WorkflowBuilder, withId } from "../../src/index.ts";
import { approval, label, len, lookUp, pair, say, shout, split, sum } from "./vertices.ts";

// Maps, and workflows as parts of others. The sentence of a wrong one stands behind the directive.

const words = defineExecutor({
  id: "Words",
  input: z.string(),
  output: z.array(z.string()),
  handle: (line) => line.split(" "),
});
const counts = defineExecutor({
  id: "Counts",
  input: z.array(mapResult(z.number())),
  output: z.number(),
  handle: (results) => results.reduce((all, one) => all + (one.ok ? one.output : one.error.message.length), 0),
});
const builder = new WorkflowBuilder("Shape", words);

builder.addMap(words, len, sum);
builder.addMap(words, len, sum, { concurrency: 5, policy: "all", label: "lengths" });
builder.addMap(words, len, counts, { policy: "settle" });
builder.addMap(words, len, counts, { policy: { atLeast: 3 } });

// @ts-expect-error "OrderLookup" does not send a list, so "Say" cannot be mapped over it
builder.addMap(lookUp, say, sum);

// @ts-expect-error "Say" sends no message, so no edge can start there
builder.addMap(say, len, sum);

// @ts-expect-error "an item of Words" sends text, but "Approval" accepts an object
builder.addMap(words, approval, sum);

// @ts-expect-error "Split" returns nothing, so there is nothing that a map could collect
builder.addMap(words, split, sum);

// @ts-expect-error "the map over Shout" sends another type than "Sum" accepts
builder.addMap(words, shout, sum);

// @ts-expect-error "the map over Len" sends a list, but "Say" accepts text
builder.addMap(words, len, say);

// With another policy a failure is among the results.
// @ts-expect-error "the map over Len" sends another type than "Sum" accepts
builder.addMap(words, len, sum, { policy: "settle" });

// A workflow as a node

const counting = new WorkflowBuilder("Counting", words).addMap(words, len, sum).withOutputFrom(sum).build();
const asking = new WorkflowBuilder("Asking", lookUp).addEdge(lookUp, approval).withOutputFrom(approval).build();
const isEven = defineExecutor({
  id: "IsEven",
  input: z.number(),
  output: z.boolean(),
  handle: (count) => count % 2 === 0,
});

const outer = new WorkflowBuilder("Outer", shout)
  .addEdge(shout, counting)
  .addEdge(counting, isEven)
  .addEdge(shout, asking)
  .addEdge(shout, withId("AskingAgain", asking))
  .withOutputFrom(isEven)
  .build();

/** Ports of a sub-workflow are known by their id in the run, which has the type of the outer one. */
export async function nestedRun(): Promise<boolean> {
  const run = runInProcess(outer, "a line");
  const { request } = await run.nextRequest("Approval");
  request.total.toFixed();
  await run.respond("Approval", { approved: true });
  // @ts-expect-error the compiler's own words: no such answer
  await run.respond("Approval", { approved: "yes" });
  return run.output();
}

// Without withOutputFrom, or where the chain is broken before it, the output of a workflow has no type.

const unsaid = new WorkflowBuilder("Unsaid", words).addMap(words, len, sum).build();
const inPieces = new WorkflowBuilder("InPieces", words).addMap(words, len, sum);
inPieces.withOutputFrom(sum);
const pieced = inPieces.build();
const anything = defineExecutor({ id: "Anything", input: z.unknown(), output: z.unknown(), handle: (value) => value });

builder.addEdge(unsaid, anything);

// @ts-expect-error "Unsaid" does not say what it outputs: end the chain of its builder with .withOutputFrom(executor).build()
builder.addEdge(unsaid, isEven);

// @ts-expect-error "InPieces" does not say what it outputs: end the chain of its builder with .withOutputFrom(executor).build()
builder.addEdge(pieced, say, { when: () => true });

// @ts-expect-error "Unsaid" does not say what it outputs: end the chain of its builder with .withOutputFrom(executor).build()
builder.addMap(unsaid, say, sum);

// @ts-expect-error "Unsaid" does not say what it outputs: end the chain of its builder with .withOutputFrom(executor).build()
builder.addMap(words, unsaid, sum);

// @ts-expect-error "Unsaid" does not say what it outputs: end the chain of its builder with .withOutputFrom(executor).build()
builder.addFanIn([unsaid, len], pair);

// @ts-expect-error "Anything" sends anything, but "Say" accepts text
builder.addEdge(anything, say);

// @ts-expect-error "Counting" sends a number, but "Say" accepts text
builder.addEdge(counting, say);

// @ts-expect-error "OrderLookup" sends an object, but "Counting" accepts text
builder.addEdge(lookUp, counting);

// @ts-expect-error "AskingAgain" sends an object, but "Say" accepts text
builder.addEdge(withId("AskingAgain", asking), say);

// @ts-expect-error "Label" needs "id" and "name" and "street", which "Asking" does not send
builder.addEdge(asking, label);

import { z } from "zod";
import { defineExecutor, defineState, type ExecutorContext, WorkflowBuilder } from "../../src/index.ts";
import { both, either, len, publish, reader, review, rewrite, say, shout, split } from "./vertices.ts";

// What has to compile: conditions that narrow, and those that need not.

const builder = new WorkflowBuilder("Right", review);

builder.addEdge(review, rewrite, { when: (decision) => decision.kind === "revise" });
builder.addEdge(review, publish, { when: (decision) => decision.kind !== "revise", label: "accepted" });
builder.addEdge(both, shout, { when: (value) => typeof value === "string" });

// A guard of one's own, for a wider type than the message
interface Revision {
  readonly kind: "revise";
  readonly feedback: string;
}
const isRevision = (value: unknown): value is Revision => Object(value).kind === "revise";
builder.addEdge(review, rewrite, { when: isRevision });
builder.addSwitch(review, (on) => on.case(isRevision, rewrite).default(publish));

// A condition that answers later narrows nothing, and need not where everything fits.
builder.addEdge(len, len2(), { when: async (count) => count > 0 });
builder.addSwitch(both, (on) =>
  on
    .case(async (value) => value === "", either2())
    .case((value) => typeof value === "number", len2(), { label: "a number" })
    .default(say),
);
builder.addSwitch(review, (on) => on.case((decision) => decision.kind === "revise", rewrite).dropRest());

// A selector sees the message, and chooses from the list.
builder.addFanOut(shout, [len, either], { select: (text) => (text === "" ? [len] : [either]) });
builder.addFanOut(shout, [len, either], { select: async () => [] });

// An executor that only sends has edges for what it sends.
builder.addEdge(split, reader, { when: ({ word }) => word !== "" });

function len2() {
  return defineExecutor({ id: "Len2", input: z.number(), handle: () => {} });
}
function either2() {
  return defineExecutor({ id: "Either2", input: z.union([z.string(), z.number()]), handle: () => {} });
}

// A value without a type is trusted, in and out.
const anything = defineExecutor({ id: "Anything", input: z.unknown(), output: z.any(), handle: (value) => value });
builder.addEdge(review, anything).addEdge(anything, shout);

// A class may declare state, send and yield; its context says what.
const rounds = defineState({ name: "rounds", schema: z.number(), initial: 0 });
class Counter {
  readonly id = "Counter";
  readonly input = z.string();
  readonly sends = z.object({ word: z.string() });
  readonly yields = z.number();
  readonly state = { writes: [rounds] };
  handle(word: string, { state, sendMessage, yieldOutput }: ExecutorContext<{ word: string }, number>): void {
    state.set(rounds, state.get(rounds) + 1);
    sendMessage({ word });
    yieldOutput(state.get(rounds));
  }
}
builder.addEdge(defineExecutor(new Counter()), reader);

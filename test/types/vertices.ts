import { z } from "zod";
import { defineExecutor, defineRequestPort, errorMessage } from "../../src/index.ts";

/** Executors that the type tests wire up rightly and wrongly. */

const order = z.object({ id: z.string(), total: z.number() });

export const lookUp = defineExecutor({
  id: "OrderLookup",
  input: z.string(),
  output: order,
  handle: (id) => ({ id, total: 1 }),
});
export const sendEmail = defineExecutor({
  id: "SendEmail",
  input: z.object({ id: z.string(), email: z.email() }),
  output: z.string(),
  handle: ({ email }) => email,
});
export const label = defineExecutor({
  id: "Label",
  input: z.object({ id: z.string(), name: z.string(), street: z.string(), note: z.string().optional() }),
  output: z.string(),
  handle: ({ name }) => name,
});
export const bill = defineExecutor({
  id: "Bill",
  input: z.object({ id: z.string(), total: z.string() }),
  output: z.string(),
  handle: ({ total }) => total,
});
export const say = defineExecutor({ id: "Say", input: z.string(), handle: () => {} });
export const shout = defineExecutor({
  id: "Shout",
  input: z.string(),
  output: z.string(),
  handle: (text) => text.toUpperCase(),
});
export const len = defineExecutor({
  id: "Len",
  input: z.string(),
  output: z.number(),
  handle: (text) => text.length,
});
export const even = defineExecutor({
  id: "Even",
  input: z.union([z.literal(0), z.literal(2)]),
  output: z.string(),
  handle: (count) => String(count),
});
export const sum = defineExecutor({
  id: "Sum",
  input: z.array(z.number()),
  output: z.number(),
  handle: (counts) => counts.reduce((all, count) => all + count, 0),
});
export const pair = defineExecutor({
  id: "Pair",
  input: z.tuple([order, z.union([z.string(), z.number()])]),
  output: z.string(),
  handle: ([{ id }, both]) => `${id} ${both}`,
});
export const both = defineExecutor({
  id: "Both",
  input: z.string(),
  output: z.union([z.string(), z.number()]),
  handle: (text) => (text === "" ? 0 : text),
});
export const either = defineExecutor({
  id: "Either",
  input: z.union([z.string(), z.object({ year: z.number() })]),
  output: z.string(),
  handle: (value) => (typeof value === "string" ? value : String(value.year)),
});
export const split = defineExecutor({
  id: "Split",
  input: z.string(),
  sends: z.object({ word: z.string() }),
  handle(line, { sendMessage }) {
    for (const word of line.split(" ")) sendMessage({ word });
  },
});
export const reader = defineExecutor({
  id: "Reader",
  input: z.object({ word: z.string() }),
  output: z.string(),
  handle: ({ word }) => word,
});

const revise = z.object({ kind: z.literal("revise"), feedback: z.string() });
const accept = z.object({ kind: z.literal("accept"), text: z.string() });
export const review = defineExecutor({
  id: "Review",
  input: z.string(),
  output: z.union([revise, accept]),
  handle: (text) => (text === "" ? { kind: "revise", feedback: "longer" } : { kind: "accept", text }),
});
export const rewrite = defineExecutor({
  id: "Rewrite",
  input: revise,
  output: z.string(),
  handle: ({ feedback }) => feedback,
});
export const publish = defineExecutor({
  id: "Publish",
  input: accept,
  output: z.string(),
  handle: ({ text }) => text,
});
export const approval = defineRequestPort({
  id: "Approval",
  request: order,
  response: z.object({ approved: z.boolean() }),
});
export const apologize = defineExecutor({
  id: "Apologize",
  input: errorMessage(z.string()),
  output: z.string(),
  handle: ({ executorId, input, error }) => `${executorId} ${input} ${error.code}`,
});
export const tellNobody = defineExecutor({
  id: "TellNobody",
  input: errorMessage(order),
  handle: ({ input }) => console.log(input.total.toFixed()),
});

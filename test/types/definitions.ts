import { z } from "zod";
import { defineExecutor, defineRequestPort, defineState, type ExecutorContext } from "../../src/index.ts";

const input = z.string();
const date = z.date();
const text = z.string();

export const dated = defineExecutor({
  id: "Dated",
  input,
  // @ts-expect-error "Dated" sends a Date, which JSON would change on its way: send text or a number, and turn it back in the input schema of the next executor
  output: z.object({ at: date, tags: z.array(z.string()) }),
  handle: () => ({ at: new Date(), tags: [] }),
});

export const mapped = defineExecutor({
  id: "Mapped",
  input,
  // @ts-expect-error "Mapped" sends a Map, which JSON would change on its way: send text or a number, and turn it back in the input schema of the next executor
  sends: z.map(z.string(), z.number()),
  handle: () => {},
});

export const counted = defineExecutor({
  id: "Counted",
  input,
  // @ts-expect-error "Counted" yields a bigint, which JSON would change on its way: send text or a number, and turn it back in the input schema of the next executor
  yields: z.bigint(),
  handle: () => {},
});

export const asked = defineRequestPort({
  id: "Asked",
  // @ts-expect-error "Asked" sends a Date, which JSON would change on its way: send text or a number, and turn it back in the input schema of the next executor
  request: date,
  response: text,
});

export const kept = defineState({
  name: "kept",
  // @ts-expect-error "kept" holds a Set, which JSON would change on its way: send text or a number, and turn it back in the input schema of the next executor
  schema: z.set(z.string()),
  initial: new Set<string>(),
});

// What JSON does not change, and what a receiver turns back
export const fine = defineExecutor({
  id: "Fine",
  input: z.object({ at: z.string().transform((written) => new Date(written)) }),
  output: z.object({ at: z.string(), note: z.string().optional(), rows: z.array(z.tuple([z.number(), z.null()])) }),
  handle: ({ at }) => ({ at: at.toISOString(), rows: [[1, null]] }),
});
interface Tree {
  readonly name: string;
  readonly children: readonly Tree[];
}
const tree: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), children: z.array(tree) }));
export const grown = defineExecutor({ id: "Grown", input: tree, output: tree, handle: (found) => found });

// State

const k = defineState({ name: "k", schema: z.number(), initial: 0 });
const other = defineState({ name: "other", schema: text, initial: "" });

export const undeclared = defineExecutor({
  id: "Undeclared",
  input,
  handle(_, { state }) {
    // @ts-expect-error this executor does not declare that it reads "k": add it to "state"
    state.get(k);
  },
});

export const reads = defineExecutor({
  id: "Reads",
  input,
  state: { reads: [k], writes: [other] },
  handle(_, { state }) {
    const count: number = state.get(k);
    state.set(other, `${count}${state.get(other)}`);
    // @ts-expect-error this executor does not declare that it writes "k": add it to "state"
    state.set(k, 1);
    // @ts-expect-error the compiler's own words: a number is no text
    state.set(other, 1);
  },
});

// @ts-expect-error the compiler's own words: the initial value is a number
defineState({ name: "k", schema: z.number(), initial: "0" });

// What a handler returns and sends

// @ts-expect-error the compiler's own words: a wrong return value
defineExecutor({ id: "A", input, output: text, handle: () => 1 });

// @ts-expect-error the compiler's own words: a returned value without `output`
defineExecutor({ id: "A", input, handle: (line) => line.length });

defineExecutor({
  id: "A",
  input,
  output: text,
  sends: z.number(),
  yields: z.boolean(),
  handle(line, { sendMessage, yieldOutput }) {
    sendMessage(1);
    sendMessage(line);
    yieldOutput(true);
    // @ts-expect-error the compiler's own words: neither `output` nor `sends`
    sendMessage(true);
    // @ts-expect-error the compiler's own words: not what `yields` takes
    yieldOutput(1);
    return line;
  },
});

defineExecutor({
  id: "A",
  input,
  handle(_, { sendMessage, yieldOutput }) {
    // @ts-expect-error the compiler's own words: no schema, no message
    sendMessage("anything");
    // @ts-expect-error the compiler's own words: no schema, no output
    yieldOutput("anything");
  },
});

// Retries

defineExecutor({
  id: "A",
  input,
  retry: { maxAttempts: 3, firstDelayMs: 100, retryOn: ({ code }) => code === "BUSY" },
  handle(_, { attempt, lastError }) {
    const before: string | undefined = attempt > 1 ? lastError?.code : undefined;
    console.log(before);
  },
});

// @ts-expect-error the compiler's own words: the first delay is missing
defineExecutor({ id: "A", input, retry: { maxAttempts: 3 }, handle: () => {} });

// Compensation

defineExecutor({
  id: "A",
  input: z.object({ at: z.string().transform((written) => new Date(written)) }),
  output: text,
  handle: ({ at }) => at.toISOString(),
  compensate(output, { at }, { callKey, attempt }) {
    console.log(output.length, at.getTime(), callKey, attempt);
    // @ts-expect-error the compiler's own words: it returned text
    output.toFixed();
  },
});
defineExecutor({
  id: "A",
  input,
  handle: () => {},
  // @ts-expect-error the compiler's own words: it returned nothing
  compensate: (output) => output.length,
});

// Requests that nobody answers

const boss = defineRequestPort({ id: "Boss", request: z.object({ sum: z.number() }), response: z.boolean() });
const asking = { id: "Clerk", request: z.object({ sum: z.number() }), response: z.boolean() } as const;
defineRequestPort({ ...asking, timeout: { afterMs: 1_000 } });
defineRequestPort({ ...asking, timeout: { afterMs: 1_000, respondWith: false } });
export const clerk = defineRequestPort({ ...asking, timeout: { afterMs: 1_000, escalateTo: boss } });

// @ts-expect-error the compiler's own words: the port takes true or false
defineRequestPort({ ...asking, timeout: { afterMs: 1_000, respondWith: "no" } });

// @ts-expect-error the compiler's own words: one or the other
defineRequestPort({ ...asking, timeout: { afterMs: 1_000, respondWith: false, escalateTo: boss } });

defineRequestPort({
  id: "Clerk",
  request: z.string(),
  response: z.boolean(),
  // @ts-expect-error "Clerk" sends text, but "Boss" accepts an object
  timeout: { afterMs: 1_000, escalateTo: boss },
});

// Classes

export class Wrong {
  readonly id = "Wrong";
  readonly input = z.string();
  readonly output = z.string();
  handle(count: number, _context: ExecutorContext) {
    return String(count);
  }
}
// @ts-expect-error the compiler's own words: the handler takes a number, the schema gives text
defineExecutor(new Wrong());

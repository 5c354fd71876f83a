import { z } from "zod";
import { defineExecutor, WorkflowBuilder } from "../../src/index.ts";

/** Whatever a handler may throw or return, by a name that travels as the input of a run. */

const cyclic = () => {
  const object: Record<string, unknown> = { name: "loop" };
  object.self = object;
  return object;
};
const nested = (levels: number): unknown => (levels === 0 ? "deep" : { in: nested(levels - 1) });
const unreadable = () =>
  new Proxy(
    {},
    {
      get() {
        throw new Error("Not for you.");
      },
    },
  );
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const withGetter = () => ({
  get secret(): string {
    throw new Error("Not for you.");
  },
});
class Money {
  readonly cents = 100;
}
const HUGE_CHARS = 50 * 1_024 * 1_024;

export const THINGS = {
  text: () => "just text",
  null: () => null,
  undefined: () => undefined,
  number: () => 7,
  nan: () => Number.NaN,
  bigint: () => 10n ** 20n,
  symbol: () => Symbol("sign"),
  function: () => function callMe() {},
  list: () => [1, "two"],
  cyclic,
  deep: () => nested(100),
  date: () => new Date(0),
  invalidDate: () => new Date(Number.NaN),
  map: () => new Map([["a", 1]]),
  set: () => new Set([1]),
  bytes: () => new Uint8Array(3),
  instance: () => new Money(),
  getter: withGetter,
  proxy: unreadable,
  revoked,
  // biome-ignore lint/suspicious/noThenProperty: things that look like promises are among what is thrown and returned
  thenable: () => ({ then: (resolve: (value: string) => void) => resolve("later") }),
  // biome-ignore lint/suspicious/noThenProperty: as above
  rejecting: () => ({ then: (_resolve: unknown, reject: (error: Error) => void) => reject(new Error("Never.")) }),
  sparse: () => Object.assign([1], { 2: 3 }),
  huge: () => "x".repeat(HUGE_CHARS),
  hugeError: () => new Error("x".repeat(HUGE_CHARS)),
  cyclicError: () => {
    const error = new Error("Round and round.");
    error.cause = error;
    return error;
  },
  wideError: () => Object.assign(new Error("Wide."), { issues: Array(10_000).fill({ pointer: "/a", message: "No." }) }),
  typeError: () => new TypeError("Wrong type."),
  aggregate: () => new AggregateError([new Error("One."), new Error("Two.")], "Both."),
  frozen: () => Object.freeze(new Error("Cold.")),
  namelessError: () => Object.assign(new Error("Who?"), { name: 5, code: 42, stack: null }),
} satisfies Readonly<Record<string, () => unknown>>;

export type Thing = keyof typeof THINGS;
const thing = z.string().transform((name) => name as Thing);

const throwsIt = defineExecutor({
  id: "ThrowsIt",
  input: thing,
  output: z.string(),
  handle(name) {
    throw THINGS[name]();
  },
});
const returnsIt = defineExecutor({
  id: "ReturnsIt",
  input: thing,
  output: z.unknown(),
  handle: (name) => THINGS[name](),
});
const throwsAnything = new WorkflowBuilder("ThrowsAnything", throwsIt).build();
const returnsAnything = new WorkflowBuilder("ReturnsAnything", returnsIt).build();

/** What one call may produce is limited: by default, and as it is set. */
const talks = defineExecutor({
  id: "Talks",
  input: z.object({ how: z.enum(["return", "send", "yield", "emit"]), chars: z.number() }),
  output: z.string(),
  yields: z.string(),
  handle({ how, chars }, { sendMessage, yieldOutput, emit }) {
    const text = "x".repeat(chars);
    if (how === "send") sendMessage(text);
    if (how === "yield") yieldOutput(text);
    if (how === "emit") emit("text", text);
    return how === "return" ? text : "said";
  },
});
const listens = defineExecutor({
  id: "Listens",
  input: z.string(),
  output: z.number(),
  handle: ({ length }) => length,
});
const talksMuch = new WorkflowBuilder("TalksMuch", talks)
  .addEdge(talks, listens)
  .withLimits({ maxOutcomeChars: 1_000 })
  .build();

export const anythingWorkflows = [throwsAnything, returnsAnything, talksMuch] as const;

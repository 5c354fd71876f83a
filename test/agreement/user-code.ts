import { z } from "zod";
import type { EdgeFunction } from "../../src/graph/draft.ts";
import type {
  CompensationContext,
  ExecutorNode,
  GraphNode,
  HandlerContext,
  RetryPolicy,
} from "../../src/graph/runtime.ts";
import { defineExecutor, defineState, NonRetryableError } from "../../src/index.ts";
import { chance, type DrawnExecutor, type DrawnRetry } from "./drawn-run.ts";
import { fuelOf, type Message, shareOf } from "./messages.ts";
import type { Work } from "./work.ts";

/** The code of a drawn run: all it does follows from the seed, and from which call of the run it is. */

export const message = z.object({ fuel: z.number(), tag: z.number() });

const NAMES = ["red", "green", "blue"];
const stateKeys = (isKept: boolean) =>
  NAMES.map((name) => defineState({ name, schema: z.number(), initial: 0, isKept }));
const [STATE_KEYS, KEPT_KEYS] = [stateKeys(false), stateKeys(true)];

export interface CodeOf {
  readonly seed: number;
  /** State outlives the call of the sub-workflow. */
  readonly keeps: boolean;
  readonly work: Work;
  /** Where messages of this executor may go, and how many copies of each. */
  readonly targets: () => readonly GraphNode[];
}

export function executorOf(id: string, drawn: DrawnExecutor, code: CodeOf): ExecutorNode {
  const keys = (indexes: readonly number[]) => [...new Set(indexes)].flatMap((index) => keysOf(code)[index] ?? []);
  return defineExecutor({
    id,
    input: z.unknown(),
    output: z.union([message, z.array(message)]).optional(),
    ...(drawn.sends > 0 && { sends: message }),
    ...(drawn.yields && { yields: z.number() }),
    state: { reads: keys(drawn.reads), writes: keys(drawn.writes) },
    ...(drawn.retry && { retry: retryOf(drawn.retry, code.seed) }),
    ...(drawn.timeoutMs !== undefined && { timeoutMs: drawn.timeoutMs }),
    handle: (input: unknown, context: HandlerContext) => code.work.during(handle(drawn, code, input, context)),
    ...(drawn.compensates && {
      compensate: async (_output: unknown, _input: unknown, context: CompensationContext) => {
        const roll = rollOf(code.seed, context);
        if (roll("fails") < drawn.fails / 2) throw failure(roll);
      },
    }),
    // The types of a drawn executor are whatever was drawn.
  } as never) as unknown as ExecutorNode;
}

function keysOf({ keeps }: CodeOf): typeof STATE_KEYS {
  return keeps ? KEPT_KEYS : STATE_KEYS;
}

type Roll = (what: string) => number;

function rollOf(seed: number, { callKey, attempt }: { readonly callKey: string; readonly attempt: number }): Roll {
  return (what) => chance(seed, callKey, attempt, what);
}

async function handle(drawn: DrawnExecutor, code: CodeOf, input: unknown, context: HandlerContext) {
  const { seed, work, targets } = code;
  const keys = keysOf(code);
  const roll = rollOf(seed, context);
  if (drawn.takesMs !== undefined && roll("takes") < 0.5) await work.pause(drawn.takesMs, context.signal);
  if (drawn.timeoutMs !== undefined && roll("hangs") < 0.3) await work.hang(context.signal, roll("obeys") < 0.5);
  if (roll("fails") < drawn.fails) throw failure(roll);
  if (drawn.emits) context.emit("reached", { attempt: context.attempt, known: valuesOf(drawn, keys, context) });
  for (const index of drawn.writes) write(`writes ${index}`, keys[index], roll, context);
  if (drawn.halts && roll("halts") < 0.2) context.requestHalt();
  return send(drawn, input, context, roll, targets());
}

function valuesOf({ reads }: DrawnExecutor, keys: typeof STATE_KEYS, { state }: HandlerContext): unknown[] {
  return reads.flatMap((index) => keys[index] ?? []).map((key) => state.get(key as never));
}

function write(what: string, key: unknown, roll: Roll, { state }: HandlerContext): void {
  if (roll(what) < 0.3) state.set(key as never, Number(state.get(key as never)) + 1);
}

function send(
  drawn: DrawnExecutor,
  input: unknown,
  context: HandlerContext,
  roll: Roll,
  targets: readonly GraphNode[],
): Message | Message[] | undefined {
  const fuel = fuelOf(input);
  if (fuel < 1) return undefined;
  const { lists = 1 } = drawn;
  const share = shareOf(fuel, (drawn.sends + lists) * targets.length);
  const make = (what: string): Message => ({ fuel: share, tag: Math.floor(roll(what) * 1_000_000) });
  if (drawn.yields) context.yieldOutput(Math.floor(roll("yields") * 1_000));
  for (let place = 0; place < drawn.sends; place++) {
    const to = targets[Math.floor(roll(`to ${place}`) * targets.length * 2)]; // else to all
    context.sendMessage(make(`sends ${place}`), to && { to });
  }
  if (roll("silent") < drawn.silent) return undefined;
  if (drawn.lists === undefined) return make("returns");
  return Array.from({ length: drawn.lists }, (_, place) => make(`returns ${place}`));
}

/** What the handler throws. Stacks are the same on every machine: histories are kept in files. */
function failure(roll: Roll): unknown {
  const thrown = failureOf(roll);
  return thrown instanceof Error ? withPlainStack(thrown) : thrown;
}

function withPlainStack(error: Error): Error {
  return Object.assign(error, { stack: `${error.name}: ${error.message}` });
}

function failureOf(roll: Roll): unknown {
  const kind = Math.floor(roll("failure") * 6);
  const code = roll("code") < 0.5 ? "BUSY" : "BROKEN";
  if (kind === 0) return new NonRetryableError("Never again.", { code: "FINAL" });
  if (kind === 1) return Object.assign(new Error("Later."), { code, retryAfter: 1 + Math.floor(roll("after") * 90) });
  if (kind === 2) return "just text";
  return Object.assign(new Error(`It is ${code}.`, { cause: new Error("deep inside") }), { code });
}

function retryOf({ retryOn, ...retry }: DrawnRetry, seed: number): RetryPolicy {
  switch (retryOn) {
    case "retryable":
      return retry;
    case "codes":
      return { ...retry, retryOn: ["BUSY", "EXECUTOR_TIMED_OUT"] };
    case "code":
      return { ...retry, retryOn: ({ code }) => code !== "BROKEN" };
    case "asked":
      return { ...retry, retryOn: async ({ message }) => chance(seed, "retry", message) < 0.7 };
  }
}

/** A condition of an edge: some answer at once, some later, and a few not at all. */
export function conditionOf(seed: number, edge: string, holds = 0.6): EdgeFunction {
  return (value) => answer(seed, edge, value, chance(seed, edge, JSON.stringify(value)) < holds);
}

export function selectorOf(seed: number, edge: string, targets: readonly GraphNode[]): EdgeFunction {
  return (value) => {
    const chosen = targets.filter(({ id }) => chance(seed, edge, id, JSON.stringify(value)) < 0.6);
    return answer(seed, edge, value, chosen);
  };
}

function answer<Answer>(seed: number, edge: string, value: unknown, given: Answer): Answer | Promise<Answer> {
  if (chance(seed, edge, "throws", JSON.stringify(value)) < 0.01)
    throw withPlainStack(new Error(`${edge} cannot tell.`));
  return chance(seed, edge, "is async") < 0.3 ? Promise.resolve(given) : given;
}

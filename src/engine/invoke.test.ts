import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { NonRetryableError } from "../errors.ts";
import { WorkflowBuilder } from "../graph/builder.ts";
import type { ExecutorContext } from "../graph/context.ts";
import { defineExecutor } from "../graph/executor.ts";
import { defineRequestPort } from "../graph/request-port.ts";
import type { ExecutorNode, HandlerContext, WorkflowNode } from "../graph/runtime.ts";
import { defineState } from "../graph/state.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { CompletedResult, OutcomeResult } from "../wire/outcome.ts";
import { outcome as outcomeSchema } from "../wire/outcome.ts";
import { invoke } from "./invoke.ts";
import { indexPlan } from "./plan-index.ts";

const total = defineState({ name: "total", schema: z.number(), initial: 1 });
const other = defineState({ name: "other", schema: z.number(), initial: 2 });

/** A workflow of one executor `Work` whose handler is given by each test, with edges to `A` and `B`. */
function workOf(
  handle: (input: never, context: HandlerContext) => unknown,
  more: Partial<ExecutorNode> = {},
): WorkflowNode {
  const work = defineExecutor({
    id: "Work",
    input: z.number(),
    output: z.unknown(),
    sends: z.string(),
    yields: z.string(),
    state: { writes: [total] },
    handle: handle as never,
    ...(more as object),
  } as never) as never;
  const sink = (id: string) => defineExecutor({ id, input: z.unknown(), handle: () => undefined }) as never;
  return new WorkflowBuilder("Test", work)
    .addFanOut(work, [sink("A"), sink("B")] as never)
    .withOutputFrom(work)
    .build();
}

function deliveryOf(workflow: WorkflowNode, valueJson: string, more: Partial<Delivery> = {}): Delivery {
  const { start, state } = workflow.plan;
  return {
    runId: "run-1",
    workflow: workflow.name,
    executorId: start,
    callKey: `${start}-1-1`,
    superstep: 1,
    attempt: 1,
    call: { kind: "message", from: null, valueJson },
    state: Object.fromEntries(state.map(({ name, initialJson }) => [name, initialJson])),
    edges: indexPlan(workflow.plan).outgoing.get(start) ?? [],
    ...more,
  };
}

async function call(workflow: WorkflowNode, valueJson = "1", more: Partial<Delivery> = {}): Promise<OutcomeResult> {
  let nowMs = 100;
  const environment = {
    signal: new AbortController().signal,
    nowMs: () => nowMs++,
    setTimer: () => () => {},
    lateResult: () => {},
  };
  const outcome = await invoke(workflow, deliveryOf(workflow, valueJson, more), environment);
  expect(outcomeSchema.parse(outcome)).toEqual(outcome);
  expect(outcome).toMatchObject({ callKey: "Work-1-1", superstep: 1, attempt: 1, startedAtMs: 100, endedAtMs: 101 });
  return outcome.result;
}

const run = (handle: Parameters<typeof workOf>[0], more?: Partial<ExecutorNode>) => call(workOf(handle, more));

async function completedBy(handle: Parameters<typeof workOf>[0]): Promise<CompletedResult> {
  const result = await run(handle);
  if (result.status !== "completed") throw new Error(JSON.stringify(result));
  return result;
}

async function errorOf(result: OutcomeResult | Promise<OutcomeResult>) {
  const settled = await result;
  return settled.status === "failed" ? settled.error : undefined;
}

describe("a call", () => {
  it("gives everything the handler did, in order", async () => {
    const result = await completedBy((_input, context) => {
      context.sendMessage("one");
      context.yieldOutput("first");
      context.emit("halfway", { percent: 50 });
      context.sendMessage("two", { to: { id: "B" } });
      context.requestHalt();
      context.state.set(total, 5);
      return { done: true };
    });
    expect(result).toEqual({
      status: "completed",
      messages: [
        { valueJson: '"one"', origin: "sent", routes: {} },
        { valueJson: '"two"', origin: "sent", to: "B", routes: {} },
        { valueJson: '{"done":true}', origin: "returned", routes: {} },
      ],
      yielded: ['"first"'],
      writes: { total: "5" },
      emitted: [{ name: "halfway", dataJson: '{"percent":50}' }],
      haltRequested: true,
    });
  });

  it("tells the handler which run, call and attempt it is", async () => {
    const seen: HandlerContext[] = [];
    await completedBy((_input, context) => seen.push(context));
    expect(seen[0]).toMatchObject({
      runId: "run-1",
      workflow: "Test",
      executorId: "Work",
      callKey: "Work-1-1",
      attempt: 1,
      superstep: 1,
    });
    expect(seen[0]?.signal.aborted).toBe(false);
  });

  it("hands over what the input schema gives, and sends on what the output schema gives", async () => {
    const handle = vi.fn((at: unknown) => at);
    const result = await call(
      workOf(handle as never, {
        input: z.string().transform((text) => new Date(text)),
        output: z.date().transform((date) => date.getTime()),
      }),
      '"1970-01-01T00:00:01Z"',
    );
    expect(handle).toHaveBeenCalledWith(new Date(1_000), expect.anything());
    expect(result).toMatchObject({ messages: [{ valueJson: "1000" }] });
  });

  it("sends what was there when it was sent, whatever becomes of the object", async () => {
    const message = { text: "before" };
    const result = await call(
      workOf(
        (_input, context) => {
          context.sendMessage(message);
          message.text = "after";
        },
        { sends: z.object({ text: z.string() }) },
      ),
    );
    expect(result).toMatchObject({ messages: [{ valueJson: '{"text":"before"}' }] });
  });

  it("sends nothing for a handler that returns nothing", async () => {
    expect((await completedBy(() => undefined)).messages).toEqual([]);
  });

  it("waits for schemas that answer later, and keeps the order", async () => {
    const slowFirst = z.string().refine(async (text) => {
      if (text === "slow") await new Promise((resolve) => setImmediate(resolve));
      return text !== "bad";
    });
    const both = workOf(
      (_input, context) => {
        context.sendMessage("slow");
        context.sendMessage("quick");
      },
      { sends: slowFirst, output: z.never().optional() },
    );
    expect(await call(both)).toMatchObject({ messages: [{ valueJson: '"slow"' }, { valueJson: '"quick"' }] });
    const bad = workOf((_input, context) => context.sendMessage("bad"), {
      sends: slowFirst,
      output: z.number().optional(),
    });
    expect(await errorOf(call(bad))).toMatchObject({ code: "EXECUTOR_OUTPUT_INVALID" });
  });
});

describe("state", () => {
  it("shows a handler its own writes at once", async () => {
    const result = await completedBy((_input, { state }) => {
      state.set(total, Number(state.get(total)) + 1);
      state.set(total, Number(state.get(total)) + 1);
    });
    expect(result.writes).toEqual({ total: "3" });
  });

  it("refuses a key the executor does not declare", async () => {
    expect(await errorOf(run((_input, { state }) => state.get(other)))).toMatchObject({ code: "STATE_NOT_DECLARED" });
    expect(await errorOf(run((_input, { state }) => state.set(other, 1)))).toMatchObject({
      code: "STATE_NOT_DECLARED",
    });
  });

  it("refuses a key that the graph of the run does not have yet", async () => {
    const workflow = workOf((_input, { state }) => state.set(total, 1));
    expect(await errorOf(call(workflow, "1", { state: {} }))).toMatchObject({ code: "STATE_NOT_DECLARED" });
  });

  it("refuses a value that does not fit", async () => {
    const error = await errorOf(run((_input, { state }) => state.set(total, "much")));
    expect(error).toMatchObject({ code: "STATE_VALUE_INVALID", retryable: false, issues: [{ pointer: "" }] });
  });
});

describe("what does not fit", () => {
  it.each<[string, Parameters<typeof workOf>[0], string]>([
    ["a message of another type", (_input, context) => context.sendMessage(Symbol("x")), "VALUE_NOT_JSON"],
    ["a yielded value of another type", (_input, context) => context.yieldOutput(5), "EXECUTOR_OUTPUT_INVALID"],
    ["a target without an edge", (_i, c) => c.sendMessage("x", { to: { id: "Work" } }), "TARGET_NOT_CONNECTED"],
    ["a Map", () => new Map(), "VALUE_NOT_JSON"],
    ["emitted data with a function", (_input, context) => context.emit("x", { f: () => 1 }), "VALUE_NOT_JSON"],
  ])("fails the call: %s", async (_what, handle, code) => {
    expect(await errorOf(run(handle))).toMatchObject({ code, executorId: "Work" });
  });

  it("is not sent, also when the handler goes on", async () => {
    const result = await completedBy((_input, { sendMessage, yieldOutput }) => {
      expect(() => sendMessage(Symbol("x"))).toThrow(expect.objectContaining({ code: "VALUE_NOT_JSON" }));
      expect(() => yieldOutput(5)).toThrow(expect.objectContaining({ code: "EXECUTOR_OUTPUT_INVALID" }));
      sendMessage("right");
    });
    expect(result).toMatchObject({ messages: [{ valueJson: '"right"' }], yielded: [] });
  });

  it("names the place in the input", async () => {
    const workflow = workOf(() => 1, { input: z.object({ lines: z.array(z.object({ "a/b": z.number() })) }) });
    const error = await errorOf(call(workflow, '{"lines":[{"a/b":1},{"a/b":"x"}]}'));
    expect(error).toMatchObject({ code: "EXECUTOR_INPUT_INVALID", issues: [{ pointer: "/lines/1/a~1b" }] });
  });

  it("is a returned value without an output schema", async () => {
    const workflow = workOf(() => 5, {} as never);
    const nodes = new Map(workflow.nodes);
    const { output: _output, ...work } = nodes.get("Work") as ExecutorNode;
    nodes.set("Work", work);
    expect(await errorOf(call({ ...workflow, nodes }))).toMatchObject({ code: "EXECUTOR_OUTPUT_INVALID" });
  });
});

describe("failures", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  const hostile = Object.defineProperty({}, "message", {
    get: () => {
      throw new Error("no");
    },
    enumerable: true,
  });

  it.each<[string, unknown, object]>([
    [
      "an error",
      new TypeError("boom"),
      { name: "TypeError", code: "HANDLER_FAILED", message: "boom", retryable: true },
    ],
    ["an error with a code", Object.assign(new Error("gone"), { code: "ENOENT" }), { code: "ENOENT", retryable: true }],
    ["an error that is final", Object.assign(new Error("x"), { retryable: false }), { retryable: false }],
    [
      "a code like a member of every object",
      Object.assign(new Error("x"), { code: "constructor" }),
      { retryable: true },
    ],
    ["text", "just text", { name: "Error", message: "just text" }],
    ["null", null, { message: "The executor threw null, which is no error." }],
    ["an object", { a: 1 }, { message: 'The executor threw {"a":1}, which is no error.' }],
    ["a cycle", cyclic, { message: "The executor threw an object that cannot be read, which is no error." }],
    [
      "a getter that throws",
      hostile,
      { message: "The executor threw an object that cannot be read, which is no error." },
    ],
  ])("become data: %s", async (_what, thrown, data) => {
    const error = await errorOf(
      run(() => {
        throw thrown;
      }),
    );
    expect(error).toMatchObject({ executorId: "Work", causes: [], ...data });
  });

  it("become data when nothing at all can be read of them", async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(await errorOf(run(() => Promise.reject(proxy)))).toMatchObject({ name: "Error", code: "HANDLER_FAILED" });
  });

  it("keep the issues of this library, and no others", async () => {
    const ours = Object.assign(new Error("x"), { issues: [{ pointer: "/a", message: "wrong" }] });
    expect(await errorOf(run(() => Promise.reject(ours)))).toMatchObject({ issues: ours.issues });
    const theirs = Object.assign(new Error("x"), { code: "RUN_FAILED", issues: [{ path: ["a"] }, null] });
    expect(await errorOf(run(() => Promise.reject(theirs)))).toMatchObject({ code: "RUN_FAILED", issues: [] });
  });

  it("keep their causes, also when these go in a circle", async () => {
    const root = new Error("root");
    const top = new Error("top", { cause: Object.assign(new Error("middle", { cause: root }), { code: "E_MIDDLE" }) });
    root.cause = top;
    const error = await errorOf(run(() => Promise.reject(top)));
    expect(error?.causes).toEqual([
      { name: "Error", code: "E_MIDDLE", message: "middle" },
      { name: "Error", message: "root" },
    ]);
  });

  it("stay under 32 KB", async () => {
    const huge = () => new Error("\u0000".repeat(100_000));
    const top = Object.assign(huge(), { cause: Object.assign(huge(), { cause: huge() }), stack: "🎉".repeat(100_000) });
    const error = await errorOf(run(() => Promise.reject(top)));
    expect(new TextEncoder().encode(JSON.stringify(error)).length).toBeLessThanOrEqual(32 * 1024);
    expect(error?.message.length).toBeGreaterThan(500);
  });

  it("never look like an executor that is not deployed", async () => {
    const thrown = Object.assign(new Error("no such thing"), { code: "EXECUTOR_NOT_DEPLOYED" });
    expect(await errorOf(run(() => Promise.reject(thrown)))).toMatchObject({ code: "HANDLER_FAILED" });
  });
});

describe("the name of an emitted event", () => {
  it.each([
    ["an empty text", ""],
    ["of type undefined", undefined],
    ["of type null", null],
    ["of type object", { name: "x" }],
  ])("is refused at once when it is %s", async (words, name) => {
    const emits = (context: HandlerContext) => context.emit(name as string);
    const error = await errorOf(run((_input, context) => emits(context)));
    expect(error).toMatchObject({ code: "EVENT_NAME_INVALID", executorId: "Work", retryable: false });
    expect(error?.message).toContain(words);
    await completedBy((_input, context) => {
      expect(() => emits(context)).toThrow(words);
    });
  });
});

describe("whatever a handler does", () => {
  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  });
  const revoked = Proxy.revocable([], {});
  revoked.revoke();
  let reads = 0;
  /** In functions, since fast-check itself cannot look at some of them. */
  const odd = fc.oneof(
    anything.map((value) => () => value),
    fc.constantFrom<() => unknown>(
      () => Object.defineProperty({}, "toJSON", { value: () => undefined }),
      () => Object.assign([], { toJSON: () => undefined }),
      () => Object.create(Object.create(null, { toJSON: { value: () => undefined } })),
      () => new Proxy({}, { get: (_, name) => (name === "toJSON" && ++reads % 2 === 0 ? () => undefined : undefined) }),
      () => revoked.proxy,
      () => Symbol("s"),
      () => () => undefined,
      () => Object.assign(new Error("no"), { code: 7, issues: revoked.proxy, cause: revoked.proxy, retryable: "yes" }),
      // biome-ignore lint/suspicious/noThenProperty: a handler may well return such a thing
      () => Object.fromEntries([["then", (_: unknown, reject: (reason: unknown) => void) => reject(revoked.proxy)]]),
      () => new Proxy([], { get: () => 5 }),
    ),
  );
  const deed = fc.record({
    how: fc.constantFrom("return", "throw", "send", "yield", "emit", "set", "target"),
    make: odd,
  });

  it("gives an outcome that every shell can send and read", async () => {
    const act = (context: HandlerContext, { how, make }: { how: string; make: () => unknown }) => {
      const value = make();
      if (how === "throw") throw value;
      if (how === "send") context.sendMessage(value);
      if (how === "yield") context.yieldOutput(value);
      if (how === "emit") context.emit(value as string, value);
      if (how === "set") context.state.set(total, value);
      if (how === "target") context.sendMessage("x", { to: { id: value as string } });
      return how === "return" ? value : undefined;
    };
    const open = { input: z.unknown(), sends: z.unknown(), yields: z.unknown() };
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 3 }), fc.boolean(), async (deeds, isCareless) => {
        const handle = (_input: unknown, context: HandlerContext) => {
          let returned: unknown;
          for (const one of deeds) {
            try {
              returned = act(context, one);
            } catch (error) {
              if (!isCareless) throw error;
            }
          }
          return returned;
        };
        const workflow = workOf(handle as never, open as never);
        const { signal } = new AbortController();
        const environment = { signal, nowMs: () => 1, setTimer: () => () => {}, lateResult: () => {} };
        const outcome = await invoke(workflow, deliveryOf(workflow, "1"), environment);
        expect(outcomeSchema.parse(JSON.parse(JSON.stringify(outcome)))).toEqual(outcome);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the context", () => {
  it("throws when it is used after the call has ended", async () => {
    const kept: HandlerContext[] = [];
    const result = await completedBy((_input, context) => {
      kept.push(context);
      context.sendMessage("in time");
    });
    const late = kept[0] as HandlerContext;
    const uses = [
      () => late.sendMessage("late"),
      () => late.yieldOutput("late"),
      () => late.emit("late"),
      () => late.requestHalt(),
      () => late.state.get(total),
      () => late.state.set(total, 9),
    ];
    for (const use of uses) expect(use).toThrow(expect.objectContaining({ code: "CONTEXT_CLOSED" }));
    expect(result).toMatchObject({ messages: [{ valueJson: '"in time"' }], writes: {}, haltRequested: false });
  });

  it("works when it is taken apart", async () => {
    const result = await completedBy((_input, { sendMessage, state: { get } }) => sendMessage(`total ${get(total)}`));
    expect(result.messages).toMatchObject([{ valueJson: '"total 1"' }]);
  });
});

describe("live updates", () => {
  const sent: unknown[] = [];
  const watched = (isWatched: boolean) => ({
    signal: new AbortController().signal,
    nowMs: () => 1,
    setTimer: () => () => {},
    lateResult: () => {},
    updates: { isWatched: () => isWatched, send: (update: unknown) => sent.push(update) },
  });

  it("reach whoever watches, numbered, while the call goes on", async () => {
    sent.length = 0;
    const workflow = workOf((_input, context) => {
      expect(context.isWatched()).toBe(true);
      context.sendUpdate({ text: "Heat" });
      expect(sent.length).toBe(1);
      context.sendUpdate({ text: " is" });
      return 1;
    });
    await invoke(workflow, deliveryOf(workflow, "1"), watched(true));
    const from = { runId: "run-1", workflow: workflow.name, executorId: "Work", callKey: "Work-1-1", attempt: 1 };
    expect(sent).toEqual([
      { ...from, number: 1, data: '{"text":"Heat"}' },
      { ...from, number: 2, data: '{"text":" is"}' },
    ]);
  });

  it("go nowhere when nobody watches, when nobody can, and when the call has ended", async () => {
    sent.length = 0;
    let kept: HandlerContext | undefined;
    const workflow = workOf((_input, context) => {
      kept = context;
      context.sendUpdate("unheard");
      return context.isWatched();
    });
    const outcome = await invoke(workflow, deliveryOf(workflow, "1"), watched(false));
    expect(outcome.result).toMatchObject({ messages: [{ valueJson: "false" }] });
    await call(workflow);
    await invoke(workflow, deliveryOf(workflow, "1"), watched(true));
    sent.length = 0;
    kept?.sendUpdate("too late");
    expect(sent).toEqual([]);
  });
});

describe("usage", () => {
  it("is refused where it is no count", async () => {
    const error = await errorOf(run((_input, context) => context.addUsage({ inputTokens: -1, outputTokens: 0.5 })));
    expect(error).toMatchObject({
      code: "USAGE_INVALID",
      message:
        'Executor "Work" adds the usage {"inputTokens":-1,"outputTokens":0.5}. Give inputTokens and outputTokens as whole numbers of 0 or more.',
    });
  });
});

describe("edges that ask code", () => {
  const start = defineExecutor({
    id: "Work",
    input: z.number(),
    output: z.object({ value: z.number() }),
    handle: (value) => ({ value }),
  });
  const a = defineExecutor({ id: "A", input: z.unknown(), handle: () => undefined });
  const b = defineExecutor({ id: "B", input: z.unknown(), handle: () => undefined });
  const routesOf = async (workflow: WorkflowNode, valueJson: string) => {
    const result = await call(workflow, valueJson);
    return result.status === "completed" ? Object.values(result.messages[0]?.routes ?? {}) : result;
  };

  it("record their answers", async () => {
    const workflow = new WorkflowBuilder("Test", start)
      .addEdge(start, a, { when: ({ value }) => value > 1 })
      .addSwitch(start, (on) =>
        on
          .case(async ({ value }) => value > 5, a)
          .case(({ value }) => value > 3, b)
          .default(a),
      )
      .addFanOut(start, [a, b], { select: ({ value }) => (value > 3 ? [b, b] : []) })
      .build();
    expect(await routesOf(workflow, "1")).toEqual([false, -1, []]);
    expect(await routesOf(workflow, "4")).toEqual([true, 1, ["B"]]);
    expect(await routesOf(workflow, "9")).toEqual([true, 0, ["B"]]);
  });

  it("do not reach each other through the message", async () => {
    const spoil = (message: { value: number }) => {
      message.value = 100;
      return true;
    };
    const workflow = new WorkflowBuilder("Test", start)
      .addEdge(start, a, { when: spoil })
      .addEdge(start, b, { when: ({ value }) => value < 50 })
      .build();
    expect(await routesOf(workflow, "1")).toEqual([true, true]);
  });

  it("fail the call when their code throws, and keep the reason", async () => {
    const workflow = new WorkflowBuilder("Test", start)
      .addEdge(start, a, {
        when: () => {
          throw new Error("no idea");
        },
      })
      .build();
    expect(await errorOf(call(workflow))).toMatchObject({
      code: "CONDITION_FAILED",
      causes: [{ name: "Error", message: "no idea" }],
    });
  });

  it.each([
    ["a stranger", () => [start]],
    ["no executor", () => [undefined]],
    ["no list", () => a],
  ])("fail the call when a selector chooses %s", async (_what, select) => {
    const workflow = new WorkflowBuilder("Test", start).addFanOut(start, [a, b], { select: select as never }).build();
    expect(await errorOf(call(workflow))).toMatchObject({ code: "SELECTION_INVALID" });
  });

  it("ask no code for a message that does not go there", async () => {
    const when = vi.fn(() => true);
    const sender = defineExecutor({
      id: "Work",
      input: z.number(),
      sends: z.number(),
      handle: (value, context: ExecutorContext) => context.sendMessage(value as never, { to: b }),
    });
    const workflow = new WorkflowBuilder("Test", sender).addEdge(sender, a, { when }).addEdge(sender, b).build();
    expect(await call(workflow)).toMatchObject({ messages: [{ to: "B", routes: {} }] });
    expect(when).not.toHaveBeenCalled();
  });
});

describe("code that is not deployed", () => {
  it("is an executor the workflow lacks", async () => {
    const workflow = workOf(() => 1);
    const error = await errorOf(call({ ...workflow, nodes: new Map() }));
    expect(error).toMatchObject({ code: "EXECUTOR_NOT_DEPLOYED", retryable: true });
    expect(error).not.toHaveProperty("stack");
  });

  it("is the condition of an edge that the plan of the run has; the handler is not called", async () => {
    const handle = vi.fn(() => 1);
    const edge = { kind: "direct", id: "Work->A?", from: "Work", to: "A", isConditional: true } as const;
    expect(await errorOf(call(workOf(handle), "1", { edges: [edge] }))).toMatchObject({
      code: "EXECUTOR_NOT_DEPLOYED",
    });
    expect(handle).not.toHaveBeenCalled();
  });
});

describe("a port", () => {
  const request = z.object({ amount: z.number(), currency: z.string().default("EUR") });
  const response = z.object({ approved: z.boolean(), comments: z.string().default("none") });
  const portOf = (sends: "response" | "requestAndResponse") =>
    new WorkflowBuilder("Test", defineRequestPort({ id: "Work", request, response, sends })).build();
  const answer = (responseJson: string): Partial<Delivery> => ({
    call: { kind: "response", requestId: "work-1-00000000", requestJson: '{"amount":5}', responseJson },
  });

  it("asks what its request schema gives", async () => {
    expect(await call(portOf("response"), '{"amount":5}')).toEqual({
      status: "requestOpened",
      requestJson: '{"amount":5,"currency":"EUR"}',
    });
  });

  it("refuses to ask what does not fit", async () => {
    expect(await errorOf(call(portOf("response"), '{"amount":"5"}'))).toMatchObject({
      code: "EXECUTOR_INPUT_INVALID",
      issues: [{ pointer: "/amount" }],
    });
  });

  it("sends on what its response schema gives, with the request when it is told to", async () => {
    expect(await call(portOf("response"), "", answer('{"approved":true}'))).toMatchObject({
      status: "completed",
      messages: [{ valueJson: '{"approved":true,"comments":"none"}', origin: "returned", routes: {} }],
    });
    expect(await call(portOf("requestAndResponse"), "", answer('{"approved":true}'))).toMatchObject({
      messages: [{ valueJson: '{"request":{"amount":5},"response":{"approved":true,"comments":"none"}}' }],
    });
  });

  it("rejects a response that does not fit", async () => {
    expect(await call(portOf("response"), "", answer('{"approved":1}'))).toMatchObject({
      status: "responseRejected",
      error: { code: "PORT_RESPONSE_INVALID", issues: [{ pointer: "/approved" }] },
    });
  });
});

describe("a call that fails under a retry policy", () => {
  const retry = (retryOn: (error: { code: string }) => unknown) =>
    ({ retry: { maxAttempts: 2, firstDelayMs: 1, retryOn } }) as Partial<ExecutorNode>;
  const throwing = (error: unknown, more: Partial<ExecutorNode> = {}) =>
    call(
      workOf(() => {
        throw error;
      }, more),
      "1",
      { asksRetry: true },
    );

  it("carries the answer of retryOn", async () => {
    const busy = Object.assign(new Error("busy"), { code: "BUSY" });
    expect(
      await throwing(
        busy,
        retry(({ code }) => code === "BUSY"),
      ),
    ).toMatchObject({ mayRetry: true });
    expect(
      await throwing(
        busy,
        retry(async () => false),
      ),
    ).toMatchObject({ mayRetry: false });
  });

  it("is final when retryOn throws, and says so without hiding why it failed", async () => {
    const answer = retry(() => {
      throw new Error("broken");
    });
    expect(await throwing(new Error("first"), answer)).toMatchObject({
      status: "failed",
      mayRetry: false,
      error: { message: "first", causes: [{ message: "retryOn threw as well: broken" }] },
    });
  });

  it("is final for a NonRetryableError, and retryOn is not asked", async () => {
    const asked = vi.fn(() => true);
    expect(await throwing(new NonRetryableError("never"), retry(asked))).toMatchObject({
      mayRetry: false,
      error: { name: "NonRetryableError", code: "NOT_RETRYABLE", retryable: false },
    });
    expect(asked).not.toHaveBeenCalled();
  });

  it("waits for a deployment when the run's plan asks a retryOn that the code does not have", async () => {
    expect(await errorOf(throwing(new Error("no")))).toMatchObject({ code: "EXECUTOR_NOT_DEPLOYED" });
  });

  it("gives the handler its attempt and how the one before failed", async () => {
    const lastErrorJson = JSON.stringify({ code: "BUSY", message: "later" });
    const result = await call(
      workOf((_input, { lastError }) => lastError?.code),
      "1",
      { lastErrorJson },
    );
    expect(result).toMatchObject({ messages: [{ valueJson: '"BUSY"' }] });
  });
});

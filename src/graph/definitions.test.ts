import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ExecutorContext } from "./context.ts";
import { defineExecutor, withId } from "./executor.ts";
import { defineRequestPort } from "./request-port.ts";
import { isCompletionOf } from "./run-events.ts";
import type { HandlerContext } from "./runtime.ts";
import { defineState } from "./state.ts";

// A handler that looks at nothing but what it is given needs no more of its context.
const context = { superstep: 3 } as HandlerContext;

describe("an executor", () => {
  it("keeps its definition, frozen", () => {
    const input = z.string();
    const count = defineState({ name: "count", schema: z.number(), initial: 0 });
    const executor = defineExecutor({
      id: "A",
      input,
      yields: z.number(),
      state: { writes: [count] },
      handle: () => {},
    });
    expect(executor).toMatchObject({ kind: "executor", id: "A", state: { reads: [], writes: [count] } });
    expect(executor.input).toBe(input);
    expect("output" in executor).toBe(false);
    expect(Object.isFrozen(executor)).toBe(true);
  });

  it("is made from an instance of a class, whose handler finds its own members", async () => {
    class Shout {
      readonly id = "Shout";
      readonly input = z.string();
      readonly output = z.string();
      readonly #end = "!";
      async handle(name: string, { superstep }: ExecutorContext) {
        return name.toUpperCase() + this.#end + superstep;
      }
    }
    const shout = defineExecutor(new Shout());
    expect(await shout.handle("hey", context)).toBe("HEY!3");
    expect(await withId("Again", shout).handle("you", context)).toBe("YOU!3");
  });

  it("is the same executor under another id", () => {
    const executor = defineExecutor({ id: "A", input: z.string(), output: z.string(), handle: (text) => text });
    const again = withId("Again", executor);
    expect(again).toEqual({ ...executor, id: "Again" });
    expect(executor.id).toBe("A");
  });
});

describe("a request port", () => {
  it("sends on the response, unless it is told to send the request as well", () => {
    const request = z.string();
    const response = z.boolean();
    expect(defineRequestPort({ id: "Ask", request, response }).sends).toBe("response");
    expect(defineRequestPort({ id: "Ask", request, response, sends: "requestAndResponse" })).toEqual({
      kind: "port",
      id: "Ask",
      request,
      response,
      sends: "requestAndResponse",
    });
  });
});

describe("a state key", () => {
  it("has the initial value as its schema gives it", () => {
    const schema = z.object({ count: z.number().default(1) });
    expect(defineState({ name: "state", schema, initial: {} }).initial).toEqual({ count: 1 });
  });

  it("refuses an initial value that does not fit its schema", () => {
    expect(() => defineState({ name: "count", schema: z.number().min(1), initial: 0 })).toThrow(
      'The initial value of state "count" does not fit its schema: Too small: expected number to be >=1. Give an initial value that the schema takes.',
    );
  });

  it("refuses a schema that answers later", () => {
    const schema = z.string().refine(async () => true);
    expect(() => defineState({ name: "later", schema, initial: "" })).toThrow(
      'The schema of state "later" answers later, so its initial value cannot be checked. Use a schema without asynchronous checks for a state value.',
    );
  });
});

it("knows the completion of an executor among other run events", () => {
  const executor = defineExecutor({ id: "A", input: z.string(), output: z.string(), handle: (text) => text });
  const call = { number: 1, at: "2026-01-01T00:00:00Z", superstep: 1, callKey: "A-1-1", attempt: 1 };
  const completed = { ...call, type: "executorCompleted", durationMs: 1, output: "x" } as const;
  expect(isCompletionOf({ ...completed, executorId: "A" }, executor)).toBe(true);
  expect(isCompletionOf({ ...completed, executorId: "B" }, executor)).toBe(false);
  expect(isCompletionOf({ ...call, type: "executorStarted", executorId: "A" }, executor)).toBe(false);
});

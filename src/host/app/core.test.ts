import { describe, expect, it } from "vitest";
import { Core } from "./core.ts";
import type { FunctionMetadata } from "./core-types.ts";
import { Disposable } from "./disposable.ts";

interface CoreApi {
  registerFunction(metadata: FunctionMetadata, callback: () => unknown): Disposable;
  registerHook(name: string, callback: (context: Record<string, unknown>) => unknown): Disposable;
  log(level: string, category: string, message: string): void;
}

function createCore() {
  const lines: string[] = [];
  const core = new Core((level, message, functionName) => lines.push(`${functionName ?? "-"} ${level} ${message}`));
  return { core, lines, api: core.api as unknown as CoreApi };
}

const metadata = (name: string): FunctionMetadata => ({ name, bindings: { trigger: { type: "httpTrigger" } } });

describe("the stand-in for the worker", () => {
  it("keeps functions in the order of registration, and drops a disposed one", () => {
    const { core, api } = createCore();
    api.registerFunction(metadata("b"), () => 1);
    api.registerFunction(metadata("gone"), () => 2).dispose();
    api.registerFunction(metadata("a"), () => 3);
    expect(core.functions.map((one) => one.metadata.name)).toEqual(["b", "a"]);
  });

  it("refuses a second function of a name, and any after the start", () => {
    const { core, api } = createCore();
    api.registerFunction(metadata("run"), () => 1);
    expect(() => api.registerFunction(metadata("RUN"), () => 2)).toThrow('with the name "RUN" is already registered');
    core.lock();
    expect(() => api.registerFunction(metadata("late"), () => 3)).toThrow("only be registered during app startup");
  });

  it("refuses an unknown hook in the way that the library tests for", () => {
    const { api } = createCore();
    expect(() => api.registerHook("midInvocation", () => 1)).toThrow(
      expect.objectContaining({ name: "RangeError", isAzureFunctionsSystemError: true }),
    );
  });

  it("lets log hooks rewrite a line, in order", () => {
    const { core, api, lines } = createCore();
    api.registerHook("log", (context) => {
      context.message = `${context.message} (${context.category})`;
    });
    const second = api.registerHook("log", (context) => {
      context.level = "error";
    });
    api.log("debug", "system", "one");
    second.dispose();
    core.log("debug", "user", "two", { functionName: "run", hookData: {}, invocationContext: {} });
    expect(lines).toEqual(["- error one (system)", "run debug two (user)"]);
  });

  it("does not print metrics", () => {
    const { api, lines } = createCore();
    api.log("information", "customMetric", "{}");
    expect(lines).toEqual([]);
  });

  it("disposes once, and many together", () => {
    let count = 0;
    const one = new Disposable(() => {
      count++;
    });
    const both = Disposable.from(one, new Disposable(() => (count += 10)));
    both.dispose();
    both.dispose();
    one.dispose();
    expect(count).toBe(11);
  });
});

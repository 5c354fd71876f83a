import Module, { createRequire } from "node:module";
import type { FunctionInvoker, InvocationResult } from "../../src/host/hub/task-hub.ts";

type Handler = (input: unknown, context: object) => unknown;
type Kind = "orchestration" | "activity" | "entity";

const handlers = new Map<string, Handler>();
const require = createRequire(import.meta.url);

/** The parts of the core module that registering functions needs. */
const core = {
  version: "capture",
  hostVersion: "capture",
  registerFunction({ name, bindings }: { name: string; bindings: Record<string, { type: string }> }, handler: Handler) {
    const trigger = Object.values(bindings).find(({ type }) => /trigger$/i.test(type))?.type ?? "";
    handlers.set(keyOf(trigger.replace(/Trigger$/, "") as Kind, name), handler);
    return new core.Disposable();
  },
  registerHook: () => new core.Disposable(),
  setProgrammingModel: () => {},
  getProgrammingModel: () => undefined,
  log: () => {},
  Disposable: class {
    dispose(): void {}
  },
};

const modules = Module as unknown as { prototype: { require: (id: string) => unknown } };
const plainRequire = modules.prototype.require;
modules.prototype.require = function (id: string): unknown {
  return id === "@azure/functions-core" ? core : plainRequire.call(this, id);
};

/** The real SDK; functions registered through it are called by {@link capturedFunctions}, in this process. */
export const df = require("durable-functions") as typeof import("durable-functions");

/** What a test may watch: each call of an orchestrator with its trigger and its answer. */
export interface Watch {
  readonly orchestrator?: (instanceId: string, trigger: unknown, result: InvocationResult) => void;
  readonly activity?: (name: string, input: unknown) => void;
}

/** The functions registered so far, as the hub calls them: JSON text in, JSON text out. */
export function capturedFunctions(watch: Watch = {}): FunctionInvoker {
  return {
    hasFunction: (kind, name) => handlers.has(keyOf(kind, name)),
    async invokeOrchestrator(name, triggerJson, instanceId) {
      const trigger: unknown = JSON.parse(triggerJson);
      const result = await call(handlers.get(keyOf("orchestration", name)), trigger, instanceId);
      watch.orchestrator?.(instanceId, JSON.parse(triggerJson), result);
      return result;
    },
    async invokeActivity(name, inputJson, instanceId) {
      const input: unknown = inputJson === null ? undefined : JSON.parse(inputJson);
      watch.activity?.(name, input);
      // A string was quoted once by the SDK and once by the hub, as in production.
      const plain: unknown = typeof input === "string" ? JSON.parse(input) : input;
      return call(handlers.get(keyOf("activity", name)), plain, instanceId);
    },
  };
}

async function call(handler: Handler | undefined, input: unknown, instanceId: string): Promise<InvocationResult> {
  try {
    const value = await handler?.(input, { invocationId: "capture", triggerMetadata: { instanceId } });
    return { ok: true, resultJson: value === undefined ? null : JSON.stringify(value) };
  } catch (error) {
    const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
    return { ok: false, message, stack };
  }
}

function keyOf(kind: Kind, name: string): string {
  return `${kind}/${name.toLowerCase()}`;
}

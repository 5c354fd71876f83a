import Module, { createRequire } from "node:module";
import { idsTakenIn, sessionIn } from "../../src/host/app/orchestrator-session.ts";
import type {
  FunctionInvoker,
  InvocationResult,
  OrchestrationTrigger,
  OrchestratorResult,
} from "../../src/host/hub/task-hub.ts";

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

export interface OrchestratorCall {
  readonly instanceId: string;
  /** The trigger's own fields; `history` holds the events. */
  readonly trigger: { readonly history: readonly { readonly EventType: number; readonly [field: string]: unknown }[] };
  readonly result: InvocationResult;
  /** How many ids the SDK gave to tasks in this call. */
  readonly idsTaken: number;
}

/** What a test may watch. */
export interface Watch {
  readonly orchestrator?: (call: OrchestratorCall) => void;
  readonly entity?: (
    entityId: string,
    batch: readonly { readonly name: string; readonly input: string | null }[],
  ) => void;
  readonly activity?: (name: string, input: unknown, instanceId: string) => void;
  /** Orchestrators that may be kept go on where they stand, as in the local host: then not every episode is a call. */
  readonly keepsSessions?: boolean;
  /** An orchestrator was called from its beginning. */
  readonly began?: () => void;
}

/** An orchestration trigger as the hub would hand it over. */
export function triggerOf(value: object): OrchestrationTrigger {
  const json = JSON.stringify(value);
  return { json, toValue: () => JSON.parse(json) };
}

/** JSON text of an orchestrator's answer, also of one that failed. */
export function answerJsonOf(result: OrchestratorResult): string {
  if (!result.ok) return result.message.split("$OutOfProcData$:")[1] ?? "{}";
  return "returned" in result ? JSON.stringify(result.returned) : (result.resultJson ?? "{}");
}

/** The functions registered so far, as the hub calls them: JSON text in, JSON text out. */
export function capturedFunctions(watch: Watch = {}): FunctionInvoker {
  return {
    hasFunction: (kind, name) => handlers.has(keyOf(kind, name)),
    async invokeOrchestrator(name, trigger, instanceId) {
      const context = contextOf(instanceId);
      const handler = handlers.get(keyOf("orchestration", name));
      watch.began?.();
      if (watch.keepsSessions) return callKept(handler, trigger.toValue(), context);
      const result = await call(handler, trigger.toValue(), context);
      const idsTaken = context.df?.taskOrchestratorExecutor.sequenceNumber ?? 0;
      if (watch.orchestrator) watch.orchestrator({ instanceId, trigger: JSON.parse(trigger.json), result, idsTaken });
      return { ...result, idsTaken };
    },
    async invokeActivity(name, inputJson, instanceId) {
      const input: unknown = inputJson === null ? undefined : JSON.parse(inputJson);
      // A string was quoted once by the SDK and once by the hub, as in production.
      const plain: unknown = typeof input === "string" ? JSON.parse(input) : input;
      watch.activity?.(name, plain, instanceId);
      return call(handlers.get(keyOf("activity", name)), plain, contextOf(instanceId));
    },
    async invokeEntity(name, triggerJson, entityId) {
      watch.entity?.(entityId, JSON.parse(triggerJson).batch);
      return call(handlers.get(keyOf("entity", name)), JSON.parse(triggerJson), contextOf(entityId));
    },
  };
}

/** The SDK puts its own context into it. */
interface Context {
  readonly invocationId: string;
  readonly triggerMetadata: { readonly instanceId: string };
  /** What a function logs is of no interest to these tests. */
  readonly error: (text: string) => void;
  readonly df?: { readonly taskOrchestratorExecutor: { readonly sequenceNumber: number } };
}

function contextOf(instanceId: string): Context {
  return { invocationId: "capture", triggerMetadata: { instanceId }, error: () => {} };
}

async function call(handler: Handler | undefined, input: unknown, context: object): Promise<InvocationResult> {
  try {
    const value = await handler?.(input, context);
    return { ok: true, resultJson: value === undefined ? null : JSON.stringify(value) };
  } catch (error) {
    const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
    return { ok: false, message, stack };
  }
}

async function callKept(handler: Handler | undefined, input: unknown, context: object): Promise<OrchestratorResult> {
  try {
    const returned = await handler?.(input, context);
    return { ok: true, returned, ...idsTakenIn(context), ...sessionIn(context) };
  } catch (error) {
    const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
    return { ok: false, message, stack, ...idsTakenIn(context) };
  }
}

function keyOf(kind: Kind, name: string): string {
  return `${kind}/${name.toLowerCase()}`;
}

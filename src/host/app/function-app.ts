import { setTimeout as delay } from "node:timers/promises";
import type { FunctionInvoker } from "../hub/task-hub.ts";
import type { WriteLog } from "../log.ts";
import type { InvocationResponse, NamedData, TypedData } from "./core-types.ts";
import { createFunctionInvoker, type Orchestrate } from "./function-invoker.ts";
import { type AppFunction, describeFunction } from "./functions.ts";
import { withReadOnly } from "./hooks.ts";
import { createHttpStreams, type StreamAnswer, type StreamRequest } from "./http-stream.ts";
import { type Invocation, invoke, run } from "./invoke.ts";
import { beginApp, loadApp } from "./load-app.ts";
import { callWithRetries, type Wait } from "./retry-policy.ts";
import { withinTimeLimit } from "./time-limit.ts";

/** The app that this process runs. */
export interface FunctionApp {
  /** By name, without case: the order in which the real host lists and routes them. */
  readonly functions: readonly AppFunction[];
  readonly invoker: FunctionInvoker;
  /** True when the app answers HTTP by {@link streamHttp} alone. */
  readonly isStreaming: boolean;
  /** @throws what the handler or a hook threw */
  invokeHttp(fn: AppFunction, request: TypedData): Promise<TypedData | null>;
  /** Null when the handler returned nothing. @throws what the handler or a hook threw */
  streamHttp(fn: AppFunction, request: StreamRequest): Promise<StreamAnswer | null>;
  /**
   * @param timerJson - JSON text of the timer, in the words of the real host
   * @throws what the handler or a hook threw
   */
  invokeTimer(fn: AppFunction, timerJson: string): Promise<void>;
  /** @throws what the handler or a hook threw */
  invokeTool(fn: AppFunction, trigger: ToolTrigger): Promise<TypedData | null>;
  /**
   * Runs a function whose trigger does not come by itself here: the warm-up at the start of a host, a timer or a queue
   * function by hand.
   *
   * @param input - what the trigger is said to have brought
   * @throws what the handler or a hook threw
   */
  fire(fn: AppFunction, input: string): Promise<void>;
  /** Runs the hooks for the end of the app. */
  terminate(): Promise<void>;
}

/** What reaches a function with an MCP tool trigger. */
export interface ToolTrigger {
  /** JSON text: name, arguments, session and transport of the call. */
  readonly contextJson: string;
  readonly metadata: Readonly<Record<string, TypedData>>;
}

export interface FunctionAppOptions {
  readonly appDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** JSON text that durable client bindings receive. */
  readonly clientJson: string;
  /** After this time a call has failed; null for no limit. */
  readonly functionTimeoutMs: number | null;
  readonly write: WriteLog;
}

/** What a timer function gets that was not fired by its schedule. */
const TIMER_BY_HAND = '{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}';

/** @throws {WorkflowError} `APP_LOAD_FAILED` */
export async function startFunctionApp(options: FunctionAppOptions): Promise<FunctionApp> {
  const app = await loadApp(options.appDir, options.write);
  const isStreaming = await beginApp(app);
  const { core, model } = app;
  const { appLevelData: hookData, appData: appHookData } = core.hooks;
  const functions = core.functions
    .map((registered) => describeFunction(registered, options.environment))
    .filter((fn) => fn !== null)
    .sort(byName);
  const client: TypedData = { string: options.clientJson };
  const limited = <Result>({ name, kind }: AppFunction, running: Promise<Result>): Promise<Result> => {
    const { functionTimeoutMs } = options;
    // An orchestrator waits for nothing, so the limit could not stop one.
    return functionTimeoutMs === null || kind === "orchestration"
      ? running
      : withinTimeLimit(running, name, functionTimeoutMs);
  };
  const withClients = (invocation: Invocation): Invocation => ({
    ...invocation,
    inputData: [...invocation.inputData, ...clientInputs(invocation.fn, client)],
  });
  const call = (invocation: Invocation): Promise<InvocationResponse> =>
    limited(invocation.fn, invoke(core, model, withClients(invocation)));
  // Hooks may look at a trigger in every way, so they get it as it came; without them the SDK alone reads it.
  const orchestrate: Orchestrate = async (fn, trigger, begun) => {
    const isWatched = core.hooks.of("preInvocation").length > 0 || fn.clientNames.length > 0;
    const invocation = isWatched
      ? withClients({
          fn,
          inputData: [{ name: fn.triggerName, data: { string: trigger.json } }],
          triggerMetadata: {},
          begun,
        })
      : { fn, inputData: [], triggerMetadata: {}, triggerValue: trigger.toValue(), begun };
    // A hook sees every episode, so for one that watches every episode is an invocation.
    const mayBeKept = !isWatched && core.hooks.of("postInvocation").length === 0;
    return { returned: (await run(core, model, invocation)).result, mayBeKept };
  };
  const streams = isStreaming ? createHttpStreams(options.appDir) : null;
  const stopped = new AbortController();
  const wait: Wait = (delayMs) => delay(delayMs, true, { ref: false, signal: stopped.signal }).catch(() => false);
  return {
    functions,
    invoker: createFunctionInvoker(functions, { invoke: call, orchestrate }, options.write),
    isStreaming,
    async invokeHttp(fn, data) {
      const response = await call({ fn, inputData: [{ name: fn.triggerName, data }], triggerMetadata: {} });
      // An HTTP output under a name of its own counts as much as the one that is returned.
      const named = response.outputData?.find((output) => output.data?.http)?.data;
      return response.returnValue ?? named ?? null;
    },
    async streamHttp(fn, request) {
      if (!streams) throw new Error("The app did not ask for streams.");
      const invocation = withClients({ fn, inputData: [], triggerMetadata: {} });
      const triggerValue = streams.toHandler(request);
      const { result, context, invocationId } = await limited(fn, run(core, model, { ...invocation, triggerValue }));
      return streams.toAnswer(result ?? namedHttpOutput(fn, context), invocationId);
    },
    async invokeTimer(fn, timerJson) {
      const invocation = { fn, inputData: [{ name: fn.triggerName, data: { json: timerJson } }], triggerMetadata: {} };
      await callWithRetries(fn.metadata.retryOptions, (retryContext) => call({ ...invocation, retryContext }), wait);
    },
    async invokeTool(fn, { contextJson, metadata }) {
      const inputData = [{ name: fn.triggerName, data: { string: contextJson } }];
      const triggerMetadata = { ...metadata, [fn.triggerName]: { json: contextJson } };
      const { returnValue } = await call({ fn, inputData, triggerMetadata });
      return returnValue ?? null;
    },
    async fire(fn, input) {
      const data = fn.kind === "timer" ? { json: TIMER_BY_HAND } : { string: input };
      await call({ fn, inputData: [{ name: fn.triggerName, data }], triggerMetadata: {} });
    },
    terminate() {
      stopped.abort();
      return core.hooks.run("appTerminate", withReadOnly({}, { hookData, appHookData }));
    },
  };
}

function clientInputs(fn: AppFunction, data: TypedData): NamedData[] {
  return fn.clientNames.map((name) => ({ name, data }));
}

/** What the handler put into an HTTP output that has a name of its own. */
function namedHttpOutput({ metadata }: AppFunction, context: object): unknown {
  const { extraOutputs } = context as { readonly extraOutputs: { get(name: string): unknown } };
  const names = Object.entries(metadata.bindings)
    .filter(([name, { type, direction }]) => type.toLowerCase() === "http" && direction === "out" && name !== "$return")
    .map(([name]) => name);
  return names.map((name) => extraOutputs.get(name)).find((value) => value !== undefined && value !== null);
}

function byName(one: AppFunction, other: AppFunction): number {
  const [left, right] = [one.name.toLowerCase(), other.name.toLowerCase()];
  return left < right ? -1 : left > right ? 1 : 0;
}

import type { FunctionInvoker } from "../hub/task-hub.ts";
import type { WriteLog } from "../log.ts";
import type { InvocationResponse, NamedData, TypedData } from "./core-types.ts";
import { createFunctionInvoker } from "./function-invoker.ts";
import { type AppFunction, describeFunction } from "./functions.ts";
import { withReadOnly } from "./hooks.ts";
import { type Invocation, invoke } from "./invoke.ts";
import { beginApp, loadApp } from "./load-app.ts";

/** The app that this process runs. */
export interface FunctionApp {
  /** By name, without case: the order in which the real host lists and routes them. */
  readonly functions: readonly AppFunction[];
  readonly invoker: FunctionInvoker;
  /** @throws what the handler or a hook threw */
  invokeHttp(fn: AppFunction, request: TypedData): Promise<TypedData | null>;
  /** @throws what the handler or a hook threw */
  invokeTool(fn: AppFunction, trigger: ToolTrigger): Promise<TypedData | null>;
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
  readonly write: WriteLog;
}

/** @throws {WorkflowError} `APP_LOAD_FAILED` */
export async function startFunctionApp(options: FunctionAppOptions): Promise<FunctionApp> {
  const app = await loadApp(options.appDir, options.write);
  await beginApp(app);
  const { core, model } = app;
  const { appLevelData: hookData, appData: appHookData } = core.hooks;
  const functions = core.functions
    .map((registered) => describeFunction(registered, options.environment))
    .filter((fn) => fn !== null)
    .sort(byName);
  const client: TypedData = { string: options.clientJson };
  const call = (invocation: Invocation): Promise<InvocationResponse> =>
    invoke(core, model, {
      ...invocation,
      inputData: [...invocation.inputData, ...clientInputs(invocation.fn, client)],
    });
  return {
    functions,
    invoker: createFunctionInvoker(functions, call, options.write),
    async invokeHttp(fn, data) {
      const response = await call({ fn, inputData: [{ name: fn.triggerName, data }], triggerMetadata: {} });
      // An HTTP output under a name of its own counts as much as the one that is returned.
      const named = response.outputData?.find((output) => output.data?.http)?.data;
      return response.returnValue ?? named ?? null;
    },
    async invokeTool(fn, { contextJson, metadata }) {
      const inputData = [{ name: fn.triggerName, data: { string: contextJson } }];
      const triggerMetadata = { ...metadata, [fn.triggerName]: { json: contextJson } };
      const { returnValue } = await call({ fn, inputData, triggerMetadata });
      return returnValue ?? null;
    },
    terminate: () => core.hooks.run("appTerminate", withReadOnly({}, { hookData, appHookData })),
  };
}

function clientInputs(fn: AppFunction, data: TypedData): NamedData[] {
  return fn.clientNames.map((name) => ({ name, data }));
}

function byName(one: AppFunction, other: AppFunction): number {
  const [left, right] = [one.name.toLowerCase(), other.name.toLowerCase()];
  return left < right ? -1 : left > right ? 1 : 0;
}

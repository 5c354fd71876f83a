import { randomUUID } from "node:crypto";
import type { Core, LogOwner } from "./core.ts";
import type {
  CoreInvocationContext,
  FunctionCallback,
  InvocationModel,
  InvocationResponse,
  NamedData,
  ProgrammingModel,
  TypedData,
} from "./core-types.ts";
import type { AppFunction } from "./functions.ts";
import { type HookName, withReadOnly } from "./hooks.ts";
import type { RetryContext } from "./retry-policy.ts";

export interface Invocation {
  readonly fn: AppFunction;
  readonly inputData: readonly NamedData[];
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
  /** What the handler gets as its trigger's value, where the library has no way to make it. */
  readonly triggerValue?: object;
  /** Of an attempt at a function that has retries. */
  readonly retryContext?: RetryContext | null;
  /** Gets the library's context when the invocation begins: whatever it comes to, the SDK's traces are in there. */
  readonly begun?: (context: object) => void;
}

/**
 * Runs one function from its inputs to its response, with the hooks of the app around it.
 *
 * @throws what the handler or a hook threw, unless a later hook cleared it
 */
export async function invoke(
  core: Core,
  programmingModel: ProgrammingModel,
  invocation: Invocation,
): Promise<InvocationResponse> {
  const { model, context, result } = await run(core, programmingModel, invocation);
  return model.getResponse(context, result);
}

/** {@link invoke}, with what the handler returned instead of a response. */
export async function run(
  core: Core,
  programmingModel: ProgrammingModel,
  { fn, inputData, triggerMetadata, triggerValue, begun, retryContext }: Invocation,
): Promise<Ran> {
  const invocationId = randomUUID();
  const owner: { -readonly [Key in keyof LogOwner]: LogOwner[Key] } = {
    functionName: fn.name,
    hookData: {},
    invocationContext: undefined,
  };
  const coreContext: CoreInvocationContext = {
    invocationId,
    metadata: fn.metadata,
    state: undefined,
    log: (level, category, message) => core.log(level, category, message, owner),
    request: {
      invocationId,
      functionId: fn.metadata.functionId ?? fn.name,
      inputData,
      triggerMetadata,
      ...(retryContext && { retryContext }),
    },
  };
  const model = await programmingModel.getInvocationModel(coreContext);
  const { context, inputs: made } = await model.getArguments();
  const inputs = triggerValue === undefined ? made : [triggerValue, ...made];
  owner.invocationContext = context;
  begun?.(context);
  const shared = { hookData: owner.hookData, appHookData: core.hooks.appData, invocationContext: context };

  coreContext.state = "preInvocationHooks";
  const before = await runHooks(core, "preInvocation", { functionCallback: fn.callback, inputs }, shared);

  coreContext.state = "invocation";
  const ended = await settle(model, context, before.inputs, before.functionCallback);

  coreContext.state = "postInvocationHooks";
  const after = await runHooks(core, "postInvocation", { inputs: before.inputs, ...ended }, shared);

  coreContext.state = undefined;
  if (after.error !== null && after.error !== undefined) throw after.error;
  return { invocationId, model, context, result: after.result };
}

interface Ran {
  readonly invocationId: string;
  readonly model: InvocationModel;
  readonly context: object;
  readonly result: unknown;
}

/** @returns what the hooks made of `context`; most apps have none, so theirs is not even dressed up */
async function runHooks<Context extends object>(
  core: Core,
  name: HookName,
  context: Context,
  shared: object,
): Promise<Context> {
  if (core.hooks.of(name).length === 0) return context;
  const dressed = withReadOnly(context, shared);
  await core.hooks.run(name, dressed);
  return dressed;
}

async function settle(
  model: InvocationModel,
  context: object,
  inputs: unknown[],
  callback: FunctionCallback,
): Promise<{ result: unknown; error: unknown }> {
  try {
    return { result: await model.invokeFunction(context, inputs, callback), error: null };
  } catch (error) {
    return { result: undefined, error: error ?? new Error("The function threw nothing.") };
  }
}

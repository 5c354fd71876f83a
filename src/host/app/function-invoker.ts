import type { FunctionInvoker, InvocationResult, OrchestrationTrigger, OrchestratorResult } from "../hub/task-hub.ts";
import type { WriteLog } from "../log.ts";
import type { InvocationResponse, TypedData } from "./core-types.ts";
import type { AppFunction, FunctionKind } from "./functions.ts";
import type { Invocation } from "./invoke.ts";
import { activityInput, isBareBoolean, resultJson } from "./typed-data.ts";

type Invoke = (invocation: Invocation) => Promise<InvocationResponse>;
/** @returns what the orchestrator returned, as it is */
export type Orchestrate = (
  fn: AppFunction,
  trigger: OrchestrationTrigger,
  begun: (context: object) => void,
) => Promise<unknown>;

/** Lets the task hub call orchestrators, activities and entities of the app. Names are matched without case. */
export function createFunctionInvoker(
  functions: readonly AppFunction[],
  { invoke, orchestrate }: { readonly invoke: Invoke; readonly orchestrate: Orchestrate },
  write: WriteLog,
): FunctionInvoker {
  const byName = new Map<string, AppFunction>();
  for (const fn of functions) if (!fn.isDisabled) byName.set(key(fn.kind, fn.name), fn);

  async function run(kind: FunctionKind, name: string, data: TypedData, instanceId: string): Promise<InvocationResult> {
    const fn = byName.get(key(kind, name));
    if (!fn) return failure(new Error(`The function "${name}" does not exist.`));
    try {
      const { returnValue } = await invoke({
        fn,
        inputData: [{ name: fn.triggerName, data }],
        triggerMetadata: kind === "activity" ? { instanceId: { string: instanceId } } : {},
      });
      return { ok: true, resultJson: resultJson(returnValue) };
    } catch (error) {
      return failure(error);
    }
  }

  async function runOrchestrator(name: string, trigger: OrchestrationTrigger): Promise<OrchestratorResult> {
    const fn = byName.get(key("orchestration", name));
    if (!fn) return failure(new Error(`The function "${name}" does not exist.`));
    let context: object | undefined;
    const begun = (ofThisCall: object): void => {
      context = ofThisCall;
    };
    try {
      return { ok: true, returned: await orchestrate(fn, trigger, begun), ...idsTakenIn(context) };
    } catch (error) {
      return { ...failure(error), ...idsTakenIn(context) };
    }
  }

  return {
    hasFunction: (kind, name) => byName.has(key(kind, name)),
    invokeOrchestrator: (name, trigger) => runOrchestrator(name, trigger),
    invokeEntity: (name, triggerJson, entityId) => run("entity", name, { string: triggerJson }, entityId),
    invokeActivity: (name, inputJson, instanceId) => {
      if (isBareBoolean(inputJson)) {
        write(
          "warning",
          `Activity "${name}" is called with a bare boolean. It arrives as text. Pass an object instead.`,
        );
      }
      return run("activity", name, activityInput(inputJson), instanceId);
    },
  };
}

/** Not part of the SDK's contract: without it, nobody compares the ids. */
function idsTakenIn(context: object | undefined): { idsTaken?: number } {
  const { df } = (context ?? {}) as { df?: { taskOrchestratorExecutor?: { sequenceNumber?: unknown } } };
  const idsTaken = df?.taskOrchestratorExecutor?.sequenceNumber;
  return typeof idsTaken === "number" ? { idsTaken } : {};
}

function key(kind: FunctionKind, name: string): string {
  return `${kind} ${name.toLowerCase()}`;
}

/** The message goes on untouched: a failed orchestrator carries its decisions in it. */
function failure(error: unknown): InvocationResult {
  if (error instanceof Error) return { ok: false, message: error.message, stack: error.stack ?? "" };
  const message = typeof error === "string" ? error : (JSON.stringify(error) ?? String(error));
  return { ok: false, message, stack: "" };
}

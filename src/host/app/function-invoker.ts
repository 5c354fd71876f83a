import type { FunctionInvoker, InvocationResult, OrchestrationTrigger, OrchestratorResult } from "../hub/task-hub.ts";
import type { WriteLog } from "../log.ts";
import type { InvocationResponse, TypedData } from "./core-types.ts";
import type { AppFunction, FunctionKind } from "./functions.ts";
import { failedInvocation } from "./invocation-failure.ts";
import type { Invocation } from "./invoke.ts";
import { idsTakenIn, sessionIn } from "./orchestrator-session.ts";
import { activityInput, isBareBoolean, metadataText, resultJson } from "./typed-data.ts";

type Invoke = (invocation: Invocation) => Promise<InvocationResponse>;
/** @returns what the orchestrator returned, as it is; and whether it may be kept where it stands */
export type Orchestrate = (
  fn: AppFunction,
  trigger: OrchestrationTrigger,
  begun: (context: object) => void,
) => Promise<{ readonly returned: unknown; readonly mayBeKept: boolean }>;

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
    if (!fn) return failedInvocation(new Error(`The function "${name}" does not exist.`));
    try {
      const { returnValue } = await invoke({
        fn,
        inputData: [{ name: fn.triggerName, data }],
        triggerMetadata: kind === "activity" ? { instanceId: metadataText(instanceId) } : {},
      });
      return { ok: true, resultJson: resultJson(returnValue) };
    } catch (error) {
      return failedInvocation(error);
    }
  }

  async function runOrchestrator(name: string, trigger: OrchestrationTrigger): Promise<OrchestratorResult> {
    const fn = byName.get(key("orchestration", name));
    if (!fn) return failedInvocation(new Error(`The function "${name}" does not exist.`));
    let context: object | undefined;
    const begun = (ofThisCall: object): void => {
      context = ofThisCall;
    };
    try {
      const { returned, mayBeKept } = await orchestrate(fn, trigger, begun);
      return { ok: true, returned, ...idsTakenIn(context), ...(mayBeKept && sessionIn(context)) };
    } catch (error) {
      return { ...failedInvocation(error), ...idsTakenIn(context) };
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

function key(kind: FunctionKind, name: string): string {
  return `${kind} ${name.toLowerCase()}`;
}

import type { RegisteredFunction } from "./core.ts";
import type { Binding } from "./core-types.ts";

export type FunctionKind = "http" | "orchestration" | "activity" | "entity" | "timer" | "mcpTool" | "other";

const KINDS: Readonly<Record<string, FunctionKind>> = {
  httptrigger: "http",
  orchestrationtrigger: "orchestration",
  activitytrigger: "activity",
  entitytrigger: "entity",
  timertrigger: "timer",
  mcptooltrigger: "mcpTool",
};

const CLIENT_BINDINGS = ["durableclient", "orchestrationclient"];

/** A function of the app, with what the host needs to know of its bindings. */
export interface AppFunction extends RegisteredFunction {
  readonly name: string;
  readonly kind: FunctionKind;
  readonly isDisabled: boolean;
  /** The name under which the library expects the trigger's value. */
  readonly triggerName: string;
  readonly trigger: Binding;
  /** Bindings that want a durable client. */
  readonly clientNames: readonly string[];
  /** Types of bindings that this host leaves empty. */
  readonly unsupportedBindings: readonly string[];
}

/** @returns null for a registration without a trigger, which the real host does not index either */
export function describeFunction(
  registered: RegisteredFunction,
  environment: Readonly<Record<string, string | undefined>>,
): AppFunction | null {
  const { name, bindings } = registered.metadata;
  const entries = Object.entries(bindings);
  const trigger = entries.find(([, { type }]) => isTrigger(type));
  if (!trigger) return null;
  const others = entries.filter((entry) => entry !== trigger);
  return {
    ...registered,
    name,
    kind: KINDS[trigger[1].type.toLowerCase()] ?? "other",
    isDisabled: /^(true|1)$/i.test(environment[`AzureWebJobs.${name}.Disabled`] ?? ""),
    triggerName: trigger[0],
    trigger: trigger[1],
    clientNames: others.filter(([, binding]) => isClient(binding)).map(([key]) => key),
    unsupportedBindings: others
      .filter(([, binding]) => !isClient(binding) && binding.type.toLowerCase() !== "http")
      .map(([, { type }]) => type),
  };
}

function isTrigger(type: string): boolean {
  return type.toLowerCase().endsWith("trigger");
}

function isClient({ type }: Binding): boolean {
  return CLIENT_BINDINGS.includes(type.toLowerCase());
}

/** What the user should know before relying on a function that this host lists but does not run. */
export function warningsFor(fn: AppFunction): string[] {
  const warnings = fn.unsupportedBindings.map(
    (type) => `Function "${fn.name}" has a binding of type "${type}", which this host leaves empty.`,
  );
  if (fn.kind === "timer") {
    warnings.push(
      `Function "${fn.name}" has a timer trigger (${fn.trigger.schedule}). This host does not fire timers.`,
    );
  }
  if (fn.kind === "other") {
    warnings.push(`Function "${fn.name}" has a ${fn.trigger.type}, which this host never fires.`);
  }
  return warnings;
}

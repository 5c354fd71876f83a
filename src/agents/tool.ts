import type { RetryPolicy, WorkflowNode } from "../graph/runtime.ts";
import type { AnySchema, Gives, Takes } from "../graph/schema-types.ts";

/** What a tool gets beside its arguments. */
export interface ToolContext {
  readonly runId: string;
  /** The agent whose model called. */
  readonly agent: string;
  /** The same for every attempt at this call; use it as idempotency key of what the tool does outside. */
  readonly callKey: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** As that of every executor: aborted when the call has taken its `timeoutMs`, when its run is cancelled, and when that is out of time. */
  readonly signal: AbortSignal;
  /** Puts a run event `emitted` into the run's events; `data` has to survive JSON. */
  emit(name: string, data?: unknown): void;
}

/** Something a model may call. What it does runs at least once for each call, as every executor does. */
export interface Tool<Name extends string = string, Arguments = unknown, NeedsApproval extends boolean = boolean> {
  readonly name: Name;
  readonly description: string;
  readonly input: AnySchema;
  readonly approval: { readonly isNeeded: (input: unknown) => unknown; readonly timeoutMs?: number } | undefined;
  readonly retry?: RetryPolicy;
  readonly timeoutMs?: number;
  /** The agent that does the work, where the tool is one. */
  readonly agent?: WorkflowNode;
  /** What `agent` asks, where that is only a frame around it. */
  readonly asked?: WorkflowNode;
  run(input: unknown, context: ToolContext): unknown;
  /** For the compiler alone. */
  readonly "~tool": { readonly arguments: Arguments; readonly needsApproval: NeedsApproval };
}

export type AnyTool = Tool<string, unknown, boolean>;

/**
 * Defines a tool: a function with a schema, which the model of an agent may call.
 *
 * Each call is a call of an executor of its own, named after the tool: it is recorded when it has ended and not repeated then,
 * has its own `retry` and `timeoutMs`, and shows in the run's events. A tool that fails for good fails no run: the model is told.
 *
 * @param definition - `name`: a letter, then up to 38 letters, digits or `_`; `description`: tells the model what it is good for;
 *   `input`: schema of the arguments, what the model has to send; `run(arguments, context)`: gives a JSON value, or nothing;
 *   `needsApproval`: whether a person is asked before each call, or a function that says so for the arguments;
 *   `approvalTimeoutMs`: milliseconds after which a call that nobody answered counts as denied
 */
export function defineTool<const Name extends string, Input extends AnySchema>(
  definition: ToolDefinition<Name, Input> & {
    readonly needsApproval: true | ((input: Gives<Input>) => boolean | Promise<boolean>);
    readonly approvalTimeoutMs?: number;
  },
): Tool<Name, Takes<Input>, true>;
export function defineTool<const Name extends string, Input extends AnySchema>(
  definition: ToolDefinition<Name, Input> & { readonly needsApproval?: false; readonly approvalTimeoutMs?: never },
): Tool<Name, Takes<Input>, false>;
export function defineTool(definition: LooseDefinition): unknown {
  const { name, description, input, needsApproval = false, approvalTimeoutMs, retry, timeoutMs } = definition;
  const isNeeded = typeof needsApproval === "function" ? needsApproval : () => true;
  const approval = { isNeeded, ...(approvalTimeoutMs !== undefined && { timeoutMs: approvalTimeoutMs }) };
  return Object.freeze({
    name,
    description,
    input,
    approval: needsApproval === false ? undefined : Object.freeze(approval),
    ...(retry && { retry: Object.freeze({ ...retry }) }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    // Called on the definition, so that a class finds its own members under `this`.
    run: (value: unknown, context: ToolContext) => definition.run(value, context),
  });
}

interface ToolDefinition<Name extends string, Input extends AnySchema> {
  readonly name: Name;
  readonly description: string;
  readonly input: Input;
  readonly retry?: RetryPolicy;
  readonly timeoutMs?: number;
  readonly run: (input: Gives<Input>, context: ToolContext) => unknown;
}

/** A definition without the types its author sees. */
interface LooseDefinition extends Pick<AnyTool, "name" | "description" | "input" | "retry" | "timeoutMs" | "run"> {
  readonly needsApproval?: boolean | ((input: never) => boolean | Promise<boolean>);
  readonly approvalTimeoutMs?: number;
}

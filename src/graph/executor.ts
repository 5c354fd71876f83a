import type { ExecutorContext } from "./context.ts";
import type { InputOf, NodeTypes, OutputOf, PortsOf, YieldsOf } from "./node-types.ts";
import type { CompensationContext, ExecutorNode, RetryPolicy, WorkflowNode } from "./runtime.ts";
import type { AnySchema, Gives, Takes } from "./schema-types.ts";
import type { AnyStateKey } from "./state.ts";
import type { Travels } from "./travels.ts";
import type { AnyWorkflow, Workflow } from "./workflow.ts";

/**
 * A vertex of a graph that handles messages.
 *
 * `Input` is what its input schema takes, `Output` what it returns as it travels, `Yields` what it gives to the run's
 * outputs, `Sends` what it sends with `context.sendMessage` besides.
 */
export interface Executor<Id extends string, Input, Output = never, Yields = never, Sends = never>
  // Without the optional members: with them the compiler talks of exactOptionalPropertyTypes at every wrong edge.
  extends Pick<ExecutorNode, "kind" | "id" | "input" | "state" | "handle"> {
  readonly id: Id;
  readonly "~types": NodeTypes<Input, Output, Yields, Sends, never>;
}

export type AnyExecutor = Executor<string, never, unknown, unknown, unknown>;

/**
 * A conditional type, and not one function type with a conditional result: only so does the compiler keep the literal in
 * `status: "open"` of a returned object.
 */
type Handle<Input, OutputSchema extends AnySchema, Context> = [OutputSchema] extends [never]
  ? (input: Input, context: Context) => void | Promise<void>
  : (input: Input, context: Context) => Takes<OutputSchema> | Promise<Takes<OutputSchema>>;

interface ExecutorDefinition<
  Id extends string,
  Input extends AnySchema,
  Output extends AnySchema,
  Sends extends AnySchema,
  Yields extends AnySchema,
  Reads extends AnyStateKey,
  Writes extends AnyStateKey,
> {
  readonly id: Id;
  readonly input: Input;
  readonly output?: Output & Travels<Id, "sends", Output>;
  readonly sends?: Sends & Travels<Id, "sends", Sends>;
  readonly yields?: Yields & Travels<Id, "yields", Yields>;
  readonly state?: { readonly reads?: readonly Reads[]; readonly writes?: readonly Writes[] };
  readonly retry?: RetryPolicy;
  readonly timeoutMs?: number;
  readonly handle: Handle<
    Gives<Input>,
    Output,
    ExecutorContext<Takes<Output> | Takes<Sends>, Takes<Yields>, Reads, Writes>
  >;
  readonly compensate?: (
    output: [Output] extends [never] ? undefined : Gives<Output>,
    input: Gives<Input>,
    context: CompensationContext,
  ) => void | Promise<void>;
}

/**
 * Defines an executor from an object, or from an instance of a class with these members.
 *
 * A handler is an ordinary async function. It runs at least once for each message: a call that a crash cut off runs again,
 * with the same `context.callKey`. What it returns goes along the executor's edges; without `output` it returns nothing.
 *
 * @param definition - `id`: a letter, then up to 47 letters, digits or `_`; `input`, `output`, `sends`, `yields`: any
 *   Standard Schema; `state`: the keys that `handle` reads and writes; `handle(input, context)`; `retry`: how a failed call
 *   is tried again, not at all unless set; `timeoutMs`: milliseconds that one attempt may take, as long as it takes unless set;
 *   `compensate(output, input, context)`: undoes a completed call when its run fails or is cancelled, with the same `retry` and
 *   `timeoutMs`. The calls of a run are undone one after the other, the one that completed last first
 * @returns a frozen executor, the same one for every graph it is put into
 */
export function defineExecutor<
  const Id extends string,
  Input extends AnySchema,
  Output extends AnySchema = never,
  Sends extends AnySchema = never,
  Yields extends AnySchema = never,
  Reads extends AnyStateKey = never,
  Writes extends AnyStateKey = never,
>(
  definition: ExecutorDefinition<Id, Input, Output, Sends, Yields, Reads, Writes>,
): Executor<Id, Takes<Input>, Gives<Output>, Gives<Yields>, Gives<Sends>> {
  const { id, input, output, sends, yields, state, retry, timeoutMs } = definition;
  const node: ExecutorNode = {
    kind: "executor",
    id,
    input,
    ...(output && { output }),
    ...(sends && { sends }),
    ...(yields && { yields }),
    ...(retry && { retry: Object.freeze({ ...retry }) }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(definition.compensate && { compensate: compensateOf(definition as unknown as Compensating) }),
    state: Object.freeze({
      reads: Object.freeze([...(state?.reads ?? [])]),
      writes: Object.freeze([...(state?.writes ?? [])]),
    }),
    // Called on the definition, so that a class finds its own members under `this`.
    handle: (message, context) => (definition as unknown as ExecutorNode).handle(message, context),
  };
  return Object.freeze(node) as Executor<Id, Takes<Input>, Gives<Output>, Gives<Yields>, Gives<Sends>>;
}

type Compensating = Required<Pick<ExecutorNode, "compensate">>;

function compensateOf(definition: Compensating): Compensating["compensate"] {
  return (output, input, context) => definition.compensate(output, input, context);
}

/**
 * The same executor or sub-workflow under another id, for a second place in one graph.
 *
 * @param id - a letter, then up to 47 letters, digits or `_`
 */
export function withId<const Id extends string, Source extends AnyExecutor>(
  id: Id,
  executor: Source,
): Executor<Id, InputOf<Source>, OutputOf<Source>, YieldsOf<Source>, Source["~types"]["sends"]>;
export function withId<const Id extends string, Source extends AnyWorkflow>(
  id: Id,
  workflow: Source,
): Workflow<InputOf<Source>, OutputOf<Source>, Source["name"], PortsOf<Source>, Id>;
export function withId(id: string, node: ExecutorNode | WorkflowNode): unknown {
  return Object.freeze({ ...node, id });
}

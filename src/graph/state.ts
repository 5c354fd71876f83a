import { WorkflowError } from "../errors.ts";
import type { StateKeyNode } from "./runtime.ts";
import type { AnySchema, Gives, Takes } from "./schema-types.ts";
import type { Travels } from "./travels.ts";

/** A value a run keeps between supersteps, under a name; the object is the key. `Written` differs where a schema transforms. */
export interface StateKey<Name extends string, Value, Written = Value> extends StateKeyNode {
  readonly name: Name;
  readonly "~state": { readonly value: Value; readonly takes: (value: Written) => void };
}

export type AnyStateKey = StateKey<string, unknown, never>;

export type ValueOf<Key extends AnyStateKey> = Key["~state"]["value"];
export type WrittenTo<Key extends AnyStateKey> = Key["~state"]["takes"] extends (value: infer Written) => void
  ? Written
  : never;

/**
 * Declares a value that a run keeps. Executors name the keys they use under `state: { reads, writes }` and reach them with
 * `context.state`. Each run has its own value.
 *
 * @param definition - `name`: unique within a workflow; `schema`: what the value must fit, and give back as JSON;
 *   `initial`: the value before the first write, in the shape the schema takes; `isKept`: where the workflow is a node of another
 *   one, a call of that node begins with what its last completed call left, and calls of it go on one after the other
 * @throws {WorkflowError} `STATE_VALUE_INVALID` when `initial` does not fit the schema
 */
export function defineState<const Name extends string, Schema extends AnySchema>(definition: {
  readonly name: Name;
  readonly schema: Schema & Travels<Name, "holds", Schema>;
  readonly initial: NoInfer<Takes<Schema>>;
  readonly isKept?: boolean;
}): StateKey<Name, Gives<Schema>, Takes<Schema>> {
  const { name, schema, isKept = false } = definition;
  const initial = checkedInitial(name, schema, definition.initial);
  const key: StateKeyNode = { kind: "state", name, schema, initial, ...(isKept && { isKept }) };
  return Object.freeze(key) as StateKey<Name, Gives<Schema>, Takes<Schema>>;
}

function checkedInitial(name: string, schema: AnySchema, initial: unknown): unknown {
  const result = schema["~standard"].validate(initial);
  if (result instanceof Promise) {
    throw new WorkflowError(
      "STATE_VALUE_INVALID",
      `The schema of state "${name}" answers later, so its initial value cannot be checked.`,
      "Use a schema without asynchronous checks for a state value.",
    );
  }
  if (!result.issues) return result.value;
  throw new WorkflowError(
    "STATE_VALUE_INVALID",
    `The initial value of state "${name}" does not fit its schema: ${result.issues.map(({ message }) => message).join("; ")}.`,
    "Give an initial value that the schema takes.",
  );
}

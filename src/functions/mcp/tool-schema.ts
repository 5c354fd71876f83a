import { inputSchema } from "../../graph/contract.ts";
import type { WorkflowNode } from "../../graph/runtime.ts";
import type { JsonSchema } from "../../graph/schema.ts";
import { embedded } from "../openapi/schemas.ts";
import type { ToolArguments } from "./tool-call.ts";

/** How the input of a workflow is written as the arguments of a tool, which are always an object. */
export interface InputForm {
  readonly schema: JsonSchema;
  readonly inputOf: (given: ToolArguments) => unknown;
}

/**
 * An input that is an object gives the arguments; any other one stands under `input`. Hosts refuse `null` for a required
 * argument, so one that may be null can be left out.
 */
export function inputFormOf(workflow: WorkflowNode): InputForm {
  const schema = inputSchema(workflow);
  if (schema.type === "object") return { schema: embedded(schema), inputOf: (given) => given };
  const input = embedded(schema, `${workflow.name}:input`);
  const required = mayBeNull(schema) ? [] : ["input"];
  return {
    schema: { type: "object", properties: { input }, required },
    inputOf: (given) => given.input ?? null,
  };
}

function mayBeNull({ type, anyOf }: JsonSchema): boolean {
  return [type].flat().includes("null") || (Array.isArray(anyOf) && anyOf.some(mayBeNull));
}

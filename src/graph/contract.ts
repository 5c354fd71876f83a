import { inputOf } from "./nested.ts";
import type { GraphNode, PortNode, WorkflowNode } from "./runtime.ts";
import { type JsonSchema, jsonSchemaOf, knownJsonSchemaOf } from "./schema.ts";

/** What a run of a workflow is started with, as JSON Schema. */
export function inputSchema(workflow: WorkflowNode): JsonSchema {
  const { start } = workflow.plan;
  const schema = inputOf(workflow) ?? neverBuilt(workflow, start);
  return jsonSchemaOf(schema, "input", `the input of "${start}"`);
}

/** What a port is asked, as JSON Schema: what an edge into it carries. */
export function requestSchema(port: PortNode): JsonSchema {
  return jsonSchemaOf(port.request, "input", `the request of "${port.id}"`);
}

/** What may be answered at a port, as JSON Schema. */
export function responseSchema(port: PortNode): JsonSchema {
  return jsonSchemaOf(port.response, "input", `the response to "${port.id}"`);
}

/** One kind of output of a run: what an executor returns, or what it yields. */
export interface OutputSchema {
  readonly executorId: string;
  readonly place: "returned" | "yielded";
  /** Left out where the schema's library has no JSON Schema. */
  readonly schema?: JsonSchema;
}

/** What comes out of a run, as JSON Schemas, in the order of the plan. What JSON Schema cannot say is left open. */
export function outputSchemas(workflow: WorkflowNode): OutputSchema[] {
  const { executors, outputs } = workflow.plan;
  return executors.flatMap(({ id }) => {
    const node = nodeOf(workflow, id);
    return [...(outputs.includes(id) ? returned(node) : []), ...yielded(node)];
  });
}

function returned(node: GraphNode): OutputSchema[] {
  if (node.kind === "executor") return node.output ? [output(node.id, "returned", known(node.output))] : [];
  // What a sub-workflow outputs is what its node sends on.
  if (node.kind === "workflow") return outputSchemas(node).map((one) => ({ ...one, executorId: node.id }));
  const response = known(node.response);
  if (node.sends === "response") return [output(node.id, "returned", response)];
  const properties = { request: known(node.request) ?? {}, response: response ?? {} };
  return [output(node.id, "returned", { type: "object", properties, required: ["request", "response"] })];
}

function yielded(node: GraphNode): OutputSchema[] {
  return node.kind === "executor" && node.yields ? [output(node.id, "yielded", known(node.yields))] : [];
}

function known(schema: PortNode["request"]): JsonSchema | undefined {
  return knownJsonSchemaOf(schema, "output");
}

function output(executorId: string, place: OutputSchema["place"], schema: JsonSchema | undefined): OutputSchema {
  return { executorId, place, ...(schema && { schema }) };
}

function nodeOf({ nodes, plan }: WorkflowNode, id: string): GraphNode {
  return nodes.get(id) ?? neverBuilt({ plan }, id);
}

function neverBuilt({ plan }: Pick<WorkflowNode, "plan">, id: string): never {
  throw new TypeError(`Workflow "${plan.workflow}" has no executor "${id}", which its own plan names.`);
}

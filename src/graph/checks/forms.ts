import { inputOf } from "../nested.ts";
import type { GraphNode } from "../runtime.ts";
import { jsonSchemaOf } from "../schema.ts";

/**
 * Forms are made for the input of a run, and for requests and responses of ports: their schemas have to be drawn.
 *
 * @throws {WorkflowError} `SCHEMA_UNREPRESENTABLE`
 */
export function checkForms(start: GraphNode, nodes: readonly GraphNode[]): void {
  const input = inputOf(start);
  if (input && start.kind !== "port") jsonSchemaOf(input, "input", `the input of "${start.id}"`);
  for (const node of nodes) {
    if (node.kind !== "port") continue;
    jsonSchemaOf(node.request, "input", `the request of "${node.id}"`);
    jsonSchemaOf(node.response, "input", `the response of "${node.id}"`);
  }
}

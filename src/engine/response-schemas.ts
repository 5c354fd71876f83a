import { workflowAt } from "../graph/nested.ts";
import type { PortNode, WorkflowNode } from "../graph/runtime.ts";
import { type JsonSchema, jsonSchemaOf } from "../graph/schema.ts";
import type { RunStatus } from "../wire/status.ts";

const schemas = new WeakMap<PortNode, JsonSchema>();

/** Adds to each open request what may be answered, as far as the deployed workflow still has the port. */
export function withResponseSchemas(workflow: WorkflowNode, status: RunStatus): RunStatus {
  const waitingForInput = status.waitingForInput.map((request) => {
    const port = workflowAt(workflow, request.frame)?.nodes.get(request.eventName);
    return port?.kind === "port" ? { ...request, responseSchema: responseSchemaOf(port) } : request;
  });
  return { ...status, waitingForInput };
}

function responseSchemaOf(port: PortNode): JsonSchema {
  const schema = schemas.get(port) ?? jsonSchemaOf(port.response, "input", `the response to "${port.id}"`);
  schemas.set(port, schema);
  return schema;
}

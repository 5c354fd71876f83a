import type { Catalog } from "../../graph/catalog.ts";
import { inputSchema, outputSchemas, responseSchema } from "../../graph/contract.ts";
import { type PlacedNode, placedNodes } from "../../graph/nested.ts";
import type { WorkflowNode } from "../../graph/runtime.ts";
import type { JsonSchema } from "../../graph/schema.ts";
import type { AnyWorkflow } from "../../graph/workflow.ts";
import { AGENT_PATHS } from "./agent-operations.ts";
import { type Paths, respondOperation, runOperation, SHARED_PATHS } from "./operations.ts";
import { embedded, refTo, sharedSchemas } from "./schemas.ts";

/**
 * The HTTP contract of an app as OpenAPI 3.1: its routes, and for each workflow the calls whose bodies are its own, made
 * from the schemas that check them.
 *
 * @param agents - those that can be talked to by themselves; their routes are left out where there are none
 * @param serverUrl - where the routes are, with their prefix
 */
export function openApiOf(catalog: Catalog, agents: readonly AnyWorkflow[], serverUrl: string): object {
  const own: Paths = Object.assign({}, ...catalog.workflows.map(pathsOf));
  return {
    openapi: "3.1.0",
    info: { title: "Workflows", version: "1" },
    servers: [{ url: serverUrl }],
    security: [{ functionKey: [] }],
    tags: catalog.workflows.map(({ name, description }) => ({ name, ...(description && { description }) })),
    paths: { ...SHARED_PATHS, ...(agents.length > 0 && AGENT_PATHS), ...own },
    components: {
      schemas: sharedSchemas(),
      securitySchemes: { functionKey: { type: "apiKey", in: "header", name: "x-functions-key" } },
    },
  };
}

/** OpenAPI takes a path without parameters before one with them. */
function pathsOf(workflow: WorkflowNode): Paths {
  const { name } = workflow;
  const tags = [name];
  const start = runOperation({
    operationId: `run${name}`,
    summary: `Starts a run of ${name}`,
    parameters: [],
    input: embedded(inputSchema(workflow), `${name}:input`),
    status: statusOf(workflow),
  });
  const body = respondBodyOf(workflow);
  const run = { [`/workflows/${name}/run`]: { post: { ...start, tags } } };
  if (!body) return run;
  const runId = { name: "runId", in: "path", required: true, schema: { type: "string" } };
  const parts = { operationId: `respond${name}`, summary: `Answers a request of a run of ${name}` };
  const respond = respondOperation({ ...parts, parameters: [runId], body });
  return { ...run, [`/workflows/${name}/respond/{runId}`]: { post: { ...respond, tags } } };
}

/** The status with what this workflow gives as outputs. */
function statusOf(workflow: WorkflowNode): JsonSchema {
  const schemas = outputSchemas(workflow).map(({ executorId, place, schema }) =>
    embedded(schema ?? {}, `${workflow.name}:${executorId}:${place}`),
  );
  if (schemas.length === 0) return refTo("RunStatus");
  const [only = {}] = schemas;
  const output = schemas.length === 1 ? only : { anyOf: schemas };
  const properties = { outputs: { type: "array", items: output } };
  return { allOf: [refTo("RunStatus"), { type: "object", properties }] };
}

/** One shape for each port; undefined for a workflow that asks nobody. */
function respondBodyOf(workflow: WorkflowNode): JsonSchema | undefined {
  const ports = placedNodes(workflow).filter(({ node }) => node.kind === "port");
  const ids = [...new Set(ports.map(({ node }) => node.id))];
  const shapes = ids.map((id) => ({
    type: "object",
    properties: {
      eventName: { const: id },
      requestId: { type: "string" },
      response: anyOf(ports.flatMap((port) => (port.node.id === id ? responseOf(workflow, port) : []))),
    },
    required: ["eventName", "response"],
  }));
  return shapes.length === 0 ? undefined : { oneOf: shapes };
}

function responseOf({ name }: WorkflowNode, { place, node }: PlacedNode): JsonSchema[] {
  return node.kind === "port" ? [embedded(responseSchema(node), `${name}:${place}:response`)] : [];
}

/** Ports of one id, in several sub-workflows, may take different responses: then the request's id says which one is meant. */
function anyOf(schemas: readonly JsonSchema[]): JsonSchema {
  const [only = {}, ...others] = schemas;
  return others.length === 0 ? only : { anyOf: schemas };
}

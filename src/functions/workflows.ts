import { app } from "@azure/functions";
import { toMermaid } from "../graph/mermaid.ts";
import type { PortNode, WorkflowNode } from "../graph/runtime.ts";
import { type JsonSchema, jsonSchemaOf, knownJsonSchemaOf } from "../graph/schema.ts";
import type { AnySchema } from "../graph/schema-types.ts";
import { answer, json } from "./answer.ts";
import { textParam } from "./route.ts";
import type { Services } from "./services.ts";

/** `GET workflows`: what this app serves. */
export function registerWorkflows({ catalog }: Services): void {
  app.http("workflows", {
    methods: ["GET"],
    route: "workflows",
    authLevel: "function",
    handler: answer(async () => json(200, { workflows: catalog.workflows.map(summaryOf) })),
  });
}

/** `GET workflows/{name}`: one workflow, with JSON Schemas (draft 2020-12) for forms, and its graph as Mermaid text. */
export function registerWorkflow({ catalog }: Services): void {
  app.http("workflow", {
    methods: ["GET"],
    route: "workflows/{name}",
    authLevel: "function",
    handler: answer(async (request) => json(200, descriptionOf(catalog.get(textParam(request, "name"))))),
  });
}

function summaryOf({ name, description, plan }: WorkflowNode) {
  return { name, description: description ?? null, version: plan.fingerprint };
}

function descriptionOf(workflow: WorkflowNode) {
  const nodes = [...workflow.nodes.values()];
  return {
    ...summaryOf(workflow),
    input: inputSchemaOf(workflow),
    ports: nodes.filter((node) => node.kind === "port").map(portOf),
    outputs: workflow.plan.outputs.map((id) => ({ executorId: id, schema: outputSchemaOf(workflow, id) })),
    mermaid: toMermaid(workflow),
  };
}

function inputSchemaOf(workflow: WorkflowNode): JsonSchema | null {
  const start = workflow.nodes.get(workflow.plan.start);
  if (!start) return null;
  return jsonSchemaOf(start.kind === "port" ? start.request : start.input, "input", `the input of "${start.id}"`);
}

function portOf({ id, request, response, sends }: PortNode) {
  return {
    id,
    request: jsonSchemaOf(request, "input", `the request of "${id}"`),
    response: jsonSchemaOf(response, "input", `the response to "${id}"`),
    sends,
  };
}

/** What an output executor returns or yields, and what a port sends on, as far as it can be drawn; null where nothing can. */
function outputSchemaOf(workflow: WorkflowNode, id: string): JsonSchema | null {
  const node = workflow.nodes.get(id);
  if (node?.kind === "port") return sentSchemaOf(node);
  const given = [node?.output, node?.yields].flatMap((schema) => (schema ? [drawn(schema)] : []));
  return given.length > 1 ? { anyOf: given } : (given[0] ?? null);
}

function sentSchemaOf({ request, response, sends }: PortNode): JsonSchema {
  if (sends === "response") return drawn(response);
  const properties = { request: drawn(request), response: drawn(response) };
  return { type: "object", properties, required: Object.keys(properties) };
}

/** `{}` says that anything may come. */
function drawn(schema: AnySchema): JsonSchema {
  return knownJsonSchemaOf(schema, "output") ?? {};
}

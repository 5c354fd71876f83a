import { app } from "@azure/functions";
import { inputSchema, outputSchemas, requestSchema, responseSchema } from "../graph/contract.ts";
import { toMermaid } from "../graph/mermaid.ts";
import { portsOf } from "../graph/nested.ts";
import type { PortNode, WorkflowNode } from "../graph/runtime.ts";
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
  return {
    ...summaryOf(workflow),
    input: inputSchema(workflow),
    ports: portsOf(workflow).map(descriptionOfPort),
    outputs: outputSchemas(workflow),
    mermaid: toMermaid(workflow),
  };
}

function descriptionOfPort(port: PortNode) {
  return { id: port.id, request: requestSchema(port), response: responseSchema(port), sends: port.sends };
}

import { z } from "zod";
import { respondToRun } from "../../durable/respond.ts";
import type { Catalog } from "../../graph/catalog.ts";
import type { WorkflowNode } from "../../graph/runtime.ts";
import { parseFields } from "../fields.ts";
import { embedded } from "../openapi/schemas.ts";
import type { Services } from "../services.ts";
import { answerOf } from "./run-answer.ts";
import { settle } from "./settle.ts";
import { registerTool, type ToolArguments } from "./tool-call.ts";
import { type McpAnswers, RUN_ANSWER_SCHEMA } from "./workflow-tool.ts";

const MAX_WAIT_SECONDS = 200;

/** Workflow names have no hyphen, so these tools hide none. */
const STATUS_TOOL = "run-status";
const RESPOND_TOOL = "run-respond";

/** A run of one of the workflows that are tools. */
function runFields(workflows: readonly WorkflowNode[]) {
  return z.object({
    workflow: z.enum(workflows.map(({ name }) => name)).describe("The workflow of the run"),
    runId: z.string().describe("As the tool of the workflow gave it"),
  });
}

/** `run-status`: what became of a run that answered with a handle. */
export function registerStatusTool(
  { catalog, instancesOf }: Services,
  workflows: readonly WorkflowNode[],
  mcp: McpAnswers,
): void {
  const fields = runFields(workflows).extend({
    waitSeconds: z
      .int()
      .min(0)
      .max(MAX_WAIT_SECONDS)
      .default(0)
      .describe("How long to wait for the run to end, or to ask a person"),
  });
  registerTool({
    name: STATUS_TOOL,
    description: "Tells how a run of a workflow is doing: its output, what it waits for, or why it failed.",
    input: drawn(fields),
    output: RUN_ANSWER_SCHEMA,
    async call(given, context) {
      const { workflow, runId, waitSeconds } = read(fields, given);
      const run = await settle(instancesOf(context), served(catalog, workflow), runId, waitSeconds * 1_000);
      return answerOf(run, mcp);
    },
  });
}

/** `run-respond`: answers a request in the name of whoever the client asked. */
export function registerRespondTool(
  { catalog, instancesOf }: Services,
  workflows: readonly WorkflowNode[],
  mcp: McpAnswers,
): void {
  const fields = runFields(workflows).extend({
    requestId: z.string().describe("As listed under waitingForInput"),
    response: z.json().describe("In the shape of the request's responseSchema"),
  });
  registerTool({
    name: RESPOND_TOOL,
    description:
      "Passes a person's answer to an open request on to a run. Ask the person first; do not decide yourself.",
    input: drawn(fields),
    output: RUN_ANSWER_SCHEMA,
    async call(given, context) {
      const { workflow: name, runId, requestId, response } = read(fields, given);
      const [instances, workflow] = [instancesOf(context), served(catalog, name)];
      await respondToRun(instances, workflow, runId, { requestId }, response);
      return answerOf(await settle(instances, workflow, runId, mcp.waitMs, requestId), mcp);
    },
  });
}

function drawn(schema: z.ZodType) {
  return embedded(z.toJSONSchema(schema, { io: "input" }));
}

function read<Fields>(schema: z.ZodType<Fields>, given: ToolArguments): Fields {
  return parseFields(schema, given as never, "TOOL_ARGUMENTS_INVALID", "Send the arguments the tool declares.");
}

function served(catalog: Catalog, name: string): WorkflowNode {
  return catalog.get(name);
}

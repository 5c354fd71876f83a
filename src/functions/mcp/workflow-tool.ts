import { z } from "zod";
import { startRun } from "../../durable/client.ts";
import type { WorkflowNode } from "../../graph/runtime.ts";
import { embedded } from "../openapi/schemas.ts";
import type { Services } from "../services.ts";
import { type Addresses, answerOf, runAnswer } from "./run-answer.ts";
import { settle } from "./settle.ts";
import { registerTool } from "./tool-call.ts";
import { inputFormOf } from "./tool-schema.ts";

/** What a tool says of a run, as JSON Schema. */
export const RUN_ANSWER_SCHEMA = embedded(z.toJSONSchema(runAnswer));

/** A tool of a workflow's name: starts a run, and answers with its output, or with a handle when that takes longer. */
export function registerWorkflowTool({ instancesOf }: Services, workflow: WorkflowNode, mcp: McpAnswers): void {
  const { schema, inputOf } = inputFormOf(workflow);
  registerTool({
    name: workflow.name,
    description: workflow.description ?? `Runs the workflow ${workflow.name}.`,
    input: schema,
    output: RUN_ANSWER_SCHEMA,
    async call(given, context) {
      const instances = instancesOf(context);
      const { runId } = await startRun(instances, workflow, inputOf(given));
      return answerOf(await settle(instances, workflow, runId, mcp.waitMs), mcp);
    },
  });
}

export interface McpAnswers extends Addresses {
  /** How long a call waits for a run before it answers with a handle. */
  readonly waitMs: number;
}

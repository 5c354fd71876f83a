import { startRun } from "../../durable/client.ts";
import type { McpServices } from "./mcp-services.ts";
import { answerOf, runAnswerSchema } from "./run-answer.ts";
import { type Subject, settle } from "./settle.ts";
import { registerTool } from "./tool-call.ts";
import { inputFormOf } from "./tool-schema.ts";

/** A tool of a workflow's name: starts a run, and answers with its output, or with a handle when that takes longer. */
export function registerWorkflowTool(mcp: McpServices, subject: Subject): void {
  const { definition: workflow } = subject;
  const { schema, inputOf } = inputFormOf(workflow);
  registerTool({
    name: workflow.name,
    description: workflow.description ?? `Runs the workflow ${workflow.name}.`,
    input: schema,
    output: runAnswerSchema(),
    async call(given, context) {
      const instances = mcp.instancesOf(context);
      const { generationLimits } = mcp.config;
      const { runId } = await startRun(instances, workflow, inputOf(given), { generationLimits });
      return answerOf(subject, await settle(instances, subject, runId, mcp.waitMs), mcp);
    },
  });
}

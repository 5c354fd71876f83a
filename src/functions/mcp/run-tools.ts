import { z } from "zod";
import { respondToRun } from "../../durable/respond.ts";
import type { McpServices } from "./mcp-services.ts";
import { answerOf, runAnswerSchema } from "./run-answer.ts";
import { type Subject, settle } from "./settle.ts";
import { drawnFields, readArguments, registerTool } from "./tool-call.ts";

const MAX_WAIT_SECONDS = 200;

/** Names of workflows and agents have no hyphen, so these tools hide none. */
const STATUS_TOOL = "run-status";
const RESPOND_TOOL = "run-respond";

/** A run of something that is a tool. */
function runFields(subjects: readonly Subject[]) {
  return z.object({
    workflow: z.enum(subjects.map(({ definition }) => definition.name)).describe("The workflow or agent of the run"),
    runId: z.string().describe("As the tool gave it"),
  });
}

/** `run-status`: what became of a run that answered with a handle. */
export function registerStatusTool(mcp: McpServices, subjects: readonly Subject[]): void {
  const fields = runFields(subjects).extend({
    waitSeconds: z
      .int()
      .min(0)
      .max(MAX_WAIT_SECONDS)
      .default(0)
      .describe("How long to wait for the run to end, or to ask a person"),
  });
  registerTool({
    name: STATUS_TOOL,
    description: "Tells how a run is doing: its output, what it waits for, or why it failed.",
    input: drawnFields(fields),
    output: runAnswerSchema(),
    async call(given, context) {
      const { workflow, runId, waitSeconds } = readArguments(fields, given);
      const subject = subjectOf(subjects, workflow);
      return answerOf(subject, await settle(mcp.instancesOf(context), subject, runId, waitSeconds * 1_000), mcp);
    },
  });
}

/** `run-respond`: answers a request in the name of whoever the client asked. */
export function registerRespondTool(mcp: McpServices, subjects: readonly Subject[]): void {
  const fields = runFields(subjects).extend({
    requestId: z.string().describe("As listed under waitingForInput"),
    response: z.json().describe("In the shape of the request's responseSchema"),
  });
  registerTool({
    name: RESPOND_TOOL,
    description:
      "Passes a person's answer to an open request on to a run. Ask the person first; do not decide yourself.",
    input: drawnFields(fields),
    output: runAnswerSchema(),
    async call(given, context) {
      const { workflow, runId, requestId, response } = readArguments(fields, given);
      const [instances, subject] = [mcp.instancesOf(context), subjectOf(subjects, workflow)];
      await respondToRun(instances, subject.definition, runId, { requestId }, response);
      return answerOf(subject, await settle(instances, subject, runId, mcp.waitMs, requestId), mcp);
    },
  });
}

function subjectOf(subjects: readonly Subject[], name: string): Subject {
  const subject = subjects.find(({ definition }) => definition.name === name);
  if (!subject) throw new TypeError(`"${name}" passed the schema that lists all tools, and is none.`);
  return subject;
}

import { z } from "zod";
import { freeLostTurn } from "../../durable/threads/kept-threads.ts";
import { startTurn } from "../../durable/threads/turns.ts";
import { checkThreadId, makeRunId } from "../../wire/run-id.ts";
import type { McpServices } from "./mcp-services.ts";
import { answerOf, runAnswerSchema } from "./run-answer.ts";
import { type Subject, settle } from "./settle.ts";
import { drawnFields, readArguments, registerTool } from "./tool-call.ts";

const advertised = z.object({
  query: z.string().min(1).describe("What to say to the agent"),
  threadId: z.string().optional().describe("The conversation to go on with, as an earlier answer gave it"),
});
/** Clients of other hosts call a thread a session. */
const fields = advertised.extend({ sessionId: z.string().optional() });

/** A tool of an agent's name: says something to it, in a new thread or in one that is there, and answers with its words. */
export function registerAgentTool(mcp: McpServices, subject: Subject): void {
  const { definition: agent } = subject;
  registerTool({
    name: agent.name,
    description: agent.description ?? `Asks the agent ${agent.name}.`,
    input: drawnFields(advertised),
    output: runAnswerSchema(),
    async call(given, context) {
      const { query, threadId, sessionId } = readArguments(fields, given);
      const instances = mcp.instancesOf(context);
      const thread = checkThreadId(threadId ?? sessionId ?? makeRunId());
      await freeLostTurn(instances, agent, thread);
      const messages = [{ role: "user", content: query }] as const;
      const runId = await startTurn(instances, agent, {
        threadId: thread,
        messages,
        ttlMs: mcp.threadTtlMs,
        generationLimits: mcp.config.generationLimits,
      });
      return answerOf(subject, await settle(instances, subject, runId, mcp.waitMs), mcp);
    },
  });
}

import { WorkflowError } from "../../errors.ts";
import type { HandlerContext } from "../../graph/runtime.ts";
import { jsonSchemaOf } from "../../graph/schema.ts";
import type { AgentSpec } from "../agent-spec.ts";
import type { ChatReply, ChatRequest, ChatTool } from "../chat-client.ts";
import { asReadBy } from "../conversation.ts";
import { handoffTools } from "../handoff-tools.ts";
import { historyOf } from "./session.ts";
import type { AgentCall } from "./state.ts";

/** Asks the model once. Its tokens count from here on, whatever becomes of the answer. */
export async function askModel(spec: AgentSpec, call: AgentCall, context: HandlerContext): Promise<ChatReply> {
  const request = await requestOf(spec, call, context);
  const { signal, callKey } = context;
  const onText = (text: string) => context.sendUpdate({ type: "text", agent: spec.id, text });
  const options = { signal, callKey, ...(context.isWatched() && { onText }) };
  const reply = await spec.model.complete(request, options);
  context.addUsage(reply.usage);
  if (reply.finishReason === "stop") return reply;
  throw reply.finishReason === "length" ? cut(spec) : refused(spec);
}

async function requestOf(spec: AgentSpec, { messages }: AgentCall, context: HandlerContext): Promise<ChatRequest> {
  const { runId } = context;
  const { id: agent, instructions, output, settings } = spec;
  return {
    agent,
    instructions: typeof instructions === "string" ? instructions : await instructions({ runId, agent }),
    messages: asReadBy(agent, [...historyOf(spec, context), ...messages]),
    tools: [...spec.tools.map(chatTool), ...handoffTools(spec.handoffs)],
    output: output && { name: agent, schema: jsonSchemaOf(output, "input", `the output of agent "${agent}"`) },
    settings,
  };
}

function chatTool({ name, description, input }: AgentSpec["tools"][number]): ChatTool {
  return { name, description, parameters: jsonSchemaOf(input, "input", `the input of tool "${name}"`) };
}

function cut({ id, model }: AgentSpec): WorkflowError {
  return new WorkflowError(
    "MODEL_ANSWER_CUT",
    `${model.name} cut off its answer to agent "${id}" at a limit of tokens.`,
    "Raise maxOutputTokens, or ask for less.",
  );
}

function refused({ id, model }: AgentSpec): WorkflowError {
  return new WorkflowError(
    "MODEL_CALL_REFUSED",
    `A content filter of ${model.name} stopped the answer to agent "${id}".`,
    "Look at what the agent was asked.",
  );
}

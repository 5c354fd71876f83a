import { z } from "zod";
import { defineExecutor } from "../graph/executor.ts";
import type { InputOf, OutputOf, PortsOf } from "../graph/node-types.ts";
import type { HandlerContext } from "../graph/runtime.ts";
import { defineState } from "../graph/state.ts";
import type { AnyWorkflow, Workflow } from "../graph/workflow.ts";
import { answered, chatMessage } from "../wire/chat.ts";
import type { AgentResponse } from "./agent.ts";
import { type AgentInput, agentInput, messagesOf, withIds } from "./conversation.ts";
import { edge, group } from "./groups/sequential.ts";

interface AsAgentOptions<Id extends string, Served extends AnyWorkflow> {
  readonly id: Id;
  /** What it is good for: the workflow's own description unless set. */
  readonly description?: string;
  /** The workflow's input from the last words of the conversation: the text itself unless set. */
  readonly toInput?: (text: string) => InputOf<Served> | Promise<InputOf<Served>>;
  /** What an output of the workflow is in words: text as it is, all else as JSON unless set. */
  readonly toText?: (output: OutputOf<Served>) => string | Promise<string>;
}

const asked = defineState({
  name: "asked",
  schema: z.object({ messages: z.array(chatMessage), reference: z.string().optional() }),
  initial: { messages: [] },
});

/**
 * A workflow in the part of an agent: what the conversation says last is its input, each of its outputs an answer. It can be used
 * wherever an agent that takes text can, in groups and as a tool.
 *
 * What it asks people goes on being asked at its own ports.
 */
export function workflowAsAgent<const Id extends string, Served extends AnyWorkflow>(
  workflow: Served,
  options: AsAgentOptions<Id, Served>,
): Workflow<AgentInput, AgentResponse<OutputOf<Served>>, Id, PortsOf<Served>> {
  const { id, description = workflow.description ?? "", toInput, toText = wordsOf } = options;
  const read = defineExecutor({
    id: "Read",
    input: agentInput,
    output: z.unknown(),
    state: { writes: [asked] },
    async handle(input, { state, callKey }) {
      const messages = withIds(messagesOf(input), callKey);
      const reference = typeof input === "object" && "reference" in input ? input.reference : undefined;
      state.set(asked, { messages, ...(reference !== undefined && { reference }) });
      const last = messages.at(-1);
      const text = last && last.role !== "tool" ? last.content : "";
      return toInput ? await toInput(text) : text;
    },
  });
  const answer = defineExecutor({
    id: "Answer",
    input: z.unknown(),
    output: answered.extend({ output: z.unknown() }),
    state: { reads: [asked] },
    async handle(output, context) {
      const { messages, reference } = context.state.get(asked);
      const text = await toText(output as OutputOf<Served>);
      const said = {
        id: (context as unknown as HandlerContext).callKey,
        role: "assistant" as const,
        content: text,
        author: id,
      };
      return {
        agent: id,
        output,
        text,
        messages: [...messages, said],
        usage: { modelCalls: 0, inputTokens: 0, outputTokens: 0 },
        turns: 0,
        ...(reference !== undefined && { reference }),
      };
    },
  });
  return group(id, read, [edge(read, workflow), edge(workflow, answer)], [answer], { description }) as never;
}

function wordsOf(output: unknown): string {
  return typeof output === "string" ? output : JSON.stringify(output);
}

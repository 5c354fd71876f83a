import { z } from "zod";
import { WorkflowError } from "../errors.ts";
import type { DraftEdge } from "../graph/draft.ts";
import { defineExecutor } from "../graph/executor.ts";
import type { InputOf, OutputOf, PortsOf } from "../graph/node-types.ts";
import type { HandlerContext } from "../graph/runtime.ts";
import { defineState } from "../graph/state.ts";
import type { AnyWorkflow, Workflow } from "../graph/workflow.ts";
import { answered, chatMessage } from "../wire/chat.ts";
import type { AgentResponse } from "./agent.ts";
import { type AgentInput, agentInput, messagesOf, referenceOf, withIds } from "./conversation.ts";
import { edge, graphOf } from "./graph-of.ts";

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
 * wherever an agent that takes text can: served by itself, in groups and as a tool, whose result is the first output.
 *
 * What it asks people goes on being asked at its own ports. `usage` and `turns` of its answers are 0: what agents in it used up stands
 * in the status of the run. One that ends without an output fails with `AGENT_WITHOUT_ANSWER`, and so does one whose output is null.
 */
export function asAgent<const Id extends string, Served extends AnyWorkflow>(
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
      const reference = referenceOf(input);
      state.set(asked, { messages, ...(reference !== undefined && { reference }) });
      const last = messages.at(-1);
      const text = last && last.role !== "tool" ? last.content : "";
      return toInput ? await toInput(text) : text;
    },
  });
  const answer = defineExecutor({
    id: "Answer",
    input: z.tuple([z.unknown(), z.unknown()]),
    output: answered.extend({ output: z.unknown() }),
    state: { reads: [asked] },
    async handle([, output], context) {
      if (output === null) throw withoutAnswer(id, workflow.name);
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
  // Fires when there is an output; where the workflow ends without one, it fires all the same, since its place may be empty.
  const fanIn: DraftEdge = { kind: "fanIn", from: [read, workflow], to: answer, allowMissing: true, label: undefined };
  return graphOf(id, read, [edge(read, workflow), fanIn], [answer], { description, isSure: true }) as never;
}

function withoutAnswer(id: string, workflow: string): WorkflowError {
  return new WorkflowError(
    "AGENT_WITHOUT_ANSWER",
    `Workflow "${workflow}" ended without an output, so agent "${id}" has nothing to answer.`,
    "Let every way through it end in an executor that gives an output.",
  );
}

function wordsOf(output: unknown): string {
  return typeof output === "string" ? output : JSON.stringify(output);
}

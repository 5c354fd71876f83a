import { z } from "zod";
import { answered, type ChatMessage, type Conversation, chatMessage, conversation } from "../wire/chat.ts";

/**
 * What an agent takes unless it declares an `input` of its own: text, messages, a conversation (the answer of another agent is
 * one), or a list of them, as a fan-in delivers it.
 */
export const agentInput = z.union([
  z.string(),
  conversation,
  z.array(chatMessage).min(1),
  z.array(conversation).min(1),
]);
export type AgentInput = z.infer<typeof agentInput>;

/** The question an agent is called with, as messages. Of several conversations it reads the last words of each. */
export function messagesOf(input: AgentInput): readonly ChatMessage[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  if (!Array.isArray(input)) return input.messages;
  return input.every(isMessage) ? input : input.flatMap((one) => ("messages" in one ? lastWordsOf(one) : []));
}

/** What the answer has to come back with: of several conversations, what those that have a reference agree on. */
export function referenceOf(input: unknown): string | undefined {
  const all = (Array.isArray(input) ? input : [input]).map(
    (one) => (one as { readonly reference?: unknown } | null | undefined)?.reference,
  );
  const [first, ...others] = new Set(all.filter((one) => typeof one === "string"));
  return others.length === 0 ? first : undefined;
}

function isMessage(item: ChatMessage | Conversation): item is ChatMessage {
  return "role" in item;
}

/** Messages with an id each, so that whoever reads them twice can tell. */
export function withIds(messages: readonly ChatMessage[], callKey: string): ChatMessage[] {
  return messages.map((message, index) => ({ id: `${callKey}-q${index + 1}`, ...message }));
}

function lastWordsOf({ agent, messages }: Conversation): ChatMessage[] {
  const last = messages.findLast((message) => message.role !== "tool");
  if (!last) return [];
  const author = agent ?? last.author;
  const id = last.id !== undefined && { id: last.id };
  return [{ ...id, role: "user", content: last.content, ...(author !== undefined && { author }) }];
}

/**
 * A conversation as the model of one agent reads it: its own words are the assistant's; those of other agents and of named people
 * are a user's, with the name in front. What tools told other agents is theirs.
 */
export function asReadBy(agent: string, messages: readonly ChatMessage[]): ChatMessage[] {
  return messages.flatMap((message): ChatMessage[] => {
    const isOwn = message.author === undefined || message.author === agent;
    if (message.role === "user") return [isOwn ? message : named(message)];
    if (isOwn) return [message];
    return message.role === "assistant" && message.content !== "" ? [named(message)] : [];
  });
}

function named({ author, content }: { readonly author?: string | undefined; readonly content: string }): ChatMessage {
  return { role: "user", content: `${author}: ${content}` };
}

/**
 * The schema of an agent's answer, for the input of the executor behind it.
 *
 * @param output - the agent's own output schema, text unless set
 */
export function agentResponse<Output extends z.ZodType = z.ZodString>(output?: Output) {
  return answered.extend({ output: (output ?? z.string()) as Output });
}

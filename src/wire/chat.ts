import { z } from "zod";
import { tokenUsage } from "./usage.ts";

/** Conversations as they travel and are stored. Instructions are no part of one: they belong to the agent that reads it. */

/** What a model asks to be run. */
export const toolCall = z.object({
  /** As the model named it; unique within one answer. */
  id: z.string(),
  tool: z.string(),
  arguments: z.unknown(),
});
export type ToolCall = z.infer<typeof toolCall>;

const common = {
  /** Tells a message that a session holds already from a new one; made by the agent. */
  id: z.string().optional(),
};

const userMessage = z.object({
  ...common,
  role: z.literal("user"),
  content: z.string(),
  /** Who wrote it, where that matters: a person, an executor. */
  author: z.string().optional(),
});

const assistantMessage = z.object({
  ...common,
  role: z.literal("assistant"),
  content: z.string(),
  /** The agent that said it; others read it as the words of another. */
  author: z.string().optional(),
  toolCalls: z.array(toolCall).optional(),
});

const toolMessage = z.object({
  ...common,
  role: z.literal("tool"),
  toolCallId: z.string(),
  tool: z.string(),
  author: z.string().optional(),
  result: z.unknown(),
  /** The tool failed, a person denied the call, or the call was wrong; `result` says what. */
  isError: z.literal(true).optional(),
});

export const chatMessage = z.discriminatedUnion("role", [userMessage, assistantMessage, toolMessage]);
export type ChatMessage = z.infer<typeof chatMessage>;

/** Messages in order, the first one first. The answer of an agent is one, too. */
export const conversation = z.object({
  /** The agent whose answer it is. */
  agent: z.string().optional(),
  messages: z.array(chatMessage).min(1),
  /** Comes back with the answer, so that whoever asked knows what it belongs to. */
  reference: z.string().optional(),
});
export type Conversation = z.infer<typeof conversation>;

/** The answer of an agent, without its `output`, whose type each agent has of its own. */
export const answered = z.object({
  agent: z.string(),
  /** The last words of the model, as text. */
  text: z.string(),
  /** The whole conversation, with question and answer. */
  messages: z.array(chatMessage),
  /** What this call of the agent used up. */
  usage: tokenUsage,
  /** Calls of the model it took. */
  turns: z.int(),
  /** The agent that this one hands over to, by its handoff tools. */
  handoff: z.string().optional(),
  reference: z.string().optional(),
});

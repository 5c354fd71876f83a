import { z } from "zod";
import { chatMessage, toolCall } from "../../wire/chat.ts";
import { tokenUsage } from "../../wire/usage.ts";

/**
 * What one call of an agent keeps between its turns. It is the state of the agent's own graph, so each call of the agent has its
 * own, and the messages between its executors stay small.
 */

/** How a tool call ended, as the model is told. */
const toolResult = z.object({
  result: z.unknown(),
  isError: z.literal(true).optional(),
  /** What a person put in place of the arguments. */
  editedArguments: z.unknown().optional(),
});
export type ToolResult = z.infer<typeof toolResult>;

export const agentCall = z.object({
  /** Of this call alone; an agent with a session has those before it elsewhere. */
  messages: z.array(chatMessage),
  turns: z.int(),
  /** Answers of the wrong shape so far. */
  misfits: z.int(),
  usage: tokenUsage,
  /** Raised when a person lets it go on. */
  maxTurns: z.int(),
  maxTokens: z.int().nullable(),
  /** Calls that the last answer asked for and that have not been handed out. */
  pending: z.array(toolCall),
  /** Calls that have been handed out together, each to the slot of its place. */
  wave: z.object({ id: z.string(), calls: z.array(toolCall) }),
  /** How calls of the last answer ended, by their id. */
  results: z.record(z.string(), toolResult),
  reference: z.string().optional(),
});
export type AgentCall = z.infer<typeof agentCall>;

/**
 * Where a tool leaves how its call ended. Two executors must not write one key in one superstep; so there is one for each call that
 * may be under way, and as many tools run at once. Null before its first use; then it says which wave it belongs to, and when it
 * was filled.
 */
export const slot = z.object({ wave: z.string(), superstep: z.int(), ...toolResult.shape }).nullable();
export type Slot = z.infer<typeof slot>;

/** Calls of tools that may be under way at once; an answer that asks for more has them called wave by wave. */
export const SLOTS = 8;

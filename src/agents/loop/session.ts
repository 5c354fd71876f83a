import { z } from "zod";
import { isWorkflowError } from "../../errors.ts";
import type { HandlerContext, StateKeyNode } from "../../graph/runtime.ts";
import { defineState } from "../../graph/state.ts";
import { type ChatMessage, chatMessage } from "../../wire/chat.ts";
import type { AgentSpec } from "../agent-spec.ts";

/**
 * The history that an agent with a session keeps between its calls (decision 0028). A call holds its own messages alone; they are
 * added when it answers.
 */
const sessionKey: StateKeyNode = defineState({
  name: "session",
  schema: z.array(chatMessage),
  initial: [],
  isKept: true,
});

type Session = Pick<AgentSpec, "session">;

/** The state keys an agent needs for it. */
export function sessionKeys({ session }: Session): readonly StateKeyNode[] {
  return session ? [sessionKey] : [];
}

/** What was said in the calls before this one. */
export function historyOf({ session }: Session, { state }: HandlerContext): readonly ChatMessage[] {
  return session ? ifDeclared([], () => state.get(sessionKey) as ChatMessage[]) : [];
}

export function keepHistory({ session }: Session, messages: readonly ChatMessage[], { state }: HandlerContext): void {
  if (session) ifDeclared(undefined, () => state.set(sessionKey, messages));
}

/** A run keeps its graph: one that was started before the agent had a session goes on without. */
function ifDeclared<Value>(otherwise: Value, use: () => Value): Value {
  try {
    return use();
  } catch (error) {
    if (isWorkflowError(error) && error.code === "STATE_NOT_DECLARED") return otherwise;
    throw error;
  }
}

/** The messages that a history does not hold. One without an id is new. */
export function newTo(history: readonly ChatMessage[], messages: readonly ChatMessage[]): ChatMessage[] {
  const known = new Set(history.map(({ id }) => id));
  return messages.filter(({ id }) => id === undefined || !known.has(id));
}

import type { RetryPolicy } from "../graph/runtime.ts";
import type { AnySchema } from "../graph/schema-types.ts";
import type { ChatMessage } from "../wire/chat.ts";
import type { ChatClient, ChatSettings } from "./chat-client.ts";
import type { AnyTool } from "./tool.ts";

/** What instructions may depend on. */
export interface InstructionsContext {
  readonly runId: string;
  readonly agent: string;
}

export type Instructions = string | ((context: InstructionsContext) => string | Promise<string>);

/** Another agent that a model may hand the conversation over to. */
export interface HandoffTarget {
  readonly agent: string;
  /** Tells the model when to. */
  readonly when: string;
}

/** An agent as its graph needs it: what its author wrote, with every default filled in. */
export interface AgentSpec {
  readonly id: string;
  readonly description: string | undefined;
  readonly instructions: Instructions;
  readonly model: ChatClient;
  readonly settings: ChatSettings;
  readonly tools: readonly AnyTool[];
  readonly handoffs: readonly HandoffTarget[];
  readonly input: AnySchema;
  /** The question, from what the agent is called with. */
  readonly toMessages: (input: unknown) => readonly ChatMessage[] | Promise<readonly ChatMessage[]>;
  readonly output: AnySchema | undefined;
  /** Whether it keeps its history between its calls within a run. */
  readonly session: boolean;
  readonly maxTurns: number;
  readonly maxTokens: number | null;
  readonly onLimit: "fail" | "ask";
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
}

import type { JsonSchema } from "../graph/schema.ts";
import type { ChatMessage, ToolCall } from "../wire/chat.ts";

/** A tool as a model sees it. */
export interface ChatTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema (draft 2020-12) of the arguments. */
  readonly parameters: JsonSchema;
}

/** How a model is to answer; each provider takes what it knows. */
export interface ChatSettings {
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxOutputTokens?: number;
  readonly seed?: number;
  readonly stopSequences?: readonly string[];
}

/** One question to a model: all it needs to know, since a model remembers nothing. */
export interface ChatRequest {
  /** The agent that asks. */
  readonly agent: string;
  readonly instructions: string;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ChatTool[];
  /** The answer is to be JSON of this schema; text where it is left out. */
  readonly output: { readonly name: string; readonly schema: JsonSchema } | undefined;
  readonly settings: ChatSettings;
}

export interface ChatReply {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
  /** `length`: cut off at a limit of tokens; `refused`: stopped by a content filter; `stop`: all else. */
  readonly finishReason: "stop" | "length" | "refused";
}

export interface ChatOptions {
  /** Ends the call: it rejects, and nothing of it is read any more. */
  readonly signal: AbortSignal;
  /** The same for every attempt at this question. */
  readonly callKey: string;
  /** Gets the text piece by piece as it comes; without it the answer may come in one piece. The reply holds it all again. */
  readonly onText?: (piece: string) => void;
}

/**
 * A chat model, as an agent needs it: one question in, one answer out. It keeps nothing between two calls and tries nothing
 * again by itself: retries are the engine's, which outlive a process.
 *
 * A failure rejects with an error that has `code` and `retryable`, and `retryAfterMs` or the provider's answer as its cause where
 * that says when to come back. {@link modelError} makes one.
 */
export interface ChatClient {
  /** For people: the provider and the model. */
  readonly name: string;
  /** The answers are written down beforehand, and no model is asked. */
  readonly isScripted?: boolean;
  complete(request: ChatRequest, options: ChatOptions): Promise<ChatReply>;
}

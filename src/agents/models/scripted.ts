import { setTimeout as delay } from "node:timers/promises";
import { WorkflowError } from "../../errors.ts";
import type { ChatClient, ChatOptions, ChatReply, ChatRequest } from "../chat-client.ts";

/** What a scripted model says: text, or tools to call, or both; an error is thrown as a provider's would be. */
export type ScriptedAnswer =
  | string
  | Error
  | {
      readonly text?: string;
      /** A value, sent as the JSON that an agent with an `output` expects. */
      readonly output?: unknown;
      readonly toolCalls?: readonly { readonly tool: string; readonly arguments: unknown; readonly id?: string }[];
      readonly usage?: ChatReply["usage"];
      readonly finishReason?: ChatReply["finishReason"];
    };

/** Answers in the order in which they are given, or a function that reads the question. */
export type Script = readonly ScriptedAnswer[] | ((request: ChatRequest) => ScriptedAnswer | Promise<ScriptedAnswer>);

export interface ScriptedOptions {
  /** For people; "scripted" unless set. */
  readonly name?: string;
  /** Milliseconds before each answer: a model takes its time, too. */
  readonly delayMs?: number;
}

/** A chat client that says what it was told to, with the questions it was asked: for tests, and for a start without a key. */
export interface ScriptedClient extends ChatClient {
  readonly isScripted: true;
  /** Every question so far, the first one first. */
  readonly requests: readonly ChatRequest[];
}

/**
 * Makes a chat client that asks no model.
 *
 * @param script - answers in order (a question beyond the last fails with `SCRIPT_EXHAUSTED`), or a function of the question:
 *   take that one where runs go on after a restart, since a new process begins the list anew
 */
export function createScriptedClient(script: Script, options: ScriptedOptions = {}): ScriptedClient {
  const { name = "scripted", delayMs = 0 } = options;
  const requests: ChatRequest[] = [];
  return Object.freeze({
    name,
    isScripted: true,
    requests,
    async complete(request: ChatRequest, { signal, onText }: ChatOptions): Promise<ChatReply> {
      requests.push(request);
      const answer = typeof script === "function" ? await script(request) : nextOf(script, requests.length);
      if (delayMs > 0) await delay(delayMs, undefined, { signal });
      signal.throwIfAborted();
      if (answer instanceof Error) throw answer;
      const reply = replyOf(request, answer);
      if (onText) for (const piece of reply.text.match(/\S+\s*|\s+/g) ?? []) onText(piece);
      return reply;
    },
  } as const);
}

function nextOf(answers: readonly ScriptedAnswer[], number: number): ScriptedAnswer {
  const answer = answers[number - 1];
  if (answer !== undefined) return answer;
  throw new WorkflowError(
    "SCRIPT_EXHAUSTED",
    `The script has ${answers.length} answers, and this is question ${number}.`,
    "Add an answer, or give a function that reads the question.",
  );
}

function replyOf(request: ChatRequest, answer: Exclude<ScriptedAnswer, Error>): ChatReply {
  const {
    text,
    output,
    toolCalls = [],
    usage,
    finishReason = "stop",
  } = typeof answer === "string" ? { text: answer } : answer;
  const said = text ?? (output === undefined ? "" : JSON.stringify(output));
  return {
    text: said,
    toolCalls: toolCalls.map((call, index) => ({
      id: call.id ?? `call-${index + 1}`,
      tool: call.tool,
      arguments: call.arguments,
    })),
    usage: usage ?? { inputTokens: tokensIn(JSON.stringify(request.messages)), outputTokens: tokensIn(said) },
    finishReason,
  };
}

/** About what a model would count: four characters a token. */
function tokensIn(text: string): number {
  return Math.ceil(text.length / 4);
}

import type { generateText as GenerateText, LanguageModel, ModelMessage, ToolSet } from "ai";
import { WorkflowError } from "../../errors.ts";
import type { ChatMessage } from "../../wire/chat.ts";
import type { ChatClient, ChatOptions, ChatReply, ChatRequest } from "../chat-client.ts";
import { clientErrorOf } from "./ai-sdk-error.ts";

/**
 * Chat models through the Vercel AI SDK (`ai`, an optional peer that is loaded at the first call): Azure, OpenAI, and every other
 * provider it knows.
 */

type CallSettings = Parameters<typeof GenerateText>[0];

export interface AiSdkOptions {
  /** For people; the provider and the id of the model unless set. */
  readonly name?: string;
  /** What only this provider knows, as the SDK takes it: `{ openai: { strictJsonSchema: false } }`. */
  readonly providerOptions?: NonNullable<CallSettings["providerOptions"]>;
}

/**
 * Makes a chat client of a language model of the AI SDK. The SDK tries nothing again: that is left to the engine, whose waits outlive
 * the process and honour `Retry-After`.
 *
 * @param model - a model object of a provider package, `createAzure({ … })("gpt-5")`, or a function that gives it at the first call:
 *   so a provider is loaded only where it is used
 */
export function createAiSdkClient(
  model: Exclude<LanguageModel, string> | (() => Promise<Exclude<LanguageModel, string>>),
  options: AiSdkOptions = {},
): ChatClient {
  const load = once(async () => (typeof model === "function" ? await model() : model));
  const name = options.name ?? (typeof model === "function" ? "AI SDK" : `${model.provider} ${model.modelId}`);
  return Object.freeze({
    name,
    async complete(request: ChatRequest, { signal, onText }: ChatOptions): Promise<ChatReply> {
      try {
        const sdk = await import("ai");
        const call = { ...(await settingsOf(request, options)), model: await load(), abortSignal: signal };
        const { end, ...said } = onText ? await streamed(sdk, call, onText) : await answered(sdk, call);
        return { ...said, finishReason: finishReasonOf(name, end) };
      } catch (error) {
        signal.throwIfAborted();
        throw clientErrorOf(name, error);
      }
    },
  });
}

type Sdk = typeof import("ai");
type Call = Awaited<ReturnType<typeof settingsOf>> & Pick<CallSettings, "model" | "abortSignal">;

async function answered({ generateText }: Sdk, call: Call): Promise<SdkReply> {
  const { text, toolCalls, totalUsage, finishReason, rawFinishReason } = await generateText(call);
  return replyOf(text, toolCalls, totalUsage, { finishReason, rawFinishReason });
}

/** The stream is read to its end: an answer that breaks off in the middle is an error, and no short answer. */
async function streamed({ streamText }: Sdk, call: Call, onText: (piece: string) => void): Promise<SdkReply> {
  // Errors come as parts of the stream; the SDK would print them as well.
  const result = streamText({ ...call, onError: () => undefined });
  let text = "";
  const toolCalls: SdkToolCall[] = [];
  for await (const part of result.fullStream) {
    if (part.type === "error") throw part.error;
    if (part.type === "tool-call") toolCalls.push(part);
    if (part.type !== "text-delta") continue;
    text += part.text;
    onText(part.text);
  }
  const end = { finishReason: await result.finishReason, rawFinishReason: await result.rawFinishReason };
  return replyOf(text, toolCalls, await result.totalUsage, end);
}

type SdkReply = Omit<ChatReply, "finishReason"> & { readonly end: SdkEnd };

/** Why an answer ended: in the words of the SDK, and in those of the provider, which are missing where it gave none. */
interface SdkEnd {
  readonly finishReason: string;
  readonly rawFinishReason: string | undefined;
}

interface SdkToolCall {
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input: unknown;
}

function replyOf(
  text: string,
  toolCalls: readonly SdkToolCall[],
  { inputTokens = 0, outputTokens = 0 }: { inputTokens?: number | undefined; outputTokens?: number | undefined },
  end: SdkEnd,
): SdkReply {
  return {
    text,
    toolCalls: toolCalls.map(({ toolCallId, toolName, input }) => ({
      id: toolCallId,
      tool: toolName,
      arguments: input,
    })),
    usage: { inputTokens, outputTokens },
    end,
  };
}

const FINISH_REASONS: Readonly<Record<string, ChatReply["finishReason"]>> = {
  stop: "stop",
  "tool-calls": "stop",
  length: "length",
  "content-filter": "refused",
};

/** Parts of the words in which servers say that an answer was given up: `abort`, `insufficient_system_resource`, `request_cancelled`. */
const GIVEN_UP =
  /abort|cancel|disconnect|error|evict|exception|expire|fail|incomplete|insufficient|interrupt|kill|overload|preempt|time_?d?_?out|unavailable|unknown/i;

/** Parts of the words for an answer that came to the limit of its tokens. */
const CUT_OFF = /length|max(imum)?_?(new_|output_|completion_)?tokens/i;

/**
 * An answer that names no end broke off, however clean its stream closed. One whose end has a name that the SDK does not know is
 * whole, unless the name says otherwise: servers that speak like OpenAI have words of their own.
 */
function finishReasonOf(model: string, { finishReason, rawFinishReason }: SdkEnd): ChatReply["finishReason"] {
  const known = FINISH_REASONS[finishReason];
  if (known !== undefined) return known;
  if (finishReason !== "error" && rawFinishReason && !GIVEN_UP.test(rawFinishReason)) {
    return CUT_OFF.test(rawFinishReason) ? "length" : "stop";
  }
  throw new WorkflowError(
    "MODEL_ANSWER_INVALID",
    `The answer of ${model} broke off: its reason to end is ${JSON.stringify(rawFinishReason ?? finishReason)}.`,
    "Another attempt may get a whole one.",
  );
}

async function settingsOf(
  { instructions, messages, tools, output, settings }: ChatRequest,
  { providerOptions }: AiSdkOptions,
) {
  const { jsonSchema, Output, tool } = await import("ai");
  const sdkTools: ToolSet = Object.fromEntries(
    tools.map(({ name, description, parameters }) => [
      name,
      tool({ description, inputSchema: jsonSchema(parameters as Parameters<typeof jsonSchema>[0]) }),
    ]),
  );
  const { stopSequences, ...plain } = settings;
  const format = output && { type: "json" as const, schema: output.schema as never, name: output.name };
  return {
    instructions,
    messages: messages.map(sdkMessage),
    ...(tools.length > 0 && { tools: sdkTools }),
    // The provider is told the schema; what it sends is read and checked by the agent, which can ask again.
    ...(format && { output: { ...Output.text(), responseFormat: Promise.resolve(format) } }),
    ...plain,
    ...(stopSequences && { stopSequences: [...stopSequences] }),
    ...(providerOptions && { providerOptions }),
    maxRetries: 0,
  };
}

function sdkMessage(message: ChatMessage): ModelMessage {
  if (message.role === "user") return { role: "user", content: message.content };
  if (message.role === "assistant") {
    const calls = (message.toolCalls ?? []).map(({ id, tool, arguments: input }) => ({
      type: "tool-call" as const,
      toolCallId: id,
      toolName: tool,
      input,
    }));
    const said = message.content === "" ? [] : [{ type: "text" as const, text: message.content }];
    return { role: "assistant", content: [...said, ...calls] };
  }
  const { toolCallId, tool: toolName, result, isError } = message;
  const value = typeof result === "string" ? result : JSON.stringify(result ?? null);
  const output = { type: isError ? ("error-text" as const) : ("text" as const), value };
  return { role: "tool", content: [{ type: "tool-result", toolCallId, toolName, output }] };
}

/** Loads once; a load that failed is tried again at the next call. */
function once<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let loading: Promise<Value> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}

import type { RetryPolicy } from "../graph/runtime.ts";
import type { AnySchema, Gives, Takes } from "../graph/schema-types.ts";
import type { Travels } from "../graph/travels.ts";
import type { ChatMessage } from "../wire/chat.ts";
import type { Agent, ApprovalPorts, LimitPort } from "./agent.ts";
import { agentGraph } from "./agent-graph.ts";
import type { AgentSpec, Instructions } from "./agent-spec.ts";
import type { ChatClient, ChatSettings } from "./chat-client.ts";
import { type AgentInput, agentInput, messagesOf } from "./conversation.ts";
import type { AnyTool } from "./tool.ts";

type Prompt = string | readonly ChatMessage[];

/** Without an input schema an agent reads text and conversations; with one, its prompt is made from the value. */
type InputDefinition<Input extends AnySchema> = [Input] extends [never]
  ? { readonly input?: never; readonly prompt?: never }
  : {
      readonly input: Input;
      readonly prompt: (input: Gives<Input>) => Prompt | Promise<Prompt>;
    };

type AgentDefinition<
  Id extends string,
  Input extends AnySchema,
  Output extends AnySchema,
  Tools extends readonly AnyTool[],
  OnLimit extends "fail" | "ask",
> = InputDefinition<Input> & {
  readonly id: Id;
  readonly description?: string;
  readonly instructions: Instructions;
  readonly model: ChatClient;
  readonly settings?: ChatSettings;
  readonly tools?: Tools;
  readonly output?: Output & Travels<Id, "sends", Output>;
  readonly session?: boolean;
  readonly maxTurns?: number;
  readonly maxTokens?: number;
  readonly onLimit?: OnLimit;
  readonly retry?: RetryPolicy;
  readonly timeoutMs?: number;
};

const DEFAULT_MAX_TURNS = 10;
/** A provider that is busy says so: four attempts over some ten seconds, longer where it asks for that. */
const DEFAULT_RETRY: RetryPolicy = { maxAttempts: 4, firstDelayMs: 1_000, backoff: 3, maxDelayMs: 60_000, jitter: 0.3 };
const DEFAULT_TIMEOUT_MS = 5 * 60 * 1_000;

/**
 * Defines an agent: an executor that asks a chat model, runs the tools the model calls, and answers with
 * `{ agent, output, text, messages, usage, turns }`.
 *
 * @param definition - `id`: a letter, then up to 47 letters, digits or `_`; `instructions`: what the model is told about its task,
 *   text or a function that gives it; `model`: the chat client; `tools`: made with `defineTool`; `input` and `prompt`: a schema of
 *   what it takes and the question made from it, text or conversations unless set; `output`: a schema of what it answers, text
 *   unless set: an answer of the wrong shape is sent back to the model once; `settings`: temperature and the like; `session`:
 *   whether it remembers its earlier calls in the same run, which then go on one after the other (as the tool of another agent
 *   those within one answer of that agent); `maxTurns`: calls of the model for one answer, 10 unless set; `maxTokens`: tokens in
 *   all, without a limit unless set; `onLimit`: `"fail"` the call at a limit, or `"ask"` a person to go on; `retry`, `timeoutMs`:
 *   of each call of the model, 4 attempts and 5 minutes unless set
 * @returns a workflow: run it by itself, or use it as an executor
 * @throws {WorkflowError} `AGENT_INVALID` for tools that have the same name or a reserved one, or a limit below 1
 */
export function defineAgent<
  const Id extends string,
  Input extends AnySchema = never,
  Output extends AnySchema = never,
  const Tools extends readonly AnyTool[] = readonly [],
  const OnLimit extends "fail" | "ask" = "fail",
>(
  definition: AgentDefinition<Id, Input, Output, Tools, OnLimit>,
): Agent<
  Id,
  [Input] extends [never] ? AgentInput : Takes<Input>,
  [Output] extends [never] ? string : Gives<Output>,
  ApprovalPorts<Tools[number]> | (OnLimit extends "ask" ? LimitPort : never)
> {
  return agentGraph(specOf(definition as unknown as LooseDefinition)) as never;
}

/** The definition without the types its author sees. */
interface LooseDefinition extends Partial<Omit<AgentSpec, "id" | "instructions" | "model" | "maxTokens">> {
  readonly id: string;
  readonly instructions: Instructions;
  readonly model: ChatClient;
  readonly maxTokens?: number;
  readonly prompt?: (input: unknown) => Prompt | Promise<Prompt>;
}

function specOf(definition: LooseDefinition): AgentSpec {
  const { id, instructions, model, description, output, prompt } = definition;
  return Object.freeze({
    id,
    description,
    instructions,
    model,
    settings: Object.freeze({ ...definition.settings }),
    tools: Object.freeze([...(definition.tools ?? [])]),
    handoffs: [],
    input: definition.input ?? agentInput,
    toMessages: prompt
      ? async (input: unknown) => promptMessages(await prompt(input))
      : (input: unknown) => messagesOf(input as AgentInput),
    output,
    session: definition.session ?? false,
    maxTurns: definition.maxTurns ?? DEFAULT_MAX_TURNS,
    maxTokens: definition.maxTokens ?? null,
    onLimit: definition.onLimit ?? "fail",
    retry: definition.retry ?? DEFAULT_RETRY,
    timeoutMs: definition.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  });
}

function promptMessages(prompt: Prompt): readonly ChatMessage[] {
  return typeof prompt === "string" ? [{ role: "user", content: prompt }] : prompt;
}

import { WorkflowError } from "../../errors.ts";
import type { AnySchema } from "../../graph/schema-types.ts";
import type { ToolCall } from "../../wire/chat.ts";
import { sumOfUsage } from "../../wire/usage.ts";
import type { AgentSpec } from "../agent-spec.ts";
import type { ChatReply } from "../chat-client.ts";
import type { AgentCall, ToolResult } from "./state.ts";

/** What an answer of the model means for the call of the agent. What a model says is input from outside: nothing of it is trusted. */

/** The call with the answer in it. */
export function withReply(spec: AgentSpec, call: AgentCall, reply: ChatReply, callKey: string): AgentCall {
  const toolCalls = withOwnIds(reply.toolCalls);
  const answer = {
    id: callKey,
    role: "assistant" as const,
    content: reply.text,
    author: spec.id,
    ...(toolCalls.length > 0 && { toolCalls }),
  };
  return {
    ...call,
    messages: [...call.messages, answer],
    turns: call.turns + 1,
    usage: sumOfUsage(call.usage, { modelCalls: 1, ...reply.usage }),
  };
}

/** Some models give two calls of one answer the same id, or none. */
function withOwnIds(calls: readonly ToolCall[]): ToolCall[] {
  const seen = new Set<string>();
  return calls.map((call, index) => {
    const id = call.id === "" || seen.has(call.id) ? `${call.id}#${index + 1}` : call.id;
    seen.add(id);
    return { ...call, id };
  });
}

/** The calls of an answer that may be run, and what the model is told of the others. */
export async function sortCalls(
  spec: AgentSpec,
  calls: readonly ToolCall[],
): Promise<{ pending: ToolCall[]; results: Record<string, ToolResult> }> {
  const checked = await Promise.all(calls.map(async (call) => ({ call, problem: await problemOf(spec, call) })));
  const wrong = checked.flatMap(({ call, problem }): [string, ToolResult][] =>
    problem === undefined ? [] : [[call.id, { result: problem, isError: true }]],
  );
  const pending = checked.filter(({ problem }) => problem === undefined).map(({ call }) => call);
  return { pending, results: Object.fromEntries(wrong) };
}

async function problemOf(spec: AgentSpec, call: ToolCall): Promise<string | undefined> {
  const tool = spec.tools.find(({ name }) => name === call.tool);
  if (!tool) return `There is no tool "${call.tool}".`;
  const issues = await issuesOf(tool.input, call.arguments);
  return issues && `The arguments do not fit: ${issues}. Call it again with arguments that fit its schema.`;
}

/** What keeps a value from fitting a schema, in words; undefined when it fits. */
async function issuesOf(schema: AnySchema, value: unknown): Promise<string | undefined> {
  const { issues } = await schema["~standard"].validate(value);
  if (!issues) return undefined;
  return issues.map(({ message, path }) => (path?.length ? `${placeIn(path)}: ${message}` : message)).join("; ");
}

function placeIn(path: readonly (PropertyKey | { readonly key: PropertyKey })[]): string {
  return path.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
}

/** The output in an answer: its text, or the value its schema wants; else what is wrong with it. */
export async function outputIn(
  { output }: AgentSpec,
  text: string,
): Promise<{ readonly output: unknown } | { readonly problem: string }> {
  if (!output) return { output: text };
  const parsed = jsonIn(text);
  if (parsed === undefined) return { problem: "it is no JSON" };
  const problem = await issuesOf(output, parsed.value);
  return problem === undefined ? { output: parsed.value } : { problem };
}

/** Models like to put JSON into a fence, also when they are told not to. */
function jsonIn(text: string): { readonly value: unknown } | undefined {
  const [, fenced] = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/.exec(text) ?? [];
  try {
    return { value: JSON.parse(fenced ?? text) };
  } catch {
    return undefined;
  }
}

const REPAIRS = 1;

/**
 * The call with word to the model of what was wrong with its answer.
 *
 * @throws {WorkflowError} `AGENT_OUTPUT_INVALID` when it was told before
 */
export function withRepair({ id, model }: AgentSpec, call: AgentCall, problem: string): AgentCall {
  if (call.misfits >= REPAIRS) {
    throw new WorkflowError(
      "AGENT_OUTPUT_INVALID",
      `The answer of ${model.name} does not fit the output schema of agent "${id}", and neither did the one before it: ${problem}.`,
      "Describe the fields in the schema, or use a model that knows structured output.",
    );
  }
  const content = `Your answer does not fit: ${problem}. Answer again, with nothing but JSON that fits the schema.`;
  const repair = { id: `${call.messages.at(-1)?.id}-repair`, role: "user" as const, content };
  return { ...call, misfits: call.misfits + 1, messages: [...call.messages, repair] };
}

/** The limit that the call has come to. */
export function limitReached({ turns, maxTurns, maxTokens, usage }: AgentCall): "maxTurns" | "maxTokens" | undefined {
  if (turns >= maxTurns) return "maxTurns";
  if (maxTokens !== null && usage.inputTokens + usage.outputTokens >= maxTokens) return "maxTokens";
  return undefined;
}

/** The call with its limits raised, by as much as a person said, or by as much as it had at first. */
export function withMore(
  spec: Pick<AgentSpec, "maxTurns" | "maxTokens">,
  call: AgentCall,
  { turns = spec.maxTurns, tokens = spec.maxTokens ?? 0 }: { turns?: number | undefined; tokens?: number | undefined },
): AgentCall {
  const used = call.usage.inputTokens + call.usage.outputTokens;
  return {
    ...call,
    maxTurns: call.turns + turns,
    maxTokens: call.maxTokens === null ? null : used + tokens,
  };
}

export function limitError({ id }: AgentSpec, reached: "maxTurns" | "maxTokens", call: AgentCall): WorkflowError {
  const { turns, usage } = call;
  if (reached === "maxTurns") {
    const whatIsWrong = `Agent "${id}" is not done after ${turns} turns, as many as its limit allows.`;
    return new WorkflowError("AGENT_TURN_LIMIT", whatIsWrong, 'Raise maxTurns, or set onLimit to "ask".');
  }
  const used = usage.inputTokens + usage.outputTokens;
  const whatIsWrong = `Agent "${id}" is not done after ${used} tokens; its limit is ${call.maxTokens}.`;
  return new WorkflowError("AGENT_TOKEN_LIMIT", whatIsWrong, 'Raise maxTokens, or set onLimit to "ask".');
}

import type { ExecutorNode, HandlerContext, PortNode } from "../../graph/runtime.ts";
import type { AgentSpec } from "../agent-spec.ts";
import type { AnyTool, ToolContext } from "../tool.ts";
import { withMember } from "../with-member.ts";
import { slotKeys } from "./keys.ts";
import { approvalRequest, approvalResponse, type ToolInput, toolEnded, toolFailure, toolInput } from "./messages.ts";
import { ids } from "./parts.ts";
import type { ToolResult } from "./state.ts";

interface Place {
  readonly wave: string;
  readonly slot: number;
}

/** A tool as an executor: runs, or tells that a person denied it. How it ended goes into its slot; word of that to the next turn. */
export function toolExecutor({ id: agent }: AgentSpec, tool: AnyTool): ExecutorNode {
  const { name, retry, timeoutMs } = tool;
  return Object.freeze({
    kind: "executor",
    id: name,
    input: toolInput,
    output: toolEnded,
    state: { reads: [], writes: slotKeys },
    ...(retry && { retry }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    handle: async (message: unknown, context: HandlerContext) => {
      const { place, result } = await ended(agent, tool, message as ToolInput, context);
      return fill(place, result, context);
    },
  } satisfies ExecutorNode);
}

async function ended(
  agent: string,
  tool: AnyTool,
  message: ToolInput,
  context: HandlerContext,
): Promise<{ place: Place; result: ToolResult }> {
  if (!("response" in message)) {
    return { place: message, result: { result: await run(agent, tool, message.arguments, context) } };
  }
  const { request, response } = message;
  const { approved, arguments: edited, reason } = response;
  if (!approved) {
    context.emit("toolDenied", { tool: tool.name, arguments: request.arguments, ...(reason && { reason }) });
    const because = reason === undefined || reason === "" ? "." : `: ${reason}`;
    return { place: request, result: { result: `A person denied this call${because}`, isError: true } };
  }
  const result = await run(agent, tool, edited ?? request.arguments, context);
  return { place: request, result: { result, ...(edited !== undefined && { editedArguments: edited }) } };
}

async function run(agent: string, tool: AnyTool, value: unknown, context: HandlerContext): Promise<unknown> {
  // Checked when the model asked, or when a person edited; here the schema turns text into what the tool works with.
  const checked = await tool.input["~standard"].validate(value);
  if (checked.issues) throw new TypeError(`The arguments of tool "${tool.name}" fit its schema no more.`);
  const result = (await tool.run(checked.value, toolContextOf(agent, context))) ?? null;
  context.emit("toolCalled", { tool: tool.name, arguments: value, result });
  return result;
}

function toolContextOf(agent: string, { runId, callKey, attempt, signal, emit }: HandlerContext): ToolContext {
  return { runId, agent, callKey, attempt, signal, emit };
}

function fill({ wave, slot }: Place, result: ToolResult, context: HandlerContext): Place {
  const key = slotKeys[slot];
  if (!key) throw new TypeError(`An agent has no slot ${slot}.`);
  context.state.set(key, { wave, superstep: context.superstep, ...result });
  return { wave, slot };
}

/** Takes the failures of tools for good, after their retries: the model is told, and the run goes on. */
export function toolFailed(): ExecutorNode {
  return Object.freeze({
    kind: "executor",
    id: ids.toolFailed,
    input: toolFailure,
    output: toolEnded,
    state: { reads: [], writes: slotKeys },
    handle: (message: unknown, context: HandlerContext) => {
      const { executorId: tool, input, error } = message as ToolFailure;
      const { arguments: asked, ...place } = "request" in input ? { ...input.request, ...edit(input.response) } : input;
      context.emit("toolFailed", { tool, arguments: asked, code: error.code, message: error.message });
      return fill(place, { result: `The tool failed: ${error.message}`, isError: true }, context);
    },
  } satisfies ExecutorNode);
}

interface ToolFailure {
  readonly executorId: string;
  readonly input: ToolInput;
  readonly error: { readonly code: string; readonly message: string };
}

function edit({ arguments: edited }: { readonly arguments?: unknown }): { arguments?: unknown } {
  return edited === undefined ? {} : { arguments: edited };
}

/** Where a person sees a call before it is made. What may be put in place of the arguments has the tool's own schema. */
export function approvalPort(tool: AnyTool): PortNode {
  const afterMs = tool.approval?.timeoutMs;
  const respondWith = { approved: false, reason: "Nobody answered in time." };
  return Object.freeze({
    kind: "port",
    id: ids.approvalOf(tool.name),
    request: approvalRequest,
    response: withMember(approvalResponse, {
      name: "arguments",
      schema: tool.input,
      isOptional: true,
      isKept: true,
    }),
    sends: "requestAndResponse",
    timeout: afterMs === undefined ? undefined : Object.freeze({ afterMs, respondWith }),
  } satisfies PortNode);
}

import { z } from "zod";
import { isWorkflowError, WorkflowError } from "../../errors.ts";
import type { ExecutorNode, HandlerContext, PortNode } from "../../graph/runtime.ts";
import { answered } from "../../wire/chat.ts";
import type { AgentSpec } from "../agent-spec.ts";
import type { AnyTool, ToolContext } from "../tool.ts";
import { withMember } from "../with-member.ts";
import { slotKeys } from "./keys.ts";
import {
  agentTask,
  approvalRequest,
  approvalResponse,
  type Place,
  placeOf,
  type ToolInput,
  toolEnded,
  toolFailure,
  toolInput,
} from "./messages.ts";
import { ids } from "./parts.ts";
import type { Slot, ToolResult } from "./state.ts";
import { isFilled } from "./wave.ts";

/**
 * A tool as an executor: runs, or tells that a person denied it. How it ended goes into its slot; word of that to the next turn. Where
 * an agent does the work, the slot is filled when that has answered.
 */
export function toolExecutor({ id: agent }: AgentSpec, tool: AnyTool): ExecutorNode {
  const { name, retry, timeoutMs } = tool;
  return Object.freeze({
    kind: "executor",
    id: name,
    input: toolInput,
    sends: tool.agent ? z.union([agentTask, toolEnded]) : toolEnded,
    state: { reads: [], writes: slotKeys },
    ...(retry && { retry }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    handle: (message: unknown, context: HandlerContext) => callTool(agent, tool, message as ToolInput, context),
  } satisfies ExecutorNode);
}

async function callTool(agent: string, tool: AnyTool, message: ToolInput, context: HandlerContext): Promise<void> {
  const { place, asked, edited, denied } = readInput(message);
  if (denied) {
    context.emit("toolDenied", { tool: tool.name, arguments: asked, ...(denied.reason && { reason: denied.reason }) });
    const because = denied.reason ? `: ${denied.reason}` : ".";
    fill(place, { result: `A person denied this call${because}`, isError: true }, context);
    return;
  }
  const value = edited ?? asked;
  if (tool.agent) {
    const task = { messages: [{ role: "user", content: textOf(value) }], reference: referenceTo(place, edited) };
    handOver(task, tool, context);
    return;
  }
  const result = await run(agent, tool, value, context);
  fill(place, { result, ...(edited !== undefined && { editedArguments: edited }) }, context);
}

/** A run of an earlier plan has the edge to the workflow itself, where one of today has it to the frame in which that is asked. */
function handOver(task: unknown, { agent, asked }: AnyTool, context: HandlerContext): void {
  try {
    context.sendMessage(task, { ...(agent && { to: agent }) });
  } catch (error) {
    if (!asked || !isWorkflowError(error) || error.code !== "TARGET_NOT_CONNECTED") throw error;
    context.sendMessage(task, { to: asked });
  }
}

interface ReadInput {
  readonly place: Place;
  /** The arguments that the model sent. */
  readonly asked: unknown;
  readonly edited?: unknown;
  readonly denied?: { readonly reason: string | undefined };
}

function readInput(message: ToolInput): ReadInput {
  if (!("response" in message)) return { place: placeIn(message), asked: message.arguments };
  const { request, response } = message;
  const place = "callId" in request ? placeOf(request.callId) : placeIn(request);
  if (!response.approved) return { place, asked: request.arguments, denied: { reason: response.reason } };
  return { place, asked: request.arguments, edited: response.arguments };
}

function placeIn({ wave, slot }: Place): Place {
  return { wave, slot };
}

function textOf(value: unknown): string {
  const task = (value as { readonly task?: unknown } | null)?.task;
  return typeof task === "string" ? task : JSON.stringify(value);
}

const reference = z.object({ wave: z.string(), slot: z.int(), edited: z.unknown().optional() });

function referenceTo(place: Place, edited: unknown): string {
  return JSON.stringify({ ...place, ...(edited !== undefined && { edited }) });
}

/** Takes the answer of an agent that is a tool for its result. What is no such answer goes the way of a tool that failed. */
export function answerTaken(tool: string): ExecutorNode {
  return Object.freeze({
    kind: "executor",
    id: ids.answerOf(tool),
    input: answered.required({ reference: true }).extend({ output: z.unknown() }),
    sends: toolEnded,
    state: { reads: [], writes: slotKeys },
    handle: (message: unknown, context: HandlerContext) => {
      const { output, reference: text } = message as { output: unknown; reference: string };
      const { edited, ...place } = reference.parse(JSON.parse(text));
      const result = { result: output, ...(edited !== undefined && { editedArguments: edited }) };
      if (fill(place, result, context)) context.emit("toolCalled", { tool, result: output });
    },
  } satisfies ExecutorNode);
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

/** @returns false when the call had ended before */
function fill({ wave, slot }: Place, result: ToolResult, context: HandlerContext): boolean {
  const key = slotKeys[slot];
  if (!key) throw new TypeError(`An agent has no slot ${slot}.`);
  if (isFilled(context.state.get(key) as Slot, wave)) return false;
  context.state.set(key, { wave, superstep: context.superstep, ...result });
  context.sendMessage({ wave, slot }, { to: { id: ids.nextTurn } });
  return true;
}

/** Takes the failures of tools for good, after their retries: the model is told, and the run goes on. */
export function toolFailed(spec: AgentSpec): ExecutorNode {
  return Object.freeze({
    kind: "executor",
    id: ids.toolFailed,
    input: toolFailure,
    sends: toolEnded,
    state: { reads: [], writes: slotKeys },
    handle: (message: unknown, context: HandlerContext) => {
      const { executorId, input, error } = message as z.output<typeof toolFailure>;
      const failed = failedCall(input);
      if (!failed) throw ofNoCall(executorId, new Error(error.message));
      const { place, ...call } = failed;
      const tool = toolOf(spec, executorId);
      context.emit("toolFailed", { tool, ...call, code: error.code, message: error.message });
      fill(place, { result: `The tool failed: ${error.message}`, isError: true }, context);
    },
  } satisfies ExecutorNode);
}

/** @returns undefined where nothing says which call it was */
function failedCall(input: unknown): { place: Place; arguments?: unknown } | undefined {
  const called = toolInput.safeParse(input).data;
  if (called) {
    const { place, asked, edited = asked } = readInput(called);
    return { place, arguments: edited };
  }
  // The task of an agent that failed, or the answer of one that could not be taken: both come with the reference.
  const place = reference.safeParse(jsonIn((input as { readonly reference?: unknown } | null)?.reference)).data;
  return place && { place: placeIn(place) };
}

function jsonIn(text: unknown): unknown {
  try {
    return typeof text === "string" ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

function ofNoCall(executorId: string, cause: Error): WorkflowError {
  return new WorkflowError(
    "TOOL_ANSWER_INVALID",
    `What "${executorId}" took for the answer of a tool does not say which call it answers.`,
    "Start the run again: the graph of today asks such workflows in a frame of their own.",
    { cause },
  );
}

/** The name the model knows it by: an agent that is a tool works under its own id, and its answer is taken by a third. */
function toolOf({ tools }: AgentSpec, executorId: string): string {
  const isIts = ({ name, agent, asked }: AnyTool) =>
    [name, agent?.id, asked?.id, ids.answerOf(name)].includes(executorId);
  return tools.find(isIts)?.name ?? executorId;
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

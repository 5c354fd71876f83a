import { NonRetryableError, WorkflowError } from "../../errors.ts";
import type { ExecutorNode, HandlerContext } from "../../graph/runtime.ts";
import type { AgentSpec } from "../agent-spec.ts";
import { referenceOf, withIds } from "../conversation.ts";
import { handoffIn, withoutHandoffs } from "../handoff-tools.ts";
import { askModel } from "./ask-model.ts";
import { callKey, slotKeys } from "./keys.ts";
import { callIdOf, type LimitResponse, type NextTurnInput, nextTurnInput, turnSends } from "./messages.ts";
import { ids } from "./parts.ts";
import { limitError, limitReached, outputIn, sortCalls, withMore, withRepair, withReply } from "./read-reply.ts";
import { historyOf, keepHistory, newTo, sessionKeys } from "./session.ts";
import type { AgentCall, Slot } from "./state.ts";
import { collect, isLastOf, nextWave, withResults } from "./wave.ts";

/**
 * The turns of an agent: each asks the model once, and is a call of its own, so a crash repeats one question at most. The first turn
 * takes the question from outside. The next turns take only what the agent's own graph sends: that tools have ended, that the answer
 * had the wrong shape, that a person lets it go on.
 *
 * ```
 *   question ─▶ Turn ──▶ (answer)                     NextTurn ──▶ (answer)
 *                 ├────▶ tool ──▶ NextTurn               ├───▶ tool, approve_tool, GoOn as before
 *                 ├────▶ approve_tool ──▶ tool           └───▶ NextTurn
 *                 └────▶ GoOn ──▶ NextTurn
 * ```
 */

/** What a turn answers with, as the schema of the agent's answer. */
export interface TurnSchemas {
  readonly response: ExecutorNode["output"] & object;
}

export function firstTurn(spec: AgentSpec, { response }: TurnSchemas, hasNext: boolean): ExecutorNode {
  return Object.freeze({
    kind: "executor",
    id: ids.turn,
    input: spec.input,
    yields: response,
    ...(hasNext && { sends: turnSends }),
    state: { reads: [], writes: [callKey, ...sessionKeys(spec)] },
    retry: spec.retry,
    timeoutMs: spec.timeoutMs,
    handle: async (input: unknown, context: HandlerContext) => {
      const question = newTo(historyOf(spec, context), await spec.toMessages(input));
      const messages = withIds(question, context.callKey);
      await takeTurn(spec, callOf(spec, messages, referenceOf(input)), context);
    },
  } satisfies ExecutorNode);
}

export function nextTurn(spec: AgentSpec, { response }: TurnSchemas): ExecutorNode {
  return Object.freeze({
    kind: "executor",
    id: ids.nextTurn,
    input: nextTurnInput,
    yields: response,
    sends: turnSends,
    state: { reads: [callKey, ...slotKeys], writes: [callKey, ...sessionKeys(spec)] },
    retry: spec.retry,
    timeoutMs: spec.timeoutMs,
    handle: (message: unknown, context: HandlerContext) => goOn(spec, message as NextTurnInput, context),
  } satisfies ExecutorNode);
}

function callOf(spec: AgentSpec, messages: AgentCall["messages"], reference: string | undefined): AgentCall {
  return {
    messages,
    turns: 0,
    misfits: 0,
    usage: { modelCalls: 0, inputTokens: 0, outputTokens: 0 },
    maxTurns: spec.maxTurns,
    maxTokens: spec.maxTokens,
    pending: [],
    wave: { id: "", calls: [] },
    results: {},
    ...(reference !== undefined && { reference }),
  };
}

async function goOn(spec: AgentSpec, message: NextTurnInput, context: HandlerContext): Promise<void> {
  const call = context.state.get(callKey) as AgentCall;
  if ("response" in message) return resume(spec, call, message.response, context);
  if ("askAgain" in message) return takeTurn(spec, call, context);
  const slots = slotKeys.map((key) => context.state.get(key) as Slot);
  // Word of the others has come or is to come.
  if (!isLastOf(call, slots, message)) return;
  const isHandingOver = handoffIn(spec.handoffs, lastAnswer(call).toolCalls) !== undefined;
  await callToolsOr(isHandingOver ? handOver : takeTurn, spec, collect(call, slots), context);
}

async function resume(
  spec: AgentSpec,
  call: AgentCall,
  { approved, turns, tokens }: LimitResponse,
  context: HandlerContext,
): Promise<void> {
  if (!approved) {
    const { code, message } = stopped(spec, call);
    throw new NonRetryableError(message, { code });
  }
  await callToolsOr(takeTurn, spec, withMore(spec, call, { turns, tokens }), context);
}

function stopped({ id }: AgentSpec, { turns }: AgentCall): WorkflowError {
  return new WorkflowError(
    "AGENT_STOPPED",
    `Agent "${id}" came to its limit after ${turns} turns, and a person did not let it go on.`,
    "Nothing has to be done; raise its limit where that happens too early.",
  );
}

/** Asks the model, and does what its answer says. */
async function takeTurn(spec: AgentSpec, before: AgentCall, context: HandlerContext): Promise<void> {
  const reply = await askModel(spec, before, context);
  const call = withReply(spec, before, reply, context.callKey);
  const { toolCalls = [] } = lastAnswer(call);
  if (handoffIn(spec.handoffs, toolCalls) !== undefined) {
    const { others, results: told } = withoutHandoffs(spec.handoffs, toolCalls);
    const { pending, results } = await sortCalls(spec, others);
    // No limit is asked for: the model of this agent has been asked for the last time.
    return callToolsOr(handOver, spec, { ...call, pending, results: { ...results, ...told } }, context);
  }
  if (toolCalls.length > 0) {
    return unlessLimited(spec, { ...call, ...(await sortCalls(spec, toolCalls)) }, context, (within) =>
      callToolsOr(askAgain, spec, within, context),
    );
  }
  const found = await outputIn(spec, reply.text);
  if ("output" in found) return answer(spec, call, reply.text, found, context);
  return unlessLimited(spec, withRepair(spec, call, found.problem), context, (within) =>
    askAgain(spec, within, context),
  );
}

/** The answer that called what is under way. */
function lastAnswer({ messages }: AgentCall): Extract<AgentCall["messages"][number], { role: "assistant" }> {
  const last = messages.findLast((message) => message.role === "assistant");
  if (!last) throw new TypeError("A turn looks for tool calls where the model said nothing.");
  return last;
}

/** Ends the call of this agent, once all that its last answer called has ended, however that was. */
function handOver(spec: AgentSpec, call: AgentCall, context: HandlerContext): void {
  const { content: text, toolCalls } = lastAnswer(call);
  const handoff = handoffIn(spec.handoffs, toolCalls);
  const said = { ...(spec.output === undefined && { output: text }), ...(handoff !== undefined && { handoff }) };
  answer(spec, call, text, said, context);
}

function answer(
  spec: AgentSpec,
  { usage, turns, reference, ...call }: AgentCall,
  text: string,
  found: { readonly output?: unknown; readonly handoff?: string },
  context: HandlerContext,
): void {
  const messages = [...historyOf(spec, context), ...call.messages];
  keepHistory(spec, messages, context);
  context.yieldOutput({
    agent: spec.id,
    text,
    messages,
    usage,
    turns,
    ...found,
    ...(reference !== undefined && { reference }),
  });
}

/** Goes on unless the call is at a limit; there it fails, or asks a person. Asked before tools run: what they did would be lost. */
async function unlessLimited(
  spec: AgentSpec,
  call: AgentCall,
  context: HandlerContext,
  goOnWith: (call: AgentCall) => void | Promise<void>,
): Promise<void> {
  const reached = limitReached(call);
  if (!reached) return goOnWith(call);
  if (spec.onLimit === "fail") throw limitError(spec, reached, call);
  context.state.set(callKey, call);
  const { inputTokens, outputTokens } = call.usage;
  const request = { agent: spec.id, reached, turns: call.turns, inputTokens, outputTokens };
  context.sendMessage(request, { to: { id: ids.goOn } });
}

type Next = (spec: AgentSpec, call: AgentCall, context: HandlerContext) => void | Promise<void>;

/** Has the pending tools called; when there are none left, writes down how they ended and does what comes next. */
async function callToolsOr(next: Next, spec: AgentSpec, call: AgentCall, context: HandlerContext): Promise<void> {
  if (call.pending.length === 0) return next(spec, withResults(call, spec.id), context);
  const waiting = nextWave(call);
  const { id: wave, calls } = waiting.wave;
  for (const [slot, one] of calls.entries()) {
    const tool = spec.tools.find(({ name }) => name === one.tool);
    const isAsked = tool?.approval && (await needsApproval(tool.input, tool.approval, one.arguments));
    if (!isAsked) context.sendMessage({ wave, slot, arguments: one.arguments }, { to: { id: one.tool } });
    else {
      const callId = callIdOf({ wave, slot });
      const request = { agent: spec.id, tool: one.tool, arguments: one.arguments, callId };
      context.sendMessage(request, { to: { id: ids.approvalOf(one.tool) } });
    }
  }
  context.state.set(callKey, waiting);
}

async function needsApproval(
  input: AgentSpec["input"],
  { isNeeded }: { readonly isNeeded: (input: unknown) => unknown },
  value: unknown,
): Promise<boolean> {
  const checked = await input["~standard"].validate(value);
  return checked.issues ? true : Boolean(await isNeeded(checked.value));
}

/** The model is asked in a call of its own, also where no tool has to be waited for. */
function askAgain(_spec: AgentSpec, call: AgentCall, context: HandlerContext): void {
  context.state.set(callKey, call);
  context.sendMessage({ askAgain: true }, { to: { id: ids.nextTurn } });
}

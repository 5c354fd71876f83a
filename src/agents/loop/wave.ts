import type { ChatMessage, ToolCall } from "../../wire/chat.ts";
import { type AgentCall, SLOTS, type Slot, type ToolResult } from "./state.ts";

/**
 * Tools of one answer run at once, and the model is asked again when all have ended: a join of calls that no plan knows beforehand.
 * Each call has a slot of the state, which its tool fills before it sends word to the next turn. Of the words that come, exactly one
 * finds the wave complete and is the last by what is recorded; only that one goes on.
 *
 * ```
 * superstep                           slots                    what the next turn does
 *   4   turn asks for a, b, c
 *   5   a and b end, c is put off     a:5 b:5                  -
 *   6   word of a, word of b          a:5 b:5                  nothing, nothing: c is missing
 *   9   c ends at its second attempt  a:5 b:5 c:9
 *  10   word of c                     a:5 b:5 c:9              complete, and c was last: it asks the model
 * ```
 */

/** Takes the next calls out of the pending ones. */
export function nextWave(call: AgentCall): AgentCall {
  const calls = call.pending.slice(0, SLOTS);
  const id = `${call.turns}.${call.pending.length}`;
  return { ...call, pending: call.pending.slice(SLOTS), wave: { id, calls } };
}

/**
 * Whether a call of this wave has ended already, so that nothing else becomes of it: an agent or workflow that is a tool may answer
 * more than once, or answer and fail, while the model has long been asked again.
 */
export function isFilled(slot: Slot, wave: string): boolean {
  if (!slot) return false;
  const [turn, left] = numbersOf(slot.wave);
  const [ownTurn, ownLeft] = numbersOf(wave);
  return turn > ownTurn || (turn === ownTurn && left <= ownLeft);
}

function numbersOf(wave: string): readonly [turn: number, left: number] {
  const [turn = 0, left = 0] = wave.split(".").map(Number);
  return [turn, left];
}

/** Whether word from this slot is the one that goes on with the run: all have ended, and this one was the last. */
export function isLastOf(call: AgentCall, slots: readonly Slot[], place: { wave: string; slot: number }): boolean {
  if (place.wave !== call.wave.id) return false;
  const ends = call.wave.calls.map((_call, index) => endIn(slots, index, place.wave));
  if (ends.some((end) => end === undefined)) return false;
  const last = ends.reduce<number>((latest, end, index) => ((end ?? 0) >= (ends[latest] ?? 0) ? index : latest), 0);
  return last === place.slot;
}

function endIn(slots: readonly Slot[], index: number, wave: string): number | undefined {
  const slot = slots[index];
  return slot?.wave === wave ? slot.superstep : undefined;
}

/** Takes over how the calls of a wave ended. */
export function collect(call: AgentCall, slots: readonly Slot[]): AgentCall {
  const ended = call.wave.calls.map(({ id }, index): [string, ToolResult] => {
    const { wave: _wave, superstep: _superstep, ...result } = slots[index] ?? { wave: "", superstep: 0, result: null };
    return [id, result];
  });
  return { ...call, wave: { id: "", calls: [] }, results: { ...call.results, ...Object.fromEntries(ended) } };
}

/**
 * Writes the results behind the answer that asked for them, in the order in which it did. Where a person edited the arguments, the
 * answer itself is corrected: a model that reads its own unedited call would repeat it.
 */
export function withResults(call: AgentCall, agent: string): AgentCall {
  const asked = call.messages.at(-1);
  if (asked?.role !== "assistant" || !asked.toolCalls) return call;
  const toolCalls = asked.toolCalls.map((one) => edited(one, call.results[one.id]));
  const told = toolCalls.map((one): ChatMessage => {
    const { result = null, isError } = call.results[one.id] ?? {};
    const id = `${asked.id ?? ""}-${one.id}`;
    return { id, role: "tool", toolCallId: one.id, tool: one.tool, author: agent, result, ...(isError && { isError }) };
  });
  return { ...call, messages: [...call.messages.slice(0, -1), { ...asked, toolCalls }, ...told], results: {} };
}

function edited(call: ToolCall, result: ToolResult | undefined): ToolCall {
  return result?.editedArguments === undefined ? call : { ...call, arguments: result.editedArguments };
}

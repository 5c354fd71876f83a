import type { ToolCall } from "../wire/chat.ts";
import type { HandoffTarget } from "./agent-spec.ts";
import type { ChatTool } from "./chat-client.ts";
import type { ToolResult } from "./loop/state.ts";

/** Handing over is a tool that is not run: the model calls it, and the agent ends with the name of the next one. */

const PREFIX = "handoff_to_";

export function handoffTools(targets: readonly HandoffTarget[]): ChatTool[] {
  return targets.map(({ agent, when }) => ({
    name: `${PREFIX}${agent}`,
    description: `Hands the conversation over to ${agent}. ${when}`,
    parameters: { type: "object", properties: {}, additionalProperties: false },
  }));
}

/** The agent that an answer hands over to; of several the first counts. */
export function handoffIn(targets: readonly HandoffTarget[], calls: readonly ToolCall[] = []): string | undefined {
  return calls.find((call) => isHandoff(targets, call))?.tool.slice(PREFIX.length);
}

/**
 * The calls beside a handoff, and what stands behind the handoff in the history: every call of an answer has a result there, or
 * providers refuse the conversation when the agent reads it again.
 */
export function withoutHandoffs(
  targets: readonly HandoffTarget[],
  calls: readonly ToolCall[],
): { readonly others: readonly ToolCall[]; readonly results: Readonly<Record<string, ToolResult>> } {
  const taken = `The conversation is handed over to ${handoffIn(targets, calls)}.`;
  const results = calls
    .filter((call) => isHandoff(targets, call))
    .map(({ id }, index): [string, ToolResult] => [
      id,
      index === 0 ? { result: taken } : { result: `Not done: ${taken}`, isError: true },
    ]);
  return { others: calls.filter((call) => !isHandoff(targets, call)), results: Object.fromEntries(results) };
}

function isHandoff(targets: readonly HandoffTarget[], { tool }: ToolCall): boolean {
  return targets.some(({ agent }) => tool === `${PREFIX}${agent}`);
}

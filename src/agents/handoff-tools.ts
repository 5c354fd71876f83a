import type { ToolCall } from "../wire/chat.ts";
import type { HandoffTarget } from "./agent-spec.ts";
import type { ChatTool } from "./chat-client.ts";

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
export function handoffIn(targets: readonly HandoffTarget[], calls: readonly ToolCall[]): string | undefined {
  const isTarget = ({ tool }: ToolCall) => targets.some(({ agent }) => tool === `${PREFIX}${agent}`);
  return calls.find(isTarget)?.tool.slice(PREFIX.length);
}

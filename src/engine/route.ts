import type { SentMessage } from "../wire/outcome.ts";
import type { PlanEdge } from "../wire/plan.ts";
import { arrive } from "./barrier.ts";
import { type Draft, enqueue, record } from "./draft.ts";

/**
 * Sends a message along the outgoing edges of its sender, by the answers that user code gave for this very message. A
 * message that no edge takes is recorded, unless it left the run as an output.
 */
export function routeMessage(draft: Draft, sender: string, message: SentMessage, isOutput: boolean): void {
  let isTaken = isOutput;
  for (const edge of draft.index.outgoing.get(sender) ?? []) {
    for (const target of targetsTaken(edge, message)) {
      isTaken = true;
      if (edge.kind === "fanIn") arrive(draft, edge, sender, message.valueJson);
      else enqueue(draft, { to: target, from: sender, valueJson: message.valueJson });
    }
  }
  if (!isTaken) drop(draft, sender, message.valueJson, "noEdgeTookIt");
}

export function drop(draft: Draft, sender: string, message: string, reason: "noEdgeTookIt" | "runEnded"): void {
  draft.state.messagesDropped += 1;
  record(draft, { type: "messageDropped", executorId: sender, message, reason });
}

function targetsTaken(edge: PlanEdge, message: SentMessage): readonly string[] {
  const targets = targetsByRoute(edge, message);
  return message.to === undefined ? targets : targets.filter((target) => target === message.to);
}

function targetsByRoute(edge: PlanEdge, { routes }: SentMessage): readonly string[] {
  const route = routes[edge.id];
  switch (edge.kind) {
    case "direct":
      return !edge.isConditional || route === true ? [edge.to] : [];
    case "fanIn":
      return [edge.to];
    case "error":
      return []; // carries failures, and no message
    case "fanOut":
      return edge.isSelective ? edge.to.filter((target) => Array.isArray(route) && route.includes(target)) : edge.to;
    case "switch": {
      const target = typeof route !== "number" ? null : route < 0 ? edge.default : (edge.cases[route]?.to ?? null);
      return target === null ? [] : [target];
    }
  }
}

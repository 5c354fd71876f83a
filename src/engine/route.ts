import { TOP } from "../wire/frame-path.ts";
import type { SentMessage } from "../wire/outcome.ts";
import type { PlanEdge } from "../wire/plan.ts";
import { arrive } from "./barrier.ts";
import { type Draft, enqueue, indexIn } from "./draft.ts";
import { drop } from "./drop.ts";
import { openMap } from "./maps.ts";

/**
 * Sends a message along the outgoing edges of its sender, by the answers that user code gave for this very message. A
 * message that no edge takes is recorded, unless it left the run as an output.
 */
export function routeMessage(
  draft: Draft,
  frame: string = TOP,
  sender: string,
  message: SentMessage,
  isOutput: boolean,
): void {
  let isTaken = isOutput;
  for (const edge of indexIn(draft, frame).outgoing.get(sender) ?? []) {
    for (const target of targetsTaken(edge, message)) {
      isTaken = true;
      if (edge.kind === "fanIn") arrive(draft, frame, edge, sender, message.valueJson);
      else if (edge.kind === "map") openMap(draft, frame, edge, message.valueJson);
      else enqueue(draft, { frame, to: target, from: sender, valueJson: message.valueJson });
    }
  }
  if (!isTaken) drop(draft, frame, sender, message.valueJson, "noEdgeTookIt");
}

/** Whether user code decides which messages go along an edge. */
export function asksCode(edge: PlanEdge): boolean {
  if (edge.kind === "direct") return edge.isConditional;
  return edge.kind === "switch" || (edge.kind === "fanOut" && edge.isSelective);
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
    case "map":
      return [edge.each];
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

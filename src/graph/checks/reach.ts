import { WorkflowError } from "../../errors.ts";
import { type Draft, escalationOf, nodesOf, sourcesOf, targetsOf } from "../draft.ts";
import type { GraphNode } from "../runtime.ts";

/**
 * @throws {WorkflowError} `FAN_IN_UNREACHABLE` for a fan-in that waits for a source no path reaches,
 *   `EXECUTOR_UNREACHABLE` for any other executor that no path from the start reaches
 */
export function checkReach(draft: Draft): void {
  const reached = reachedFrom(draft);
  for (const edge of draft.edges) {
    if (edge.kind !== "fanIn") continue;
    const silent = edge.from.find((source) => !reached.has(source));
    if (silent) throw fanInUnreachable(draft, edge.to, silent);
  }
  const unreached = nodesOf(draft).find((node) => !reached.has(node));
  if (unreached) throw executorUnreachable(draft, unreached);
}

/** A fan-in counts as passed once one of its sources is reached: the others are looked at on their own. */
function reachedFrom({ start, edges }: Draft): ReadonlySet<GraphNode> {
  const next = new Map<GraphNode, GraphNode[]>();
  for (const edge of edges) {
    for (const source of sourcesOf(edge)) next.set(source, [...(next.get(source) ?? []), ...targetsOf(edge)]);
  }
  const reached = new Set([start]);
  // A set is iterated in the order of insertion, and what is added on the way comes up as well.
  for (const node of reached) {
    for (const target of [...(next.get(node) ?? []), ...escalationOf(node)]) reached.add(target);
  }
  return reached;
}

function fanInUnreachable({ name, start }: Draft, to: GraphNode, silent: GraphNode): WorkflowError {
  return new WorkflowError(
    "FAN_IN_UNREACHABLE",
    `In workflow "${name}", the fan-in into "${to.id}" waits for "${silent.id}", which no path from "${start.id}" reaches.`,
    `Add an edge that leads to "${silent.id}", or leave it out of the fan-in.`,
  );
}

function executorUnreachable({ name, start }: Draft, node: GraphNode): WorkflowError {
  return new WorkflowError(
    "EXECUTOR_UNREACHABLE",
    `In workflow "${name}", no path from "${start.id}" reaches "${node.id}".`,
    "Add an edge that leads there, or leave out the edges that start there.",
  );
}

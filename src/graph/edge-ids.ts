import type { DraftEdge } from "./draft.ts";
import type { GraphNode } from "./runtime.ts";

/**
 * An edge is named after what it joins, so a change elsewhere in the graph leaves its name alone, and a run in flight finds
 * its conditions again:
 *
 * - `A->B`, with a condition `A->B?`
 * - `A?[B|C|default:D]` for a switch, `A?[B|C|drop]` when it drops the rest
 * - `A=>[B,C]`, with a selector `A=>[B,C]?`
 * - `[A,B]=>C` for a fan-in
 * - `A*>B->C` for a map of the lists of A over B, joined at C
 * - `A!->B` for an error edge
 */
export function edgeForm(edge: DraftEdge): string {
  switch (edge.kind) {
    case "direct":
      return `${edge.from.id}->${edge.to.id}${edge.when ? "?" : ""}`;
    case "switch":
      return `${edge.from.id}?[${ids(
        edge.cases.map(({ to }) => to),
        "|",
      )}|${edge.default ? `default:${edge.default.id}` : "drop"}]`;
    case "fanOut":
      return `${edge.from.id}=>[${ids(edge.to, ",")}]${edge.select ? "?" : ""}`;
    case "fanIn":
      return `[${ids(edge.from, ",")}]=>${edge.to.id}`;
    case "map":
      return `${edge.from.id}*>${edge.each.id}->${edge.to.id}`;
    case "error":
      return `${edge.from.id}!->${edge.to.id}`;
  }
}

/** The id of each edge: its form, and from the second one of a form on a number behind it: `A->B?#2`. */
export function edgeIds(edges: readonly DraftEdge[]): string[] {
  const counts = new Map<string, number>();
  return edges.map((edge) => {
    const form = edgeForm(edge);
    const count = (counts.get(form) ?? 0) + 1;
    counts.set(form, count);
    return count === 1 ? form : `${form}#${count}`;
  });
}

function ids(nodes: readonly GraphNode[], between: string): string {
  return nodes.map(({ id }) => id).join(between);
}

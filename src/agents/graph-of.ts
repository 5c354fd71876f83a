import { buildWorkflow } from "../graph/build.ts";
import type { DraftEdge } from "../graph/draft.ts";
import type { GraphNode } from "../graph/runtime.ts";
import { DEFAULT_LIMITS } from "../wire/plan.ts";

/** What all workflows of agents may be told besides. */
export interface GroupOptions {
  /** Says in a sentence what the workflow does. */
  readonly description?: string | undefined;
}

/** An ordinary workflow of these edges. */
export function graphOf(
  name: string,
  start: GraphNode,
  edges: readonly DraftEdge[],
  outputs: readonly GraphNode[],
  { description }: GroupOptions,
) {
  const draft = { name, start, description, edges, outputs, limits: DEFAULT_LIMITS, timeoutMs: undefined };
  return buildWorkflow(draft, (warning) => process.emitWarning(warning));
}

export function edge(from: GraphNode, to: GraphNode): DraftEdge {
  return { kind: "direct", from, to, when: undefined, label: undefined };
}

export function errorEdge(from: GraphNode, to: GraphNode): DraftEdge {
  return { kind: "error", from, to, label: undefined };
}

import { buildWorkflow } from "../graph/build.ts";
import type { DraftEdge } from "../graph/draft.ts";
import type { GraphNode } from "../graph/runtime.ts";
import { DEFAULT_LIMITS } from "../wire/plan.ts";
import { isAgent } from "./agent.ts";

/** What all workflows of agents may be told besides. */
export interface GroupOptions {
  /** Says in a sentence what the workflow does. */
  readonly description?: string | undefined;
}

/**
 * An ordinary workflow of these edges.
 *
 * @param isSure - whether it answers every question as an agent does, and says which one that was
 */
export function graphOf(
  name: string,
  start: GraphNode,
  edges: readonly DraftEdge[],
  outputs: readonly GraphNode[],
  { description, isSure = false }: GroupOptions & { readonly isSure?: boolean },
) {
  const draft = { name, start, description, edges, outputs, limits: DEFAULT_LIMITS, timeoutMs: undefined };
  const workflow = buildWorkflow(draft, (warning) => process.emitWarning(warning));
  return isSure ? Object.freeze({ ...workflow, isSure }) : workflow;
}

/** Whether a member answers every question once, and says which one that was: an agent, or what is made of agents alone. */
export function isSureMember(node: GraphNode): boolean {
  return isAgent(node) || ("isSure" in node && node.isSure === true);
}

export function edge(from: GraphNode, to: GraphNode): DraftEdge {
  return { kind: "direct", from, to, when: undefined, label: undefined };
}

export function errorEdge(from: GraphNode, to: GraphNode): DraftEdge {
  return { kind: "error", from, to, label: undefined };
}

import { buildWorkflow } from "../../graph/build.ts";
import type { DraftEdge } from "../../graph/draft.ts";
import type { OutputOf, PortsOf } from "../../graph/node-types.ts";
import type { GraphNode } from "../../graph/runtime.ts";
import type { Workflow } from "../../graph/workflow.ts";
import { DEFAULT_LIMITS } from "../../wire/plan.ts";
import type { Participant } from "../agent.ts";
import type { AgentInput } from "../conversation.ts";
import { checkMembers } from "./names.ts";

type LastOf<Agents extends readonly Participant[]> = Agents extends readonly [
  ...Participant[],
  infer Last extends Participant,
]
  ? Last
  : Agents[number];

/** What all workflows of agents may be told besides. */
export interface GroupOptions {
  /** Says in a sentence what the workflow does. */
  readonly description?: string;
}

/**
 * Agents one after the other: each reads the whole conversation so far, and adds to it.
 *
 * @param agents - in their order; one that comes twice needs a second name, `withId("Reviewer", agent)`
 * @returns an ordinary workflow, whose output is the answer of the last agent
 */
export function sequential<const Name extends string, const Agents extends readonly [Participant, ...Participant[]]>(
  name: Name,
  agents: Agents,
  options: GroupOptions = {},
): Workflow<AgentInput, OutputOf<LastOf<Agents>>, Name, PortsOf<Agents[number]>> {
  checkMembers(name, agents);
  const edges = agents.slice(1).map((to, index) => edge(agents[index] as GraphNode, to));
  return group(name, agents[0], edges, [agents[agents.length - 1] as GraphNode], options) as never;
}

export function edge(from: GraphNode, to: GraphNode): DraftEdge {
  return { kind: "direct", from, to, when: undefined, label: undefined };
}

/** An ordinary workflow of these edges. */
export function group(
  name: string,
  start: GraphNode,
  edges: readonly DraftEdge[],
  outputs: readonly GraphNode[],
  { description }: GroupOptions,
) {
  const draft = { name, start, description, edges, outputs, limits: DEFAULT_LIMITS, timeoutMs: undefined };
  return buildWorkflow(draft, (warning) => process.emitWarning(warning));
}

import type { OutputOf, PortsOf } from "../../graph/node-types.ts";
import type { GraphNode } from "../../graph/runtime.ts";
import type { Workflow } from "../../graph/workflow.ts";
import type { Participant } from "../agent.ts";
import type { AgentInput } from "../conversation.ts";
import { edge, type GroupOptions, graphOf, isSureMember } from "../graph-of.ts";
import { checkMembers } from "./names.ts";

type LastOf<Agents extends readonly Participant[]> = Agents extends readonly [
  ...Participant[],
  infer Last extends Participant,
]
  ? Last
  : Agents[number];

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
  return graphOf(name, agents[0], edges, [agents[agents.length - 1] as GraphNode], {
    ...options,
    isSure: agents.every(isSureMember),
  }) as never;
}

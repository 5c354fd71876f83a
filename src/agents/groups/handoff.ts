import { z } from "zod";
import { WorkflowError } from "../../errors.ts";
import { defineExecutor } from "../../graph/executor.ts";
import type { OutputOf, PortsOf } from "../../graph/node-types.ts";
import type { GraphNode, HandlerContext } from "../../graph/runtime.ts";
import { defineState } from "../../graph/state.ts";
import type { Workflow } from "../../graph/workflow.ts";
import { answered, conversation } from "../../wire/chat.ts";
import { isAgent, type Participant } from "../agent.ts";
import { agentGraph } from "../agent-graph.ts";
import type { HandoffTarget } from "../agent-spec.ts";
import type { AgentInput } from "../conversation.ts";
import { edge, type GroupOptions, graphOf } from "../graph-of.ts";
import { checkLimit } from "./names.ts";

/** Who may hand over to whom. */
export interface Handoff {
  readonly from: Participant;
  readonly to: readonly Participant[];
}

const DEFAULT_MAX_HANDOFFS = 10;

/**
 * Agents that hand a conversation over to each other, by their own choice: each sees its targets as tools. The answer of the one that
 * hands over no more is the output. Other tools that an agent calls in the same answer are run first, approvals included; it hands over
 * when they have ended, however they did. The next agent reads what it said, and not what its tools told it.
 *
 * @param start - the agent that reads the question first
 * @param handoffs - what a target is good for is read from the `description` of its agent
 * @param options - `maxHandoffs`: 10 unless set; one more fails the run with `AGENT_HANDOFF_LIMIT`
 * @throws {WorkflowError} `AGENT_INVALID` for an agent without a model of its own, or a limit below 1
 */
export function handoff<
  const Name extends string,
  Start extends Participant,
  const Handoffs extends readonly Handoff[],
>(
  name: Name,
  start: Start,
  handoffs: Handoffs,
  options: GroupOptions & { readonly maxHandoffs?: number } = {},
): Workflow<
  AgentInput,
  OutputOf<Start | Handoffs[number]["from"] | Handoffs[number]["to"][number]>,
  Name,
  PortsOf<Start | Handoffs[number]["from"] | Handoffs[number]["to"][number]>
> {
  const { maxHandoffs = DEFAULT_MAX_HANDOFFS } = options;
  checkLimit(name, "maxHandoffs", maxHandoffs);
  const members = [...new Set([start, ...handoffs.flatMap(({ from, to }) => [from, ...to])])];
  const nodes = members.map((member) => withHandoffs(name, member, targetsOf(member, handoffs)));
  const route = routeOf(name, maxHandoffs);
  const edges = nodes.flatMap((node) => [edge(node, route), edge(route, node)]);
  return graphOf(name, nodes[0] as GraphNode, edges, [route], { ...options, isSure: true }) as never;
}

function targetsOf(member: Participant, handoffs: readonly Handoff[]): HandoffTarget[] {
  const targets = handoffs.filter(({ from }) => from === member).flatMap(({ to }) => to);
  return targets.map(({ id, description = "" }) => ({ agent: id, when: description }));
}

function withHandoffs(workflow: string, member: Participant, handoffs: HandoffTarget[]): GraphNode {
  const { id } = member;
  if (isAgent(member)) return agentGraph({ ...member.agent, handoffs });
  throw new WorkflowError(
    "AGENT_INVALID",
    `"${id}" in workflow "${workflow}" has no model of its own, so it can neither hand over nor be handed to.`,
    "Use an agent made with defineAgent.",
  );
}

const count = defineState({ name: "handoffs", schema: z.int(), initial: 0 });
/** One that hands over has no output where its agent has an output schema. */
const anyAnswer = answered.extend({ output: z.unknown().optional() });

/** Sends a conversation to the agent it was handed over to, and gives the answer of one that keeps it. */
function routeOf(workflow: string, maxHandoffs: number): GraphNode {
  return defineExecutor({
    id: "Route",
    input: anyAnswer,
    sends: conversation,
    yields: anyAnswer,
    state: { writes: [count] },
    handle(response, context) {
      const { handoff: target, agent, messages, reference } = response;
      if (target === undefined) return context.yieldOutput(response);
      const handoffs = context.state.get(count) + 1;
      if (handoffs > maxHandoffs) throw tooMany(workflow, agent, maxHandoffs);
      context.state.set(count, handoffs);
      context.emit("handedOver", { from: agent, to: target });
      const handedOn = { agent, messages, ...(reference !== undefined && { reference }) };
      (context as unknown as HandlerContext).sendMessage(handedOn, { to: { id: target } });
    },
  });
}

function tooMany(workflow: string, agent: string, maxHandoffs: number): WorkflowError {
  return new WorkflowError(
    "AGENT_HANDOFF_LIMIT",
    `Agent "${agent}" hands over once more, and workflow "${workflow}" allows ${maxHandoffs} handoffs.`,
    "Tell the agents when to keep the conversation, or raise maxHandoffs.",
  );
}

import { z } from "zod";
import type { Joins } from "../../graph/connects.ts";
import { defineExecutor } from "../../graph/executor.ts";
import type { OutputOf, PortsOf, TypedNode, YieldsOf } from "../../graph/node-types.ts";
import type { GraphNode } from "../../graph/runtime.ts";
import type { Workflow } from "../../graph/workflow.ts";
import type { Participant } from "../agent.ts";
import type { AgentInput } from "../conversation.ts";
import { edge, type GroupOptions, graphOf, isSureMember } from "../graph-of.ts";
import { checkMembers } from "./names.ts";
import { questionAs } from "./question.ts";

const question = questionAs("Question");

/** The answers in the order of the agents, as they are. */
const answers = defineExecutor({
  id: "Answers",
  input: z.array(z.unknown()),
  output: z.array(z.unknown()),
  handle: (responses) => responses,
});

type ResponsesOf<Agents extends readonly Participant[]> = {
  -readonly [Index in keyof Agents]: OutputOf<Agents[Index]>;
};

/**
 * Agents at the same time: each gets the question, and their answers are joined in the order of the agents.
 *
 * @param options - `aggregator`: an executor or agent that makes one answer of the list; without it the list is the output
 * @returns an ordinary workflow: a fan-out, and a fan-in
 */
export function concurrent<
  const Name extends string,
  const Agents extends readonly [Participant, ...Participant[]],
  Aggregator extends TypedNode = never,
>(
  name: Name,
  agents: Agents,
  options: GroupOptions & { readonly aggregator?: Aggregator & Joins<Agents, Aggregator, false> } = {},
): Workflow<
  AgentInput,
  [Aggregator] extends [never] ? ResponsesOf<Agents> : OutputOf<Aggregator> | YieldsOf<Aggregator>,
  Name,
  PortsOf<Agents[number]> | ([Aggregator] extends [never] ? never : PortsOf<Aggregator>)
> {
  checkMembers(name, agents);
  const aggregator: GraphNode = options.aggregator ?? answers;
  const fanOut = { kind: "fanOut", from: question, to: agents, select: undefined, label: undefined } as const;
  const fanIn = { kind: "fanIn", from: agents, to: aggregator, allowMissing: false, label: undefined } as const;
  const single = agents.length === 1 ? edge(question, agents[0]) : fanOut;
  const isSure = [...agents, aggregator].every(isSureMember);
  return graphOf(name, question, [single, fanIn], [aggregator], { ...options, isSure }) as never;
}

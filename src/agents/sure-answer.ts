import { z } from "zod";
import { WorkflowError } from "../errors.ts";
import type { DraftEdge } from "../graph/draft.ts";
import { defineExecutor } from "../graph/executor.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import { conversation } from "../wire/chat.ts";
import type { Participant } from "./agent.ts";
import { edge, graphOf, isSureMember } from "./graph-of.ts";
import { questionAs } from "./groups/question.ts";

const answer = z.looseObject({});

/** Longer names are cut, so that the ending fits into what names may have. */
const MAX_ID_CHARS = 43;

/**
 * A workflow whose answer nobody but its author knows, in one that answers once for each question and says which it was: without
 * an answer it fails. Agents, and what is made of agents alone, do so by themselves.
 */
export function withSureAnswer(workflow: Participant): WorkflowNode {
  if (isSureMember(workflow)) return workflow;
  const ask = questionAs("Ask");
  const take = defineExecutor({
    id: "Take",
    input: z.tuple([conversation.nullable(), answer.nullable()]),
    yields: answer,
    handle([asked, given], { yieldOutput }) {
      if (given === null) throw withoutAnswer(workflow);
      // What comes without a question is a second answer, and the first one counts.
      if (asked) yieldOutput({ ...given, ...(asked.reference !== undefined && { reference: asked.reference }) });
    },
  });
  const fanIn: DraftEdge = { kind: "fanIn", from: [ask, workflow], to: take, allowMissing: true, label: undefined };
  return graphOf(`${workflow.id.slice(0, MAX_ID_CHARS)}_tool`, ask, [edge(ask, workflow), fanIn], [take], {});
}

function withoutAnswer({ id }: Participant): WorkflowError {
  return new WorkflowError(
    "AGENT_WITHOUT_ANSWER",
    `Workflow "${id}" ended without an answer, and it is the tool of an agent.`,
    "Let every way through it end in an agent, or in an executor that gives an output.",
  );
}

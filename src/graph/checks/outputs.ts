import { WorkflowError } from "../../errors.ts";
import { type Draft, nodesOf } from "../draft.ts";
import type { GraphNode } from "../runtime.ts";

/** @throws {WorkflowError} `OUTPUT_EXECUTOR_INVALID` when `withOutputFrom` names too much or too little */
export function checkOutputs(draft: Draft): void {
  const { name, outputs } = draft;
  if (!outputs) return;
  const nodes = nodesOf(draft);
  const foreign = outputs.find((output) => !nodes.includes(output));
  if (foreign)
    throw invalid(`The output executor "${foreign.id}" is not in the graph of workflow "${name}".`, ADD_EDGE);
  const silent = outputs.find((output) => !givesOutput(output));
  if (silent) {
    throw invalid(
      `The output executor "${silent.id}" of workflow "${name}" declares neither "output" nor "yields".`,
      "Declare what it returns or yields, or leave it out of withOutputFrom.",
    );
  }
  const unnamed = nodes.find((node) => node.kind === "executor" && node.yields && !outputs.includes(node));
  if (unnamed) {
    throw invalid(
      `"${unnamed.id}" yields outputs, but is no output executor of workflow "${name}": ${ids(outputs)}.`,
      'Add it to withOutputFrom, or leave out its "yields".',
    );
  }
}

const ADD_EDGE = "Add an edge that leads there, or leave it out of withOutputFrom.";

function givesOutput(node: GraphNode): boolean {
  return node.kind !== "executor" || node.output !== undefined || node.yields !== undefined;
}

function ids(nodes: readonly GraphNode[]): string {
  return nodes.map(({ id }) => `"${id}"`).join(", ");
}

function invalid(whatIsWrong: string, whatToDo: string): WorkflowError {
  return new WorkflowError("OUTPUT_EXECUTOR_INVALID", whatIsWrong, whatToDo);
}

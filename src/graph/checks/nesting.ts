import { WorkflowError } from "../../errors.ts";
import { DEFAULT_LIMITS } from "../../wire/plan.ts";
import { type Draft, nodesOf } from "../draft.ts";
import type { WorkflowNode } from "../runtime.ts";

/**
 * A plan holds each sub-workflow once by its name, and names on a durable host are compared without case: so one name has to
 * mean one graph, and a workflow cannot be part of itself.
 *
 * @throws {WorkflowError} `DURABLE_NAME_COLLISION`, `NESTING_TOO_DEEP`
 */
export function checkNesting(draft: Draft): void {
  const inner = nodesOf(draft).filter((node) => node.kind === "workflow");
  checkOneGraphEach(draft, inner.flatMap(withInner));
  const { maxDepth = DEFAULT_LIMITS.maxDepth } = draft.limits;
  const depth = Math.max(0, ...inner.map(depthOf));
  if (depth <= maxDepth) return;
  throw new WorkflowError(
    "NESTING_TOO_DEEP",
    `The sub-workflows of "${draft.name}" are nested ${depth} levels deep; the limit is ${maxDepth}.`,
    "Put less into one another, or raise maxDepth.",
  );
}

function checkOneGraphEach(draft: Draft, workflows: readonly WorkflowNode[]): void {
  const known = new Map<string, { name: string; version: string }>();
  known.set(draft.name.toLowerCase(), { name: draft.name, version: "of this graph" });
  for (const { name, plan } of workflows) {
    const other = known.get(name.toLowerCase());
    if (other && (other.name !== name || other.version !== plan.fingerprint)) {
      const whatIsWrong = `Workflow "${draft.name}" has two different workflows of the names "${other.name}" and "${name}" in it.`;
      const whatToDo = "Rename one: a name, compared without case, is one graph, and none can be part of itself.";
      throw new WorkflowError("DURABLE_NAME_COLLISION", whatIsWrong, whatToDo);
    }
    known.set(name.toLowerCase(), { name, version: plan.fingerprint });
  }
}

function withInner(workflow: WorkflowNode): WorkflowNode[] {
  return [workflow, ...innerOf(workflow).flatMap(withInner)];
}

function innerOf({ nodes }: WorkflowNode): WorkflowNode[] {
  return [...nodes.values()].filter((node) => node.kind === "workflow");
}

function depthOf(workflow: WorkflowNode): number {
  return 1 + Math.max(0, ...innerOf(workflow).map(depthOf));
}

import { routerOf } from "../engine/invoke/routes.ts";
import { WorkflowError } from "../errors.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import type { Plan, PlanExecutor } from "../wire/plan.ts";

/** Something a plan calls and a build does not have. */
export interface MissingPart {
  readonly workflow: string;
  readonly executorId: string;
  readonly reason: string;
}

/**
 * What a build lacks to finish a run of this plan. A run may be past it already; one that comes to it waits, and tries
 * again until a deployment brings it back (`EXECUTOR_NOT_DEPLOYED`).
 *
 * @param workflow - as the build has it; undefined when it has none of that name
 */
export function missingParts(plan: Plan, workflow: WorkflowNode | undefined): MissingPart[] {
  return plan.executors.flatMap((executor) => {
    const reason = workflow ? reasonOf(plan, executor, workflow) : "the workflow is not in the build";
    return reason === undefined ? [] : [{ workflow: plan.workflow, executorId: executor.id, reason }];
  });
}

function reasonOf(plan: Plan, { id, kind }: PlanExecutor, workflow: WorkflowNode): string | undefined {
  const node = workflow.nodes.get(id);
  if (!node) return `the ${kind} is not in the build`;
  if (node.kind !== kind) return `it was ${withArticle(kind)}, and is ${withArticle(node.kind)} in the build`;
  // Found the way the activity finds it, so that both agree.
  const router = routerOf(
    workflow,
    plan.edges.filter(({ from }) => from === id),
  );
  return router instanceof WorkflowError ? "the build lacks the condition of an edge that starts there" : undefined;
}

function withArticle(kind: PlanExecutor["kind"]): string {
  return kind === "executor" ? "an executor" : `a ${kind}`;
}

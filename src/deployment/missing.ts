import { hasCompensation, hasRetryCode } from "../engine/invoke/deployed-code.ts";
import { routerOf } from "../engine/invoke/routes.ts";
import { WorkflowError } from "../errors.ts";
import { nodeOf } from "../graph/nested.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import { framePath, placeOf, TOP } from "../wire/frame-path.ts";
import type { Plan, PlanExecutor, PlanGraph } from "../wire/plan.ts";

/** Something a plan calls and a build does not have. */
export interface MissingPart {
  readonly workflow: string;
  /** `Child~Inner` for one of a sub-workflow. */
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
  return missingIn(plan, plan, workflow, TOP);
}

/** @param frame - any one that works through the graph */
function missingIn(plan: Plan, graph: PlanGraph, workflow: WorkflowNode | undefined, frame: string): MissingPart[] {
  return graph.executors.flatMap((executor) => {
    const { id } = executor;
    const reason = workflow ? reasonOf(graph, executor, workflow) : "the workflow is not in the build";
    if (reason !== undefined) return [{ workflow: plan.workflow, executorId: placeOf(frame, id), reason }];
    const inner = plan.workflows?.find((one) => one.workflow === executor.workflow);
    const node = workflow && nodeOf(workflow, id);
    if (!inner || node?.kind !== "workflow") return [];
    return missingIn(plan, inner, node, framePath(frame, id, 1));
  });
}

function reasonOf(graph: PlanGraph, executor: PlanExecutor, workflow: WorkflowNode): string | undefined {
  const { id, kind, retry, compensates } = executor;
  const node = nodeOf(workflow, id);
  if (!node) return `the ${kind === "workflow" ? "sub-workflow" : kind} is not in the build`;
  if (node.kind !== kind) return `it was ${KINDS[kind]}, and is ${KINDS[node.kind]} in the build`;
  if (compensates && !hasCompensation(node)) return "its compensate is not in the build";
  if (retry?.asksCode && !hasRetryCode(node)) return "the function of its retryOn is not in the build";
  // Found the way the activity finds it, so that both agree.
  const router = routerOf(
    workflow,
    graph.edges.filter(({ from }) => from === id),
  );
  return router instanceof WorkflowError ? "the build lacks the condition of an edge that starts there" : undefined;
}

const KINDS = { executor: "an executor", port: "a port", workflow: "a sub-workflow" } as const;

import { checkDuplicateEdges, checkEdgeShapes, checkVertices } from "./checks/edges.ts";
import { checkForms } from "./checks/forms.ts";
import { checkExecutorIds, checkWorkflowName } from "./checks/names.ts";
import { checkNesting } from "./checks/nesting.ts";
import { checkOutputs } from "./checks/outputs.ts";
import { checkPlanSize } from "./checks/plan-size.ts";
import { checkPortTimeouts } from "./checks/port-timeouts.ts";
import { checkReach } from "./checks/reach.ts";
import { checkSettings } from "./checks/settings.ts";
import { checkStateKeys, stateKeysOf } from "./checks/state-keys.ts";
import { compilePlan, edgeCodeOf } from "./compile.ts";
import { type Draft, nodesOf } from "./draft.ts";
import { deepFreeze } from "./freeze.ts";
import type { WorkflowNode } from "./runtime.ts";

/** Checks a graph and compiles it: the work behind `WorkflowBuilder.build()`. */
export function buildWorkflow(draft: Draft, warn: (warning: string) => void): WorkflowNode {
  checkGraph(draft);
  const plan = compilePlan(draft);
  checkSettings(plan);
  checkPlanSize(plan, warn);
  return Object.freeze({
    kind: "workflow",
    id: draft.name,
    name: draft.name,
    description: draft.description,
    plan: deepFreeze(plan),
    nodes: new Map(nodesOf(draft).map((node) => [node.id, node])),
    edgeCode: edgeCodeOf(draft.edges),
  });
}

/** From what the others build on to what is read last: names are in every message. */
function checkGraph(draft: Draft): void {
  checkWorkflowName(draft.name);
  checkVertices(draft);
  const nodes = nodesOf(draft);
  checkExecutorIds(draft.name, nodes);
  checkNesting(draft);
  checkPortTimeouts(draft.name, nodes);
  checkEdgeShapes(draft);
  checkDuplicateEdges(draft);
  checkReach(draft);
  checkOutputs(draft);
  checkStateKeys(draft.name, stateKeysOf(nodes));
  checkForms(draft.start, nodes);
}

import type { RecordedPlan } from "../wire/recorded-plan.ts";
import { stateKeysOf } from "./checks/state-keys.ts";
import { placedNodes } from "./nested.ts";
import { schemaPlaces } from "./places.ts";
import type { GraphNode, WorkflowNode } from "./runtime.ts";
import { knownJsonSchemaOf } from "./schema.ts";

/** A workflow's plan with the schemas its fingerprints stand for, as it is kept in `plans/`. */
export function recordPlan(workflow: WorkflowNode): RecordedPlan {
  const inner = placedNodes(workflow).flatMap(({ node }) => (node.kind === "workflow" ? [node] : []));
  const workflows = Object.fromEntries(inner.map((node) => [node.name, schemasIn(node)]));
  return { format: 1, plan: workflow.plan, ...schemasIn(workflow), ...(inner.length > 0 && { workflows }) };
}

function schemasIn({ nodes }: WorkflowNode): Pick<RecordedPlan, "schemas" | "stateSchemas"> {
  const all = [...nodes.values()].filter((node) => node.kind !== "workflow");
  return {
    schemas: Object.fromEntries(all.map((node) => [node.id, schemasOf(node)])),
    stateSchemas: Object.fromEntries(
      stateKeysOf(all).map(({ name, schema }) => [name, knownJsonSchemaOf(schema, "output") ?? null]),
    ),
  };
}

/** `{workflow}/{fingerprint}.json`, below `plans/`. */
export function recordedPlanPath({ plan }: Pick<WorkflowNode, "plan">): string {
  return `${plan.workflow}/${plan.fingerprint}.json`;
}

function schemasOf(node: GraphNode): Record<string, unknown> {
  return Object.fromEntries(
    schemaPlaces(node).map(({ place, schema, side }) => [place, knownJsonSchemaOf(schema, side) ?? null]),
  );
}

import type { StandardSchemaV1 } from "@standard-schema/spec";
import { framePath, nodesOn, placeOf, TOP } from "../wire/frame-path.ts";
import type { GraphNode, PortNode, WorkflowNode } from "./runtime.ts";

/** A node of a workflow, or of a sub-workflow in it. */
export interface PlacedNode {
  /** `Inner` at the top, `Child~Inner` in a sub-workflow: the same in every frame. */
  readonly place: string;
  readonly node: GraphNode;
}

/** Every node of a workflow, those of a sub-workflow behind the node that stands for it. */
export function placedNodes({ nodes }: WorkflowNode, frame = TOP): PlacedNode[] {
  return [...nodes.values()].flatMap((node) => {
    const placed = { place: placeOf(frame, node.id), node };
    // Any frame of the sub-workflow will do: a place leaves out its number.
    return node.kind === "workflow" ? [placed, ...placedNodes(node, framePath(frame, node.id, 1))] : [placed];
  });
}

/** Every request port a run of this workflow may ask at, each once. */
export function portsOf(workflow: WorkflowNode): PortNode[] {
  const ports = placedNodes(workflow).flatMap(({ node }) => (node.kind === "port" ? [node] : []));
  return [...new Set(ports)];
}

/** What an id of the plan, or of an earlier one, stands for; undefined where the code has no such node. */
export function nodeOf({ nodes, former }: WorkflowNode, id: string): GraphNode | undefined {
  return nodes.get(id) ?? former?.get(id);
}

/** The workflow whose graph a frame works through; undefined where the code has no such sub-workflow. */
export function workflowAt(workflow: WorkflowNode, frame = TOP): WorkflowNode | undefined {
  return nodesOn(frame).reduce<WorkflowNode | undefined>((outer, id) => {
    const node = outer && nodeOf(outer, id);
    return node?.kind === "workflow" ? node : undefined;
  }, workflow);
}

/** What a node takes: the input of a sub-workflow is that of its start. */
export function inputOf(node: GraphNode): StandardSchemaV1 | undefined {
  if (node.kind === "port") return node.request;
  if (node.kind === "executor") return node.input;
  const start = node.nodes.get(node.plan.start);
  return start && inputOf(start);
}

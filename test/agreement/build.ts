import { z } from "zod";
import { buildWorkflow } from "../../src/graph/build.ts";
import type { DraftEdge } from "../../src/graph/draft.ts";
import { targetsOf } from "../../src/graph/draft.ts";
import { edgeForm } from "../../src/graph/edge-ids.ts";
import type { GraphNode, PortNode, WorkflowNode } from "../../src/graph/runtime.ts";
import type { AnyWorkflow } from "../../src/graph/workflow.ts";
import { defineRequestPort, withId } from "../../src/index.ts";
import type { Limits } from "../../src/wire/plan.ts";
import type { DrawnEdge, DrawnGraph, DrawnPort, DrawnRun, DrawnVertex } from "./drawn-run.ts";
import { conditionOf, executorOf, message, selectorOf } from "./user-code.ts";
import type { Work } from "./work.ts";

/** The workflow of a drawn run, with code of its own for each time it is run. */
export function buildDrawn(drawn: DrawnRun, work: Work): WorkflowNode {
  return buildGraph("Drawn", drawn, { seed: drawn.seed, work, limits: limitsOf(drawn) });
}

interface Around {
  readonly seed: number;
  readonly work: Work;
  readonly limits: Limits;
}

function buildGraph(name: string, drawn: DrawnGraph, around: Around): WorkflowNode {
  const nodes = nodesOf(name, drawn, around, (node) => targetsFrom(node));
  const edges = edgesOf(name, drawn, nodes, around.seed);
  const targetsFrom = (node: GraphNode) =>
    edges.filter((edge) => edge.kind !== "error" && sources(edge).includes(node)).flatMap(targetsOf);
  const [start] = nodes;
  if (!start) throw new Error("A drawn graph has at least one executor.");
  const draft = { name, start, description: undefined, edges, outputs: outputsOf(drawn, nodes) };
  return buildWorkflow({ ...draft, limits: around.limits, timeoutMs: drawn.timeoutMs }, () => {});
}

function limitsOf({ maxSupersteps, maxCallsPerSuperstep, maxStateChars = 512 * 1024 }: DrawnRun): Limits {
  return { maxSupersteps, maxCallsPerSuperstep, maxStateChars };
}

function nodesOf(
  name: string,
  { vertices, keeps = false }: DrawnGraph,
  around: Around,
  targetsFrom: (node: GraphNode) => readonly GraphNode[],
): GraphNode[] {
  const nodes: GraphNode[] = [];
  const nodeOf = (vertex: DrawnVertex, index: number): GraphNode => {
    const id = idOf(index);
    if (vertex.kind === "port") return portOf(id, vertex, vertices.length, nodes);
    if (vertex.kind === "workflow") {
      const nested = buildGraph(`${name}_${index}`, vertex.graph, around);
      return withId(id, nested as unknown as AnyWorkflow) as unknown as WorkflowNode;
    }
    return executorOf(id, vertex, { ...around, keeps, targets: () => targetsFrom(nodes[index] as GraphNode) });
  };
  // Later ones first: an escalation goes to a port that is defined already.
  for (let index = vertices.length - 1; index >= 0; index--) {
    nodes[index] = nodeOf(vertices[index] as DrawnVertex, index);
  }
  return nodes;
}

function idOf(index: number): string {
  return `V${index}`;
}

function portOf(id: string, { sends, timeout }: DrawnPort, count: number, later: readonly GraphNode[]): GraphNode {
  const seen = new Set<number>();
  const isRight = ({ tag, refuse }: { tag: number; refuse?: boolean | undefined }) => {
    if (!refuse || !seen.has(tag)) {
      seen.add(tag);
      return true;
    }
    return false;
  };
  const response = message.extend({ refuse: z.boolean().optional() }).refine(isRight, "no longer right");
  return defineRequestPort({
    id,
    request: z.unknown(),
    response,
    sends,
    ...(timeout && { timeout: timeoutOf(timeout, count, later) }),
    // The types of a drawn port are whatever was drawn.
  } as never) as unknown as GraphNode;
}

function timeoutOf(timeout: NonNullable<DrawnPort["timeout"]>, count: number, later: readonly GraphNode[]): object {
  const { afterMs } = timeout;
  if (timeout.followedBy === "response") return { afterMs, respondWith: { fuel: 2, tag: 0 } };
  const next = timeout.followedBy === "escalation" ? later[timeout.to % count] : undefined;
  return next?.kind === "port" ? { afterMs, escalateTo: next as PortNode } : { afterMs };
}

/** The ways in first, then the other edges, without what the builder would refuse: a second edge the same way. */
function edgesOf(
  name: string,
  { vertices, edges }: DrawnGraph,
  nodes: readonly GraphNode[],
  seed: number,
): DraftEdge[] {
  const waysIn = vertices.flatMap((vertex, index) => (index === 0 ? [] : [wayIn(vertex, index)]));
  const kept: DraftEdge[] = [];
  const taken = new Set<string>();
  for (const edge of [...waysIn, ...edges].map((one) => draftOf(one, nodes, { seed, name }))) {
    const ways = waysOf(edge);
    if (ways.some((way) => taken.has(way))) continue;
    for (const way of ways) taken.add(way);
    kept.push(edge);
  }
  return kept;
}

function wayIn({ parent, via }: DrawnVertex, index: number): DrawnEdge {
  const from = parent % index;
  switch (via) {
    case "direct":
      return { kind: "direct", from, to: index, isConditional: false };
    case "conditional":
      return { kind: "direct", from, to: index, isConditional: true };
    case "switch":
      return { kind: "switch", from, cases: [index], default: null };
    case "fanOut":
      return { kind: "fanOut", from, to: [index], isSelective: false };
    case "error":
      return { kind: "error", from, to: index };
  }
}

function draftOf(
  edge: DrawnEdge,
  nodes: readonly GraphNode[],
  { seed, name }: { readonly seed: number; readonly name: string },
): DraftEdge {
  const at = (index: number) => nodes[index % nodes.length] as GraphNode;
  const all = (indexes: readonly number[]) => [...new Set(indexes.map(at))];
  const label = undefined;
  switch (edge.kind) {
    case "direct": {
      const [from, to] = [at(edge.from), at(edge.to)];
      const when = edge.isConditional ? conditionOf(seed, `${name} ${from.id}?${to.id}`) : undefined;
      return { kind: "direct", from, to, when, label };
    }
    case "switch": {
      const from = at(edge.from);
      const cases = edge.cases.map((index, place) => {
        const to = at(index);
        return { when: conditionOf(seed, `${name} ${from.id}?${place}?${to.id}`, 0.4), to, label };
      });
      return { kind: "switch", from, cases, default: edge.default === null ? null : at(edge.default) };
    }
    case "fanOut": {
      const [from, to] = [at(edge.from), all(edge.to)];
      const select = edge.isSelective
        ? selectorOf(seed, `${name} ${from.id}<${to.map(({ id }) => id)}`, to)
        : undefined;
      return { kind: "fanOut", from, to, select, label };
    }
    case "fanIn":
      return { kind: "fanIn", from: all(edge.from), to: at(edge.to), allowMissing: edge.allowMissing, label };
    case "map": {
      const { policy, concurrency } = edge;
      return { kind: "map", from: at(edge.from), each: at(edge.each), to: at(edge.to), policy, concurrency, label };
    }
    case "error":
      return { kind: "error", from: at(edge.from), to: at(edge.to), label };
  }
}

function waysOf(edge: DraftEdge): string[] {
  if (edge.kind === "direct" && !edge.when) return [`${edge.from.id}->${edge.to.id}`];
  if (edge.kind === "fanOut" && !edge.select) return edge.to.map((to) => `${edge.from.id}->${to.id}`);
  return [edgeForm(edge)];
}

function sources(edge: DraftEdge): readonly GraphNode[] {
  return edge.kind === "fanIn" ? edge.from : [edge.from];
}

/** Whoever yields has to be among the outputs, where these are named. */
function outputsOf({ outputs, vertices }: DrawnGraph, nodes: readonly GraphNode[]): GraphNode[] | undefined {
  if (!outputs || outputs.length === 0) return undefined;
  const named = outputs.map((index) => index % nodes.length);
  const yielding = vertices.flatMap((vertex, index) => (vertex.kind === "executor" && vertex.yields ? [index] : []));
  return [...new Set([...named, ...yielding])].map((index) => nodes[index] as GraphNode);
}

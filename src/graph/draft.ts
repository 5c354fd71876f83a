import type { Limits, MapPolicy } from "../wire/plan.ts";
import type { GraphNode } from "./runtime.ts";

/** User code of an edge: a condition or a selector. */
export type EdgeFunction = (message: unknown) => unknown;

/** What the builder has gathered of one edge: the definitions themselves, before anything is checked. */
export type DraftEdge = DraftDirect | DraftSwitch | DraftFanOut | DraftFanIn | DraftMap | DraftError;

type Label = string | undefined;

export interface DraftDirect {
  readonly kind: "direct";
  readonly from: GraphNode;
  readonly to: GraphNode;
  readonly when: EdgeFunction | undefined;
  readonly label: Label;
}

export interface DraftCase {
  readonly when: EdgeFunction;
  readonly to: GraphNode;
  readonly label: Label;
}

export interface DraftSwitch {
  readonly kind: "switch";
  readonly from: GraphNode;
  readonly cases: readonly DraftCase[];
  readonly default: GraphNode | null;
}

export interface DraftFanOut {
  readonly kind: "fanOut";
  readonly from: GraphNode;
  readonly to: readonly GraphNode[];
  readonly select: EdgeFunction | undefined;
  readonly label: Label;
}

export interface DraftFanIn {
  readonly kind: "fanIn";
  readonly from: readonly GraphNode[];
  readonly to: GraphNode;
  readonly allowMissing: boolean;
  readonly label: Label;
}

export interface DraftMap {
  readonly kind: "map";
  readonly from: GraphNode;
  readonly each: GraphNode;
  readonly to: GraphNode;
  readonly policy: MapPolicy;
  readonly concurrency: number | undefined;
  readonly label: Label;
}

export interface DraftError {
  readonly kind: "error";
  readonly from: GraphNode;
  readonly to: GraphNode;
  readonly label: Label;
}

/** A graph as it was written down. */
export interface Draft {
  readonly name: string;
  readonly start: GraphNode;
  readonly description: string | undefined;
  readonly edges: readonly DraftEdge[];
  /** Undefined without `withOutputFrom`: then executors with no outgoing edge give the outputs. */
  readonly outputs: readonly GraphNode[] | undefined;
  readonly limits: Limits;
  readonly timeoutMs: number | undefined;
}

/** Those whose messages go along an edge, or come to its end by it. */
export function sourcesOf(edge: DraftEdge): readonly GraphNode[] {
  if (edge.kind === "map") return [edge.from, edge.each];
  return edge.kind === "fanIn" ? edge.from : [edge.from];
}

export function targetsOf(edge: DraftEdge): readonly GraphNode[] {
  if (edge.kind === "map") return [edge.each, edge.to];
  if (edge.kind === "switch") return [...edge.cases.map(({ to }) => to), ...(edge.default ? [edge.default] : [])];
  return edge.kind === "fanOut" ? edge.to : [edge.to];
}

/** The port that is asked when nobody answers at this one. */
export function escalationOf(node: GraphNode): readonly GraphNode[] {
  const next = node.kind === "port" ? node.timeout?.escalateTo : undefined;
  return next ? [next] : [];
}

/** Every executor and port once, in the order of first mention: the order of calls within a superstep. */
export function nodesOf(draft: Draft): GraphNode[] {
  const nodes = new Set([draft.start, ...draft.edges.flatMap((edge) => [...sourcesOf(edge), ...targetsOf(edge)])]);
  // A set is iterated in the order of insertion, and what is added on the way comes up as well.
  for (const node of nodes) for (const next of escalationOf(node)) nodes.add(next);
  return [...nodes];
}

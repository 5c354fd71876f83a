import { framePath, nodesOn, placeOf, TOP } from "../wire/frame-path.ts";
import type { ErrorEdge, FanInEdge, MapEdge, Plan, PlanEdge, PlanExecutor, PlanGraph } from "../wire/plan.ts";

/** The graph of a workflow or sub-workflow, arranged for looking things up. */
export interface PlanIndex {
  readonly graph: PlanGraph;
  readonly executors: ReadonlyMap<string, PlanExecutor>;
  /** Place of each executor in the graph: the order of calls within a superstep. */
  readonly order: ReadonlyMap<string, number>;
  /** Edges for what an executor sends, in the order of the plan; a fan-in is an edge of each of its sources. */
  readonly outgoing: ReadonlyMap<string, PlanEdge[]>;
  /** Error edges by the executor whose failures they carry. */
  readonly errorEdges: ReadonlyMap<string, readonly ErrorEdge[]>;
  readonly fanIns: ReadonlyMap<string, FanInEdge>;
  readonly maps: ReadonlyMap<string, MapEdge>;
  readonly outputs: ReadonlySet<string>;
  /** State keys that outlive a call of this graph as a sub-workflow. */
  readonly keptKeys: ReadonlySet<string>;
}

const indexes = new WeakMap<PlanGraph, PlanIndex>();

/** The index of a graph; made once for each plan object. */
export function indexPlan(graph: PlanGraph): PlanIndex {
  const known = indexes.get(graph);
  if (known) return known;
  const index = makeIndex(graph);
  indexes.set(graph, index);
  return index;
}

function makeIndex(graph: PlanGraph): PlanIndex {
  const { executors, edges, outputs } = graph;
  const outgoing = new Map<string, PlanEdge[]>(executors.map(({ id }) => [id, []]));
  const errorEdges = new Map<string, ErrorEdge[]>();
  for (const edge of edges) {
    if (edge.kind === "error") {
      errorEdges.set(edge.from, [...(errorEdges.get(edge.from) ?? []), edge]);
      continue;
    }
    const sources = edge.kind === "fanIn" ? new Set(edge.from) : [edge.from];
    for (const source of sources) outgoing.get(source)?.push(edge);
  }
  return {
    graph,
    executors: new Map(executors.map((executor) => [executor.id, executor])),
    order: new Map(executors.map(({ id }, place) => [id, place])),
    outgoing,
    errorEdges,
    fanIns: new Map(edges.filter((edge) => edge.kind === "fanIn").map((edge) => [edge.id, edge])),
    maps: new Map(edges.filter((edge) => edge.kind === "map").map((edge) => [edge.id, edge])),
    outputs: new Set(outputs),
    keptKeys: new Set(graph.state.flatMap(({ name, isKept }) => (isKept ? [name] : []))),
  };
}

/** The graph that a node of kind `workflow` stands for. */
function subGraphOf({ workflows = [] }: Plan, node: PlanExecutor | undefined): PlanGraph | undefined {
  return workflows.find(({ workflow }) => workflow === node?.workflow);
}

/** The index of the graph that a frame works through. It need not be open: its path says which graph that is. */
export function indexAt(plan: Plan, frame: string): PlanIndex {
  let index = indexPlan(plan);
  for (const node of nodesOn(frame)) {
    const graph = subGraphOf(plan, index.executors.get(node));
    if (!graph) throw new TypeError(`The plan of "${plan.workflow}" has no sub-workflow for frame "${frame}".`);
    index = indexPlan(graph);
  }
  return index;
}

const orders = new WeakMap<Plan, Map<string, readonly number[]>>();

/** Where an executor stands in the order of the plan: a sub-workflow stands where its node does. */
export function orderOf(plan: Plan, frame: string, executorId: string): readonly number[] {
  const known = orders.get(plan) ?? new Map<string, readonly number[]>();
  orders.set(plan, known);
  const place = placeOf(frame, executorId);
  const order = known.get(place) ?? makeOrder(plan, [...nodesOn(frame), executorId]);
  known.set(place, order);
  return order;
}

function makeOrder(plan: Plan, [id = "", ...inner]: readonly string[], graph: PlanGraph = plan): number[] {
  const { order, executors } = indexPlan(graph);
  const first = order.get(id) ?? 0;
  const next = subGraphOf(plan, executors.get(id));
  return next && inner.length > 0 ? [first, ...makeOrder(plan, inner, next)] : [first];
}

/** Below zero when the first comes before the other one. */
export function compareOrders(one: readonly number[], other: readonly number[]): number {
  const differing = one.findIndex((place, depth) => place !== other[depth]);
  return differing < 0 ? one.length - other.length : (one[differing] ?? 0) - (other[differing] ?? -1);
}

/** The place of every executor of a plan, in its order; those of a sub-workflow behind its node. */
export function placesOf(plan: Plan, graph: PlanGraph = plan, frame = TOP): string[] {
  return graph.executors.flatMap((node) => {
    const inner = subGraphOf(plan, node);
    const place = placeOf(frame, node.id);
    // Any frame of the sub-workflow will do: a place leaves out its number.
    return inner ? [place, ...placesOf(plan, inner, framePath(frame, node.id, 1))] : [place];
  });
}

/** Levels of sub-workflows below a graph: 0 for one without any; at most one more than asked for. */
export function depthOf(plan: Plan, most: number, graph: PlanGraph = plan): number {
  const inner = graph.executors.flatMap((node) => subGraphOf(plan, node) ?? []);
  if (inner.length === 0 || most < 0) return 0;
  return 1 + Math.max(...[...new Set(inner)].map((one) => depthOf(plan, most - 1, one)));
}

/** Every executor to which an edge may carry a message. */
export function targetsOf(edge: PlanEdge): readonly string[] {
  switch (edge.kind) {
    case "direct":
    case "fanIn":
    case "error":
      return [edge.to];
    case "fanOut":
      return edge.to;
    case "map":
      return [edge.each];
    case "switch": {
      const cases = edge.cases.map(({ to }) => to);
      return edge.default === null ? cases : [...cases, edge.default];
    }
  }
}

/** Every executor that is called in the end because of a message on an edge. */
export function reachedBy(edge: PlanEdge): readonly string[] {
  return edge.kind === "map" ? [edge.each, edge.to] : targetsOf(edge);
}

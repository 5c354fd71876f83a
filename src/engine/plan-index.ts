import type { ErrorEdge, FanInEdge, Plan, PlanEdge, PlanExecutor } from "../wire/plan.ts";

/** A plan, arranged for looking things up. */
export interface PlanIndex {
  readonly executors: ReadonlyMap<string, PlanExecutor>;
  /** Place of each executor in the plan: the order of calls within a superstep. */
  readonly order: ReadonlyMap<string, number>;
  /** Edges for what an executor sends, in the order of the plan; a fan-in is an edge of each of its sources. */
  readonly outgoing: ReadonlyMap<string, PlanEdge[]>;
  /** Error edges by the executor whose failures they carry. */
  readonly errorEdges: ReadonlyMap<string, readonly ErrorEdge[]>;
  readonly fanIns: ReadonlyMap<string, FanInEdge>;
  readonly outputs: ReadonlySet<string>;
}

const indexes = new WeakMap<Plan, PlanIndex>();

/** The index of a plan; made once for each plan object. */
export function indexPlan(plan: Plan): PlanIndex {
  const known = indexes.get(plan);
  if (known) return known;
  const index = makeIndex(plan);
  indexes.set(plan, index);
  return index;
}

function makeIndex(plan: Plan): PlanIndex {
  const outgoing = new Map<string, PlanEdge[]>(plan.executors.map(({ id }) => [id, []]));
  const errorEdges = new Map<string, ErrorEdge[]>();
  for (const edge of plan.edges) {
    if (edge.kind === "error") {
      errorEdges.set(edge.from, [...(errorEdges.get(edge.from) ?? []), edge]);
      continue;
    }
    const sources = edge.kind === "fanIn" ? new Set(edge.from) : [edge.from];
    for (const source of sources) outgoing.get(source)?.push(edge);
  }
  return {
    executors: new Map(plan.executors.map((executor) => [executor.id, executor])),
    order: new Map(plan.executors.map(({ id }, place) => [id, place])),
    outgoing,
    errorEdges,
    fanIns: new Map(plan.edges.filter((edge) => edge.kind === "fanIn").map((edge) => [edge.id, edge])),
    outputs: new Set(plan.outputs),
  };
}

/** Every executor an edge may lead to. */
export function targetsOf(edge: PlanEdge): readonly string[] {
  switch (edge.kind) {
    case "direct":
    case "fanIn":
    case "error":
      return [edge.to];
    case "fanOut":
      return edge.to;
    case "switch": {
      const cases = edge.cases.map(({ to }) => to);
      return edge.default === null ? cases : [...cases, edge.default];
    }
  }
}

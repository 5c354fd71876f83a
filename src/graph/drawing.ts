import type { Plan, PlanEdge, PlanExecutor, PlanGraph } from "../wire/plan.ts";
import type { WorkflowNode } from "./runtime.ts";

/** A plan as a picture: what there is to draw, in the order of the plan, whatever the language it is written in. */
export interface Drawing {
  readonly vertices: readonly (Vertex | Cluster)[];
  readonly lines: readonly (Join | Arrow)[];
}

export interface Vertex {
  readonly kind: "vertex";
  /** Languages have words of their own (`end`, `graph`), so vertices get names that none of them is: `n0`, `n1` … */
  readonly name: string;
  readonly id: string;
  readonly shape: "start" | "executor" | "output" | "port";
}

/** A sub-workflow: arrows lead to its start, and from its outputs. */
export interface Cluster {
  readonly kind: "cluster";
  readonly name: string;
  readonly id: string;
  readonly drawing: Drawing;
}

/** The point where the sources of a fan-in meet. */
interface Join {
  readonly kind: "join";
  readonly name: string;
}

/** From one name to another. */
export interface Arrow {
  readonly kind: "arrow";
  readonly from: string;
  readonly to: string;
  /** `some`: not every message goes along it; `items`: the items of a list do, one by one, or what became of them as a list. */
  readonly takes: "all" | "some" | "items";
  /** Left out where there is nothing to read. */
  readonly label?: string;
}

export function drawingOf(workflow: WorkflowNode | Plan): Drawing {
  const plan = "plan" in workflow ? workflow.plan : workflow;
  return graphDrawing(new Names(plan), plan, "");
}

function graphDrawing(names: Names, graph: PlanGraph, prefix: string): Drawing {
  const vertices = graph.executors.map(({ id }): Vertex | Cluster => {
    const name = names.nameOf(graph, prefix, id);
    const inner = names.subGraph(graph, id);
    if (inner) return { kind: "cluster", name, id, drawing: graphDrawing(names, inner, `${name}_`) };
    return { kind: "vertex", name, id, shape: shapeOf(graph, id) };
  });
  const ends = {
    into: (id: string) => names.into(graph, prefix, id),
    from: (id: string) => names.from(graph, prefix, id),
  };
  const joins = graph.edges.filter(({ kind }) => kind === "fanIn");
  const edges = graph.edges.flatMap((edge) => linesOf(edge, ends, `${prefix}join${joins.indexOf(edge)}`));
  return { vertices, lines: [...edges, ...graph.executors.flatMap((executor) => escalationOf(executor, ends))] };
}

/** Where an arrow to an executor ends, and where those from it begin: a sub-workflow has its start for that, and its outputs. */
interface Ends {
  into(id: string): string;
  from(id: string): readonly string[];
}

class Names {
  readonly #plan: Plan;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  nameOf({ executors }: PlanGraph, prefix: string, id: string): string {
    return `${prefix}n${executors.findIndex((executor) => executor.id === id)}`;
  }

  subGraph({ executors }: PlanGraph, id: string): PlanGraph | undefined {
    const name = executors.find((executor) => executor.id === id)?.workflow;
    return this.#plan.workflows?.find(({ workflow }) => workflow === name);
  }

  into(graph: PlanGraph, prefix: string, id: string): string {
    const name = this.nameOf(graph, prefix, id);
    const inner = this.subGraph(graph, id);
    return inner ? this.into(inner, `${name}_`, inner.start) : name;
  }

  from(graph: PlanGraph, prefix: string, id: string): readonly string[] {
    const name = this.nameOf(graph, prefix, id);
    const inner = this.subGraph(graph, id);
    if (!inner) return [name];
    const outputs = inner.outputs.length > 0 ? inner.outputs : [inner.start];
    return outputs.flatMap((output) => this.from(inner, `${name}_`, output));
  }
}

/** A port whose request goes to another one when nobody answers. */
function escalationOf({ id, requestTimeout }: PlanExecutor, ends: Ends): Arrow[] {
  const next = requestTimeout?.escalateTo;
  return next === undefined ? [] : arrows(ends, id, next, "some", "timeout");
}

function arrows(ends: Ends, from: string, to: string, takes: Arrow["takes"], label?: string): Arrow[] {
  return ends.from(from).map((name) => arrow(name, ends.into(to), takes, label));
}

function arrow(from: string, to: string, takes: Arrow["takes"], label?: string): Arrow {
  const shown = label === undefined || label.trim() === "" ? {} : { label };
  return { kind: "arrow", from, to, takes, ...shown };
}

function shapeOf(graph: PlanGraph, id: string): Vertex["shape"] {
  if (graph.executors.some((executor) => executor.id === id && executor.kind === "port")) return "port";
  if (graph.outputs.includes(id)) return "output";
  return id === graph.start ? "start" : "executor";
}

function linesOf(edge: PlanEdge, ends: Ends, join: string): (Join | Arrow)[] {
  switch (edge.kind) {
    case "direct":
      return arrows(ends, edge.from, edge.to, edge.isConditional ? "some" : "all", edge.label);
    case "switch": {
      const cases = edge.cases.flatMap(({ to, label }, index) =>
        arrows(ends, edge.from, to, "some", label ?? `case ${index + 1}`),
      );
      return edge.default === null ? cases : [...cases, ...arrows(ends, edge.from, edge.default, "some", "default")];
    }
    case "fanOut":
      return edge.to.flatMap((to) => arrows(ends, edge.from, to, edge.isSelective ? "some" : "all", edge.label));
    case "map": {
      const each = edge.label ?? (edge.concurrency === undefined ? "each" : `each, ${edge.concurrency} at a time`);
      const list = typeof edge.policy === "object" ? `at least ${edge.policy.atLeast}` : edge.policy;
      return [...arrows(ends, edge.from, edge.each, "items", each), ...arrows(ends, edge.each, edge.to, "items", list)];
    }
    case "error":
      return arrows(ends, edge.from, edge.to, "some", edge.label ?? "error");
    case "fanIn":
      return [
        { kind: "join", name: join },
        ...edge.from.flatMap((from) => ends.from(from).map((name) => arrow(name, join, "all"))),
        arrow(join, ends.into(edge.to), "all", edge.label),
      ];
  }
}

import type { Plan, PlanEdge, PlanExecutor } from "../wire/plan.ts";
import type { WorkflowNode } from "./runtime.ts";

/** A plan as a picture: what there is to draw, in the order of the plan, whatever the language it is written in. */
export interface Drawing {
  readonly vertices: readonly Vertex[];
  readonly lines: readonly (Join | Arrow)[];
}

interface Vertex {
  /** Languages have words of their own (`end`, `graph`), so vertices get names that none of them is: `n0`, `n1` … */
  readonly name: string;
  readonly id: string;
  readonly shape: "start" | "executor" | "output" | "port";
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
  /** Not every message goes along it. */
  readonly isConditional: boolean;
  /** Left out where there is nothing to read. */
  readonly label?: string;
}

export function drawingOf(workflow: WorkflowNode | Plan): Drawing {
  const plan = "plan" in workflow ? workflow.plan : workflow;
  const names = new Map(plan.executors.map(({ id }, index) => [id, `n${index}`]));
  const nameOf = (id: string) => names.get(id) ?? id;
  const vertices = plan.executors.map(({ id }) => ({ name: nameOf(id), id, shape: shapeOf(plan, id) }));
  const joins = plan.edges.filter(({ kind }) => kind === "fanIn");
  const edges = plan.edges.flatMap((edge) => linesOf(edge, nameOf, `join${joins.indexOf(edge)}`));
  return { vertices, lines: [...edges, ...plan.executors.flatMap((executor) => escalationOf(executor, nameOf))] };
}

/** A port whose request goes to another one when nobody answers. */
function escalationOf({ id, requestTimeout }: PlanExecutor, nameOf: (id: string) => string): Arrow[] {
  const next = requestTimeout?.escalateTo;
  return next === undefined ? [] : [arrow(nameOf(id), nameOf(next), true, "timeout")];
}

function arrow(from: string, to: string, isConditional: boolean, label?: string): Arrow {
  const shown = label === undefined || label.trim() === "" ? {} : { label };
  return { kind: "arrow", from, to, isConditional, ...shown };
}

function shapeOf(plan: Plan, id: string): Vertex["shape"] {
  if (plan.executors.some((executor) => executor.id === id && executor.kind === "port")) return "port";
  if (plan.outputs.includes(id)) return "output";
  return id === plan.start ? "start" : "executor";
}

function linesOf(edge: PlanEdge, nameOf: (id: string) => string, join: string): (Join | Arrow)[] {
  switch (edge.kind) {
    case "direct":
      return [arrow(nameOf(edge.from), nameOf(edge.to), edge.isConditional, edge.label)];
    case "switch": {
      const from = nameOf(edge.from);
      const cases = edge.cases.map(({ to, label }, index) =>
        arrow(from, nameOf(to), true, label ?? `case ${index + 1}`),
      );
      return edge.default === null ? cases : [...cases, arrow(from, nameOf(edge.default), true, "default")];
    }
    case "fanOut":
      return edge.to.map((to) => arrow(nameOf(edge.from), nameOf(to), edge.isSelective, edge.label));
    case "error":
      return [arrow(nameOf(edge.from), nameOf(edge.to), true, edge.label ?? "error")];
    case "fanIn":
      return [
        { kind: "join", name: join },
        ...edge.from.map((from) => arrow(nameOf(from), join, false)),
        arrow(join, nameOf(edge.to), false, edge.label),
      ];
  }
}

import type { Plan, PlanEdge, PlanExecutor } from "../wire/plan.ts";
import type { WorkflowNode } from "./runtime.ts";

/**
 * Draws a workflow as Mermaid flowchart text. Ports are hexagons, output executors have a double border, the start has a
 * round end; conditional edges, error edges and escalations are dotted, and a fan-in goes through a small circle.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function toMermaid(workflow: WorkflowNode | Plan): string {
  const plan = "plan" in workflow ? workflow.plan : workflow;
  const drawing: Drawing = { names: namesOf(plan), joins: 0 };
  const lines = [
    "flowchart TD",
    ...plan.executors.map((executor) => `  ${vertex(plan, executor.id, nameOf(drawing, executor.id))}`),
    ...plan.edges.flatMap((edge) => edgeLines(edge, drawing)).map((line) => `  ${line}`),
    ...plan.executors.flatMap((executor) => escalationLines(executor, drawing)).map((line) => `  ${line}`),
  ];
  return `${lines.join("\n")}\n`;
}

interface Drawing {
  /** Mermaid has words of its own (`end`, `graph`), so vertices get names that none of them is. */
  readonly names: ReadonlyMap<string, string>;
  joins: number;
}

function namesOf(plan: Plan): ReadonlyMap<string, string> {
  return new Map(plan.executors.map(({ id }, index) => [id, `n${index}`]));
}

function nameOf({ names }: Drawing, id: string): string {
  return names.get(id) ?? id;
}

function vertex(plan: Plan, id: string, name: string): string {
  const isPort = plan.executors.some((executor) => executor.id === id && executor.kind === "port");
  if (isPort) return `${name}{{${quoted(id)}}}`;
  if (plan.outputs.includes(id)) return `${name}[[${quoted(id)}]]`;
  return id === plan.start ? `${name}([${quoted(id)}])` : `${name}[${quoted(id)}]`;
}

function edgeLines(edge: PlanEdge, drawing: Drawing): string[] {
  switch (edge.kind) {
    case "direct":
      return [arrow(drawing, edge.from, edge.to, edge.isConditional, edge.label)];
    case "switch":
      return [
        ...edge.cases.map(({ to, label }, index) => arrow(drawing, edge.from, to, true, label ?? `case ${index + 1}`)),
        ...(edge.default === null ? [] : [arrow(drawing, edge.from, edge.default, true, "default")]),
      ];
    case "fanOut":
      return edge.to.map((to) => arrow(drawing, edge.from, to, edge.isSelective, edge.label));
    case "error":
      return [arrow(drawing, edge.from, edge.to, true, edge.label ?? "error")];
    case "fanIn": {
      const join = `join${drawing.joins++}`;
      return [
        `${join}((" "))`,
        ...edge.from.map((from) => `${nameOf(drawing, from)} --> ${join}`),
        `${join} -->${labelText(edge.label)} ${nameOf(drawing, edge.to)}`,
      ];
    }
  }
}

function escalationLines({ id, requestTimeout }: PlanExecutor, drawing: Drawing): string[] {
  const next = requestTimeout?.escalateTo;
  return next === undefined ? [] : [arrow(drawing, id, next, true, "timeout")];
}

function arrow(drawing: Drawing, from: string, to: string, isDotted: boolean, label?: string): string {
  return `${nameOf(drawing, from)} ${isDotted ? "-.->" : "-->"}${labelText(label)} ${nameOf(drawing, to)}`;
}

function labelText(label: string | undefined): string {
  // Mermaid has no empty label.
  return label === undefined || label.trim() === "" ? "" : `|${quoted(label)}|`;
}

/**
 * Quoted text of Mermaid: characters that end it, or that it would read as Markdown (also `1. ` and `- `, which begin a list), HTML
 * or an entity, are written as entities.
 */
function quoted(text: string): string {
  const safe = text.replace(/[^\p{L}\p{N} .,:;=!?+()'_-]|[.+-](?= )/gu, (character) => `#${character.codePointAt(0)};`);
  return `"${safe}"`;
}

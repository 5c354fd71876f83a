import type { Plan } from "../wire/plan.ts";
import { type Arrow, type Drawing, drawingOf } from "./drawing.ts";
import type { WorkflowNode } from "./runtime.ts";

const SHAPES: Readonly<Record<Drawing["vertices"][number]["shape"], string>> = {
  executor: "shape=box",
  start: 'shape=box, style="rounded"',
  output: "shape=box, peripheries=2",
  port: "shape=hexagon",
};

/**
 * Draws a workflow as text in the DOT language of Graphviz. Ports are hexagons, output executors have a double border, the
 * start has round corners; conditional edges, error edges and escalations are dashed, and a fan-in goes through a small circle.
 *
 * @see https://graphviz.org/doc/info/lang.html
 */
export function toDot(workflow: WorkflowNode | Plan): string {
  const { vertices, lines } = drawingOf(workflow);
  const name = "plan" in workflow ? workflow.name : workflow.workflow;
  const drawn = [
    ...vertices.map((vertex) => `${vertex.name} [label=${quoted(vertex.id)}, ${SHAPES[vertex.shape]}];`),
    ...lines.map((line) =>
      line.kind === "join" ? `${line.name} [label="", shape=circle, width=0.15];` : arrowText(line),
    ),
  ];
  return `digraph ${quoted(name)} {\n${drawn.map((line) => `  ${line}\n`).join("")}}\n`;
}

function arrowText({ from, to, isConditional, label }: Arrow): string {
  const attributes = [
    ...(isConditional ? ["style=dashed"] : []),
    ...(label === undefined ? [] : [`label=${quoted(label)}`]),
  ];
  return `${from} -> ${to}${attributes.length === 0 ? "" : ` [${attributes.join(", ")}]`};`;
}

/**
 * A quoted text of DOT. A backslash would begin an escape (`\N` is the name of the vertex), and `&` an HTML entity, which
 * Graphviz reads in plain labels too.
 */
function quoted(text: string): string {
  const safe = text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("&", "&amp;")
    .replace(/\r\n|\r|\n/g, "\\n")
    .replace(/\p{Cc}/gu, " ");
  return `"${safe}"`;
}

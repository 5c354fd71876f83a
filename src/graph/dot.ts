import type { Plan } from "../wire/plan.ts";
import { type Arrow, type Drawing, drawingOf, type Vertex } from "./drawing.ts";
import type { WorkflowNode } from "./runtime.ts";

const SHAPES: Readonly<Record<Vertex["shape"], string>> = {
  executor: "shape=box",
  start: 'shape=box, style="rounded"',
  output: "shape=box, peripheries=2",
  port: "shape=hexagon",
};

/**
 * Draws a workflow as text in the DOT language of Graphviz. Ports are hexagons, output executors have a double border, the
 * start has round corners; conditional edges, error edges and escalations are dashed, a fan-in goes through a small circle, the
 * edges of a map are bold, and a sub-workflow is a cluster.
 *
 * @see https://graphviz.org/doc/info/lang.html
 */
export function toDot(workflow: WorkflowNode | Plan): string {
  const name = "plan" in workflow ? workflow.name : workflow.workflow;
  return `digraph ${quoted(name)} {\n${linesOf(drawingOf(workflow), "  ").join("")}}\n`;
}

function linesOf({ vertices, lines }: Drawing, indent: string): string[] {
  return [
    ...vertices.flatMap((one) =>
      one.kind === "vertex"
        ? [`${indent}${one.name} [label=${quoted(one.id)}, ${SHAPES[one.shape]}];\n`]
        : [
            `${indent}subgraph cluster_${one.name} {\n`,
            `${indent}  label=${quoted(one.id)};\n`,
            ...linesOf(one.drawing, `${indent}  `),
            `${indent}}\n`,
          ],
    ),
    ...lines.map((line) =>
      line.kind === "join"
        ? `${indent}${line.name} [label="", shape=circle, width=0.15];\n`
        : `${indent}${arrowText(line)}\n`,
    ),
  ];
}

const STYLES: Readonly<Record<Arrow["takes"], readonly string[]>> = {
  all: [],
  some: ["style=dashed"],
  items: ["style=bold"],
};

function arrowText({ from, to, takes, label }: Arrow): string {
  const attributes = [...STYLES[takes], ...(label === undefined ? [] : [`label=${quoted(label)}`])];
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

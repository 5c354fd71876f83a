import type { Plan } from "../wire/plan.ts";
import { type Arrow, type Drawing, drawingOf, type Vertex } from "./drawing.ts";
import type { WorkflowNode } from "./runtime.ts";

/**
 * Draws a workflow as Mermaid flowchart text. Ports are hexagons, output executors have a double border, the start has a
 * round end; conditional edges, error edges and escalations are dotted, a fan-in goes through a small circle, the edges of a
 * map are thick, and a sub-workflow is a box around its own graph.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function toMermaid(workflow: WorkflowNode | Plan): string {
  return `flowchart TD\n${linesOf(drawingOf(workflow), "  ").join("")}`;
}

function linesOf({ vertices, lines }: Drawing, indent: string): string[] {
  return [
    ...vertices.flatMap((one) =>
      one.kind === "vertex"
        ? [`${indent}${vertexText(one)}\n`]
        : [
            `${indent}subgraph ${one.name}[${quoted(one.id)}]\n`,
            ...linesOf(one.drawing, `${indent}  `),
            `${indent}end\n`,
          ],
    ),
    ...lines.map((line) => `${indent}${line.kind === "join" ? `${line.name}((" "))` : arrowText(line)}\n`),
  ];
}

function vertexText({ name, id, shape }: Vertex): string {
  switch (shape) {
    case "port":
      return `${name}{{${quoted(id)}}}`;
    case "output":
      return `${name}[[${quoted(id)}]]`;
    case "start":
      return `${name}([${quoted(id)}])`;
    case "executor":
      return `${name}[${quoted(id)}]`;
  }
}

const ARROWS: Readonly<Record<Arrow["takes"], string>> = { all: "-->", some: "-.->", items: "==>" };

function arrowText({ from, to, takes, label }: Arrow): string {
  return `${from} ${ARROWS[takes]}${label === undefined ? "" : `|${quoted(label)}|`} ${to}`;
}

/**
 * Quoted text of Mermaid: characters that end it, or that it would read as Markdown (also `1. ` and `- `, which begin a list), HTML
 * or an entity, are written as entities.
 */
function quoted(text: string): string {
  const safe = text.replace(/[^\p{L}\p{N} .,:;=!?+()'_-]|[.+-](?= )/gu, (character) => `#${character.codePointAt(0)};`);
  return `"${safe}"`;
}

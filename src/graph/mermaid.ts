import type { Plan } from "../wire/plan.ts";
import { type Arrow, type Drawing, drawingOf } from "./drawing.ts";
import type { WorkflowNode } from "./runtime.ts";

/**
 * Draws a workflow as Mermaid flowchart text. Ports are hexagons, output executors have a double border, the start has a
 * round end; conditional edges, error edges and escalations are dotted, and a fan-in goes through a small circle.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function toMermaid(workflow: WorkflowNode | Plan): string {
  const { vertices, lines } = drawingOf(workflow);
  const drawn = [
    ...vertices.map(vertexText),
    ...lines.map((line) => (line.kind === "join" ? `${line.name}((" "))` : arrowText(line))),
  ];
  return `flowchart TD\n${drawn.map((line) => `  ${line}\n`).join("")}`;
}

function vertexText({ name, id, shape }: Drawing["vertices"][number]): string {
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

function arrowText({ from, to, isConditional, label }: Arrow): string {
  return `${from} ${isConditional ? "-.->" : "-->"}${label === undefined ? "" : `|${quoted(label)}|`} ${to}`;
}

/**
 * Quoted text of Mermaid: characters that end it, or that it would read as Markdown (also `1. ` and `- `, which begin a list), HTML
 * or an entity, are written as entities.
 */
function quoted(text: string): string {
  const safe = text.replace(/[^\p{L}\p{N} .,:;=!?+()'_-]|[.+-](?= )/gu, (character) => `#${character.codePointAt(0)};`);
  return `"${safe}"`;
}

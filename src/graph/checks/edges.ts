import { WorkflowError } from "../../errors.ts";
import { type Draft, type DraftEdge, type DraftMap, type EdgeFunction, sourcesOf, targetsOf } from "../draft.ts";
import { edgeForm } from "../edge-ids.ts";
import type { GraphNode } from "../runtime.ts";

/** @throws {WorkflowError} `EXECUTOR_UNKNOWN` when the graph was given something that is no executor and no port */
export function checkVertices(draft: Draft): void {
  checkVertex(draft.name, "the start", draft.start);
  for (const edge of draft.edges) {
    for (const source of sourcesOf(edge)) checkVertex(draft.name, "the source of an edge", source);
    for (const target of targetsOf(edge)) checkVertex(draft.name, "the target of an edge", target);
  }
  for (const output of draft.outputs ?? []) checkVertex(draft.name, "the source of an output", output);
}

function checkVertex(workflow: string, place: string, value: unknown): void {
  const { kind } = Object(value) as { kind?: unknown };
  if (kind === "executor" || kind === "port" || kind === "workflow") return;
  const given = value === null ? "null" : `of type ${typeof value}`;
  throw new WorkflowError(
    "EXECUTOR_UNKNOWN",
    `In workflow "${workflow}", ${place} is ${given}, which is no executor, no request port and no workflow.`,
    "Define it with defineExecutor or defineRequestPort, or build it with WorkflowBuilder.",
  );
}

/** @throws {WorkflowError} `EDGE_INVALID` for an edge that joins nothing, or the same executor twice */
export function checkEdgeShapes(draft: Draft): void {
  for (const edge of draft.edges) {
    const problem = shapeProblem(edge);
    if (problem) {
      throw new WorkflowError(
        "EDGE_INVALID",
        `In workflow "${draft.name}", ${problem}.`,
        "Correct its list or leave it out.",
      );
    }
  }
}

function shapeProblem(edge: DraftEdge): string | undefined {
  switch (edge.kind) {
    case "direct":
    case "error":
      return undefined;
    case "map":
      return mapProblem(edge);
    case "switch":
      return edge.cases.length > 0 ? undefined : `the switch after "${edge.from.id}" has no case`;
    case "fanOut":
      return listProblem(edge.to, `the fan-out from "${edge.from.id}"`, "targets");
    case "fanIn":
      return listProblem(edge.from, `the fan-in into "${edge.to.id}"`, "sources");
  }
}

function mapProblem({ from, each, policy, concurrency }: DraftMap): string | undefined {
  const map = `the map of "${from.id}" over "${each.id}"`;
  if (concurrency !== undefined && !isCount(concurrency, 1)) return `${map} has the concurrency ${concurrency}`;
  const atLeast: unknown = Object(policy).atLeast;
  if (policy === "all" || policy === "settle" || isCount(atLeast, 0)) return undefined;
  return `${map} has the policy ${JSON.stringify(policy)}`;
}

function isCount(value: unknown, least: number): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least;
}

function listProblem(nodes: readonly GraphNode[], edge: string, what: string): string | undefined {
  if (nodes.length === 0) return `${edge} has no ${what}`;
  const twice = nodes.find((node, index) => nodes.indexOf(node) !== index);
  return twice && `${edge} has "${twice.id}" twice among its ${what}`;
}

/** @throws {WorkflowError} `EDGE_DUPLICATE` when one message would take the same way twice */
export function checkDuplicateEdges(draft: Draft): void {
  const ways = new Set<string>();
  const written = new Map<string, (readonly EdgeFunction[])[]>();
  for (const edge of draft.edges) {
    for (const way of unconditionalWays(edge)) {
      if (ways.has(way)) throw duplicateEdge(draft.name, way);
      ways.add(way);
    }
    const form = edgeForm(edge);
    const functions = functionsOf(edge);
    const same = written.get(form) ?? [];
    if (same.some((other) => functions.every((one, index) => one === other[index]))) {
      throw duplicateEdge(draft.name, form);
    }
    written.set(form, [...same, functions]);
  }
}

function unconditionalWays(edge: DraftEdge): string[] {
  if (edge.kind === "direct" && !edge.when) return [`${edge.from.id}->${edge.to.id}`];
  if (edge.kind === "fanOut" && !edge.select) return edge.to.map((to) => `${edge.from.id}->${to.id}`);
  if (edge.kind === "error") return [`${edge.from.id}!->${edge.to.id}`];
  return [];
}

function functionsOf(edge: DraftEdge): readonly EdgeFunction[] {
  if (edge.kind === "switch") return edge.cases.map(({ when }) => when);
  const one = edge.kind === "direct" ? edge.when : edge.kind === "fanOut" ? edge.select : undefined;
  return one ? [one] : [];
}

function duplicateEdge(workflow: string, edge: string): WorkflowError {
  return new WorkflowError(
    "EDGE_DUPLICATE",
    `Workflow "${workflow}" has the edge ${edge} twice, so a message would be delivered twice.`,
    "Leave one out; a message that shall arrive twice needs a second executor, made with withId.",
  );
}

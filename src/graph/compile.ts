import type { Plan, PlanEdge, PlanExecutor, PlanRetry } from "../wire/plan.ts";
import { stateKeysOf } from "./checks/state-keys.ts";
import { type Draft, type DraftEdge, nodesOf, sourcesOf } from "./draft.ts";
import { edgeIds } from "./edge-ids.ts";
import { schemaPlaces } from "./places.ts";
import type { EdgeCode, ExecutorNode, GraphNode, PortNode, RetryPolicy, StateKeyNode } from "./runtime.ts";
import { fingerprintOf, schemaFingerprint } from "./schema.ts";

/** Turns a checked graph into its plan. */
export function compilePlan(draft: Draft): Plan {
  const nodes = nodesOf(draft);
  const ids = edgeIds(draft.edges);
  const plan = {
    format: 1 as const,
    workflow: draft.name,
    ...(draft.description !== undefined && { description: draft.description }),
    start: draft.start.id,
    executors: nodes.map(planExecutor),
    edges: draft.edges.map((edge, index) => planEdge(edge, ids[index] ?? "")),
    state: stateKeysOf(nodes).map(planState),
    outputs: outputsOf(draft, nodes).map(({ id }) => id),
    limits: draft.limits,
    ...(draft.timeoutMs !== undefined && { timeoutMs: draft.timeoutMs }),
  };
  return { ...plan, fingerprint: planFingerprint(plan) };
}

/** The user code of every edge that has some, by the id the plan gives it. */
export function edgeCodeOf(edges: readonly DraftEdge[]): ReadonlyMap<string, EdgeCode> {
  const ids = edgeIds(edges);
  return new Map(
    edges.flatMap((edge, index) => {
      const code = codeOf(edge);
      return code ? [[ids[index] ?? "", code] as const] : [];
    }),
  );
}

function codeOf(edge: DraftEdge): EdgeCode | undefined {
  if (edge.kind === "direct" && edge.when) return { kind: "direct", when: edge.when };
  if (edge.kind === "switch") return { kind: "switch", cases: edge.cases.map(({ when }) => when) };
  if (edge.kind === "fanOut" && edge.select) return { kind: "fanOut", select: edge.select };
  return undefined;
}

function planExecutor(node: GraphNode): PlanExecutor {
  const schemas = schemaPlaces(node).map(({ place, schema, side }) => [place, schemaFingerprint(schema, side)]);
  const { reads, writes } = node.kind === "executor" ? node.state : { reads: [], writes: [] };
  return {
    id: node.id,
    kind: node.kind,
    schemas: Object.fromEntries(schemas),
    reads: reads.map(({ name }) => name),
    writes: writes.map(({ name }) => name),
    ...(node.kind === "executor" ? settingsOf(node) : timeoutOf(node)),
  };
}

const DEFAULT_BACKOFF = 2;
const DEFAULT_MAX_DELAY_MS = 60 * 60 * 1_000;

/** Left out where nothing is set, so that a graph that uses none of it keeps its version. */
function settingsOf({
  retry,
  timeoutMs,
  compensate,
}: ExecutorNode): Pick<PlanExecutor, "retry" | "timeoutMs" | "compensates"> {
  return {
    ...(retry && { retry: planRetry(retry) }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(compensate && { compensates: true }),
  };
}

function timeoutOf({ timeout }: PortNode): Pick<PlanExecutor, "requestTimeout"> {
  if (!timeout) return {};
  const { afterMs, respondWith, escalateTo } = timeout;
  return {
    requestTimeout: {
      afterMs,
      ...(respondWith !== undefined && { respondWithJson: JSON.stringify(respondWith) }),
      ...(escalateTo && { escalateTo: escalateTo.id }),
    },
  };
}

function planRetry({ maxAttempts, firstDelayMs, backoff, maxDelayMs, jitter, retryOn }: RetryPolicy): PlanRetry {
  return {
    maxAttempts,
    firstDelayMs,
    backoff: backoff ?? DEFAULT_BACKOFF,
    maxDelayMs: maxDelayMs ?? DEFAULT_MAX_DELAY_MS,
    jitter: jitter ?? 0,
    ...(typeof retryOn === "object" && { codes: [...retryOn] }),
    ...(typeof retryOn === "function" && { asksCode: true }),
  };
}

function planEdge(edge: DraftEdge, id: string): PlanEdge {
  switch (edge.kind) {
    case "direct": {
      const { from, to, when, label } = edge;
      return { kind: "direct", id, from: from.id, to: to.id, isConditional: when !== undefined, ...labelled(label) };
    }
    case "switch": {
      const cases = edge.cases.map(({ to, label }) => ({ to: to.id, ...labelled(label) }));
      return { kind: "switch", id, from: edge.from.id, cases, default: edge.default?.id ?? null };
    }
    case "fanOut": {
      const to = edge.to.map((target) => target.id);
      const isSelective = edge.select !== undefined;
      return { kind: "fanOut", id, from: edge.from.id, to, isSelective, ...labelled(edge.label) };
    }
    case "fanIn": {
      const from = edge.from.map((source) => source.id);
      return { kind: "fanIn", id, from, to: edge.to.id, allowMissing: edge.allowMissing, ...labelled(edge.label) };
    }
    case "error":
      return { kind: "error", id, from: edge.from.id, to: edge.to.id, ...labelled(edge.label) };
  }
}

function labelled(label: string | undefined): { label?: string } {
  return label === undefined ? {} : { label };
}

function planState({ name, schema, initial }: StateKeyNode): Plan["state"][number] {
  return { name, schema: schemaFingerprint(schema, "output"), initialJson: JSON.stringify(initial) };
}

/** Without `withOutputFrom`, what has no way on comes out. An error edge is no way on for what was returned. */
function outputsOf(draft: Draft, nodes: readonly GraphNode[]): readonly GraphNode[] {
  if (draft.outputs) return draft.outputs;
  const sources = new Set(draft.edges.filter(({ kind }) => kind !== "error").flatMap(sourcesOf));
  return nodes.filter((node) => !sources.has(node));
}

/**
 * Description and labels are for readers: rewording one makes no new version, so that runs before and after it count as runs
 * of the same graph.
 */
function planFingerprint(plan: Omit<Plan, "fingerprint">): string {
  const { description: _, edges, ...rest } = plan;
  return fingerprintOf({ ...rest, edges: edges.map(withoutLabels) });
}

function withoutLabels(edge: PlanEdge): object {
  if (edge.kind === "switch") return { ...edge, cases: edge.cases.map(({ to }) => ({ to })) };
  const { label: _, ...rest } = edge;
  return rest;
}

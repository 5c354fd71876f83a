import type { Limits, Plan, PlanEdge, PlanExecutor, PlanGraph, PlanRetry } from "../wire/plan.ts";
import { stateKeysOf } from "./checks/state-keys.ts";
import { type Draft, type DraftEdge, nodesOf, sourcesOf } from "./draft.ts";
import { edgeIds } from "./edge-ids.ts";
import { schemaPlaces } from "./places.ts";
import type {
  EdgeCode,
  ExecutorNode,
  GraphNode,
  PortNode,
  RetryPolicy,
  StateKeyNode,
  WorkflowNode,
} from "./runtime.ts";
import { fingerprintOf, schemaFingerprint } from "./schema.ts";

/** Turns a checked graph into its plan. */
export function compilePlan(draft: Draft): Plan {
  const nodes = nodesOf(draft);
  const ids = edgeIds(draft.edges);
  const workflows = subGraphs(nodes);
  const plan = {
    format: 1 as const,
    workflow: draft.name,
    ...(draft.description !== undefined && { description: draft.description }),
    start: draft.start.id,
    executors: nodes.map(planExecutor),
    edges: draft.edges.map((edge, index) => planEdge(edge, ids[index] ?? "")),
    state: stateKeysOf(nodes).map(planState),
    outputs: outputsOf(draft, nodes).map(({ id }) => id),
    limits: limitsOf(draft, workflows),
    ...(draft.timeoutMs !== undefined && { timeoutMs: draft.timeoutMs }),
    ...(workflows.length > 0 && { workflows }),
  };
  return { ...plan, fingerprint: planFingerprint(plan) };
}

/** The graphs of all sub-workflows, each once by its name, however deep and however often it is used. */
function subGraphs(nodes: readonly GraphNode[]): PlanGraph[] {
  const graphs = nodes.flatMap((node) => {
    if (node.kind !== "workflow") return [];
    const { format: _format, description: _description, limits: _limits, workflows = [], ...graph } = node.plan;
    return [graph, ...workflows];
  });
  return [...new Map(graphs.toReversed().map((graph) => [graph.workflow, graph])).values()].reverse();
}

/** Limits of what a graph does not have are left out, so that they do not change its version. */
function limitsOf({ limits, edges }: Draft, workflows: readonly PlanGraph[]): Limits {
  const { maxDepth, maxMapItems, ...always } = limits;
  const hasMap = [...edges, ...workflows.flatMap((graph) => graph.edges)].some(({ kind }) => kind === "map");
  return {
    ...always,
    ...(workflows.length > 0 && { maxDepth }),
    ...(hasMap && { maxMapItems }),
  };
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
    ...(node.kind === "executor" && settingsOf(node)),
    ...(node.kind === "port" && timeoutOf(node)),
    ...(node.kind === "workflow" && { workflow: node.name, ...timeLimitOf(node) }),
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

/** Beside the limit in the graph of the sub-workflow: here it says that it stops the calls inside, which it did not always. */
function timeLimitOf({ plan: { timeoutMs } }: WorkflowNode): Pick<PlanExecutor, "timeoutMs"> {
  return timeoutMs === undefined ? {} : { timeoutMs };
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
    case "map": {
      const { policy, concurrency, label } = edge;
      const ids = { from: edge.from.id, each: edge.each.id, to: edge.to.id };
      return { kind: "map", id, ...ids, policy, ...(concurrency !== undefined && { concurrency }), ...labelled(label) };
    }
    case "error":
      return { kind: "error", id, from: edge.from.id, to: edge.to.id, ...labelled(edge.label) };
  }
}

function labelled(label: string | undefined): { label?: string } {
  return label === undefined ? {} : { label };
}

function planState({ name, schema, initial, isKept }: StateKeyNode): Plan["state"][number] {
  const initialJson = JSON.stringify(initial);
  return { name, schema: schemaFingerprint(schema, "output"), initialJson, ...(isKept && { isKept }) };
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
  const { description: _, edges, workflows, ...rest } = plan;
  const versions = workflows?.map(({ workflow, fingerprint }) => ({ workflow, fingerprint }));
  return fingerprintOf({ ...rest, edges: edges.map(withoutLabels), ...(versions && { workflows: versions }) });
}

function withoutLabels(edge: PlanEdge): object {
  if (edge.kind === "switch") return { ...edge, cases: edge.cases.map(({ to }) => ({ to })) };
  const { label: _, ...rest } = edge;
  return rest;
}

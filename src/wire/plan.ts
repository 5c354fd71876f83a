import { z } from "zod";
import { jsonText } from "./json.ts";

/**
 * The plan: a workflow's graph as plain JSON. It is put into each run at its start, and the run keeps it; the deployed
 * graph may change meanwhile. It holds no user code and no schemas, only their fingerprints.
 */

const fingerprint = z.string().regex(/^[0-9a-f]{16}$/);

/** How often and when a failed call is tried again; every value is the one that counts, defaults filled in. */
export const planRetry = z.object({
  /** Calls in all, the first one counted. */
  maxAttempts: z.int().positive(),
  firstDelayMs: z.number().nonnegative(),
  /** Each delay is this many times the one before it. */
  backoff: z.number().min(1),
  maxDelayMs: z.number().nonnegative(),
  /** The share of a delay that chance may take off it: 0 takes nothing, 1 up to all of it. */
  jitter: z.number().min(0).max(1),
  /** Only failures with these codes; without them, those that are retryable. */
  codes: z.array(z.string()).optional(),
  /** User code decides: its answer comes with the outcome. */
  asksCode: z.literal(true).optional(),
});
export type PlanRetry = z.infer<typeof planRetry>;

/** Milliseconds, as far as a date can be told from them: 100 years. */
export const timeLimitMs = z
  .int()
  .positive()
  .max(100 * 366 * 24 * 60 * 60 * 1_000);

/** Neither an answer nor a port to go to: the request fails with REQUEST_TIMED_OUT. */
export const requestTimeout = z.object({
  afterMs: timeLimitMs,
  /** The response that counts then. */
  respondWithJson: jsonText.optional(),
  /** The port that is asked the same then. */
  escalateTo: z.string().optional(),
});

const planExecutor = z.object({
  id: z.string(),
  kind: z.enum(["executor", "port", "workflow"]),
  /** The name of the sub-workflow, where the kind is `workflow`; its graph stands under `workflows` of the plan. */
  workflow: z.string().optional(),
  /** Fingerprints of the schemas by the name of their place: input, output, sends, yields, request, response. */
  schemas: z.record(z.string(), fingerprint),
  /** Names of the state keys this executor may read and write; a key it writes it can read as well. */
  reads: z.array(z.string()),
  writes: z.array(z.string()),
  /** Missing: a failed call is not tried again. */
  retry: planRetry.optional(),
  /** How long one attempt may take, or all that goes on in one frame of a sub-workflow; missing for as long as it takes. */
  timeoutMs: timeLimitMs.optional(),
  /** Its completed calls are undone when the run fails or is cancelled. */
  compensates: z.literal(true).optional(),
  /** What happens to a request of this port that nobody answers; missing: it waits for as long as it takes. */
  requestTimeout: requestTimeout.optional(),
});
export type PlanExecutor = z.infer<typeof planExecutor>;

const label = z.string().optional();

const directEdge = z.object({
  kind: z.literal("direct"),
  /** Names the edge and its condition alike: made from the executors it joins, so it outlives a change elsewhere. */
  id: z.string(),
  from: z.string(),
  to: z.string(),
  isConditional: z.boolean(),
  label,
});

const switchEdge = z.object({
  kind: z.literal("switch"),
  id: z.string(),
  from: z.string(),
  cases: z.array(z.object({ to: z.string(), label })),
  /** Where a message goes that no case takes; null drops it. */
  default: z.string().nullable(),
});

const fanOutEdge = z.object({
  kind: z.literal("fanOut"),
  id: z.string(),
  from: z.string(),
  to: z.array(z.string()),
  isSelective: z.boolean(),
  label,
});

const fanInEdge = z.object({
  kind: z.literal("fanIn"),
  id: z.string(),
  from: z.array(z.string()),
  to: z.string(),
  allowMissing: z.boolean(),
  label,
});

/** What has to become of the calls of a map: all succeed, whatever may, or at least so many. */
const mapPolicy = z.union([z.enum(["all", "settle"]), z.object({ atLeast: z.int().nonnegative() })]);
export type MapPolicy = z.infer<typeof mapPolicy>;

/** Calls `each` once for every item of a list that `from` sends, and sends the list of results to `to`. */
const mapEdge = z.object({
  kind: z.literal("map"),
  id: z.string(),
  from: z.string(),
  each: z.string(),
  to: z.string(),
  policy: mapPolicy,
  /** How many of its calls may be going on at a time; missing for as many as a superstep takes. */
  concurrency: z.int().positive().optional(),
  label,
});

/** Carries no message of its sender, but its failures: `{ executorId, input, error }`. */
const errorEdge = z.object({ kind: z.literal("error"), id: z.string(), from: z.string(), to: z.string(), label });

export const planEdge = z.discriminatedUnion("kind", [
  directEdge,
  switchEdge,
  fanOutEdge,
  fanInEdge,
  mapEdge,
  errorEdge,
]);
export type PlanEdge = z.infer<typeof planEdge>;
export type ErrorEdge = z.infer<typeof errorEdge>;
export type FanInEdge = z.infer<typeof fanInEdge>;
export type MapEdge = z.infer<typeof mapEdge>;

export const limits = z.object({
  /** Supersteps after which a run fails with MAX_SUPERSTEPS. */
  maxSupersteps: z.int().positive(),
  /** Messages delivered in one superstep; the rest stays queued in order. */
  maxCallsPerSuperstep: z.int().positive(),
  /** Characters of JSON text a run may hold in queues, barriers, open requests, state and outputs. */
  maxStateChars: z.int().positive(),
  /** Characters of JSON text one call may produce; missing for {@link defaultOutcomeChars}. */
  maxOutcomeChars: z.int().positive().optional(),
  /** How deep sub-workflows may be nested: 1 for a workflow whose sub-workflows have none. Only in plans that have some. */
  maxDepth: z.int().positive().optional(),
  /** Items of a list that a map takes. Only in plans that have a map. */
  maxMapItems: z.int().positive().optional(),
});
export type Limits = z.infer<typeof limits>;

export const DEFAULT_LIMITS: Record<Exclude<keyof Limits, "maxOutcomeChars">, number> = {
  maxSupersteps: 10_000,
  maxCallsPerSuperstep: 100,
  maxStateChars: 512 * 1024,
  maxDepth: 8,
  maxMapItems: 10_000,
};

/** What one call may produce unless it is set: as much as a run may hold, and 524,288 at least. */
export function defaultOutcomeChars({ maxStateChars }: Pick<Limits, "maxStateChars">): number {
  return Math.max(maxStateChars, DEFAULT_LIMITS.maxStateChars);
}

/** What a workflow is, used as a sub-workflow or on its own. */
const graph = z.object({
  workflow: z.string(),
  start: z.string(),
  /** In the order in which the builder first met them: the order of calls within a superstep. */
  executors: z.array(planExecutor),
  edges: z.array(planEdge),
  state: z.array(
    z.object({
      name: z.string(),
      schema: fingerprint,
      initialJson: jsonText,
      /** In a sub-workflow: a call begins with what the last one of its node left. */
      isKept: z.literal(true).optional(),
    }),
  ),
  /** Executors whose returned values are outputs of the run. */
  outputs: z.array(z.string()),
  /** How long a run, or a call of the sub-workflow, may take, all waits included; missing for as long as it takes. */
  timeoutMs: timeLimitMs.optional(),
  /** 16 hex digits over all of the above: the workflow's version. */
  fingerprint,
});
export type PlanGraph = z.infer<typeof graph>;

export const plan = graph.extend({
  format: z.literal(1),
  description: z.string().optional(),
  limits,
  /** The graphs of all sub-workflows, at whatever depth, each once. Their own limits do not count: a run has one set of them. */
  workflows: z.array(graph).optional(),
});
export type Plan = z.infer<typeof plan>;

import fc from "fast-check";
import type {
  DrawnEdge,
  DrawnExecutor,
  DrawnGraph,
  DrawnPort,
  DrawnRetry,
  DrawnRun,
  DrawnVertex,
} from "./drawn-run.ts";

const MAX_VERTICES = 30;
const MAX_DEPTH = 3;

const DAY_MS = 24 * 3_600_000;

const vertexIndex = fc.nat(MAX_VERTICES - 1);
const stateKeys = fc.uniqueArray(fc.nat(2), { maxLength: 2 });
/** Durations that meet each other now and then, and some that a host may not wait for in one piece. */
const duration = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(1, 500, 1_000, 60_000) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 5_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(DAY_MS, 3 * DAY_MS) },
);
/** No host lets an activity run for longer than this. */
const callDuration = duration.map((ms) => Math.min(ms, DAY_MS));

/** Present in this percentage of the cases; shrinks to absent. */
function sometimes<Value>(percent: number, value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ weight: 100 - percent, arbitrary: fc.constant(undefined) }, { weight: percent, arbitrary: value });
}

/** True in this percentage of the cases. */
function rarely(percent: number): fc.Arbitrary<boolean> {
  return sometimes(percent, fc.constant(true)).map((value) => value ?? false);
}

const wayIn = {
  parent: vertexIndex,
  via: fc.oneof(
    { weight: 5, arbitrary: fc.constant("direct" as const) },
    { weight: 2, arbitrary: fc.constant("conditional" as const) },
    { weight: 2, arbitrary: fc.constant("fanOut" as const) },
    { weight: 1, arbitrary: fc.constant("switch" as const) },
    { weight: 1, arbitrary: fc.constant("error" as const) },
  ),
};

const retry: fc.Arbitrary<DrawnRetry> = fc.record({
  maxAttempts: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 2, max: 4 }) },
    { weight: 1, arbitrary: fc.constant(1) },
  ),
  firstDelayMs: fc.oneof(fc.constant(0), duration),
  backoff: fc.constantFrom(1, 1.5, 2),
  maxDelayMs: duration,
  jitter: fc.constantFrom(0, 0.3, 1),
  retryOn: fc.constantFrom("retryable", "codes", "code", "asked"),
});

/** Most that fail are tried again: a run that fails at its first executor shows little else. */
const failing: fc.Arbitrary<Pick<DrawnExecutor, "fails" | "retry">> = fc.oneof(
  { weight: 24, arbitrary: fc.record({ fails: fc.constant(0), retry: sometimes(10, retry) }) },
  { weight: 7, arbitrary: fc.record({ fails: fc.constantFrom(0.3, 0.6), retry }) },
  { weight: 1, arbitrary: fc.record({ fails: fc.constantFrom(0.5, 1), retry: fc.constant(undefined) }) },
);

const working: fc.Arbitrary<Omit<DrawnExecutor, "fails" | "retry">> = fc.record({
  kind: fc.constant("executor" as const),
  ...wayIn,
  reads: stateKeys,
  writes: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: stateKeys }),
  timeoutMs: sometimes(8, callDuration),
  takesMs: sometimes(8, callDuration),
  compensates: rarely(15),
  silent: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(0.5) }),
  sends: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 }) }),
  yields: rarely(15),
  emits: rarely(20),
  halts: rarely(2),
  lists: sometimes(8, fc.integer({ min: 0, max: 4 })),
});

const executor: fc.Arbitrary<DrawnExecutor> = fc
  .tuple(working, failing)
  .map(([work, failures]) => ({ ...work, ...failures }));

const timeout: fc.Arbitrary<NonNullable<DrawnPort["timeout"]>> = fc.oneof(
  fc.record({ afterMs: duration, followedBy: fc.constantFrom("response", "failure") }),
  fc.record({ afterMs: duration, followedBy: fc.constant("escalation"), to: vertexIndex }),
);

const port: fc.Arbitrary<DrawnPort> = fc.record({
  kind: fc.constant("port" as const),
  ...wayIn,
  sends: fc.constantFrom("response", "requestAndResponse"),
  timeout: sometimes(60, timeout),
  answered: fc.constantFrom(1, 0.6, 0),
  refused: fc.constantFrom(0, 0, 0.4),
});

/** @param depth - how many levels of sub-workflows may still follow */
function vertexAt(depth: number): fc.Arbitrary<DrawnVertex> {
  const flat = [
    { weight: 8, arbitrary: executor },
    { weight: 2, arbitrary: port },
  ] as const;
  if (depth === 0) return fc.oneof(...flat);
  const graph = fc
    .tuple(graphOf([1, 5], depth - 1), sometimes(15, duration), rarely(30))
    .map(([inner, timeoutMs, keeps]) => ({ ...inner, timeoutMs, keeps }));
  const nested = fc.record({ kind: fc.constant("workflow" as const), ...wayIn, graph });
  // Outermost graphs have many vertices; the deeper ones need a larger share to be seen at all.
  return fc.oneof(...flat, { weight: depth === MAX_DEPTH ? 1 : 3, arbitrary: nested });
}

const vertexList = (minLength: number, maxLength: number) => fc.uniqueArray(vertexIndex, { minLength, maxLength });

const edge: fc.Arbitrary<DrawnEdge> = fc.oneof(
  fc
    .tuple(vertexIndex, fc.boolean())
    .map(([at, isConditional]) => ({ kind: "direct" as const, from: at, to: at, isConditional })),
  fc.record({ kind: fc.constant("direct"), from: vertexIndex, to: vertexIndex, isConditional: fc.boolean() }),
  fc.record({
    kind: fc.constant("switch"),
    from: vertexIndex,
    cases: vertexList(1, 3),
    default: fc.option(vertexIndex),
  }),
  fc.record({ kind: fc.constant("fanOut"), from: vertexIndex, to: vertexList(1, 4), isSelective: fc.boolean() }),
  fc.record({ kind: fc.constant("fanIn"), from: vertexList(1, 4), to: vertexIndex, allowMissing: rarely(80) }),
  fc.record({
    kind: fc.constant("map"),
    from: vertexIndex,
    each: vertexIndex,
    to: vertexIndex,
    policy: fc.oneof(fc.constantFrom("all" as const, "settle" as const), fc.record({ atLeast: fc.nat(2) })),
    concurrency: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant("error"), from: vertexIndex, to: vertexIndex }),
);

/** Small graphs find most defects and shrink well; the large ones find what comes of many things at once. */
const size = fc.oneof(
  { weight: 1, arbitrary: fc.constant([1, 3] as const) },
  { weight: 5, arbitrary: fc.constant([3, 8] as const) },
  { weight: 3, arbitrary: fc.constant([8, 15] as const) },
  { weight: 1, arbitrary: fc.constant([15, MAX_VERTICES] as const) },
);

function graphOf([minLength, maxLength]: readonly [number, number], depth: number): fc.Arbitrary<DrawnGraph> {
  return fc
    .record({
      vertices: fc.array(vertexAt(depth), { minLength, maxLength, size: "max" }),
      edges: fc.array(edge, { maxLength: Math.ceil(maxLength / 2), size: "max" }),
      outputs: sometimes(40, vertexList(1, 3)),
    })
    .map(withLists);
}

/** A map needs a sender of lists: where one starts, the sender is made one. */
function withLists({ vertices, edges, ...graph }: DrawnGraph): DrawnGraph {
  const senders = new Set(edges.flatMap((one) => (one.kind === "map" ? [one.from % vertices.length] : [])));
  const listing = vertices.map((one, place) =>
    one.kind === "executor" && senders.has(place) ? { ...one, lists: one.lists ?? 3 } : one,
  );
  return { ...graph, vertices: listing, edges };
}

const graph = size.chain((most) => graphOf(most, MAX_DEPTH));

export const drawnRun: fc.Arbitrary<DrawnRun> = fc
  .record({
    seed: fc.nat(),
    fuel: fc.integer({ min: 5, max: 50 }),
    graph,
    maxSupersteps: fc.oneof(
      { weight: 9, arbitrary: fc.constant(60) },
      { weight: 1, arbitrary: fc.integer({ min: 2, max: 12 }) },
    ),
    maxCallsPerSuperstep: fc.oneof(fc.constant(100), fc.integer({ min: 1, max: 4 })),
    maxStateChars: sometimes(5, fc.integer({ min: 50, max: 1_500 })),
    timeoutMs: sometimes(12, duration),
    cancelAtSuperstep: sometimes(8, fc.nat(8)),
    generationSupersteps: sometimes(25, fc.constantFrom(2, 2, 1, 7)),
  })
  .map(({ graph, timeoutMs, ...run }) => ({ ...run, ...calm({ ...graph, timeoutMs }) }));

/** Where a run or a sub-workflow has a limit of time, no call may be under way when it comes. */
function calm(graph: DrawnGraph, isLimited = false): DrawnGraph {
  const isLimitedHere = isLimited || graph.timeoutMs !== undefined;
  const vertices = graph.vertices.map((vertex): DrawnVertex => {
    if (vertex.kind === "workflow") return { ...vertex, graph: calm(vertex.graph, isLimitedHere) };
    if (vertex.kind === "port" || !isLimitedHere) return vertex;
    return { ...vertex, takesMs: undefined, timeoutMs: undefined };
  });
  return { ...graph, vertices };
}

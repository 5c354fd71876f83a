import type {
  DrawnEdge,
  DrawnExecutor,
  DrawnNested,
  DrawnPort,
  DrawnRetry,
  DrawnRun,
  DrawnVertex,
} from "../agreement/drawn-run.ts";

/** A run whose history is kept: between them, these have every feature. */
export interface Scenario {
  readonly name: string;
  /** What has to happen in it, as `features.ts` names it: a seed is looked for that brings it about. */
  readonly shows: readonly string[];
  readonly drawn: Omit<DrawnRun, "seed">;
}

const works: DrawnExecutor = {
  kind: "executor",
  parent: 0,
  via: "direct",
  reads: [],
  writes: [],
  compensates: false,
  fails: 0,
  silent: 0,
  sends: 0,
  yields: false,
  emits: false,
  halts: false,
};
const asks: DrawnPort = { kind: "port", parent: 0, via: "direct", sends: "response", answered: 1, refused: 0 };
const retry: DrawnRetry = {
  maxAttempts: 3,
  firstDelayMs: 1_000,
  backoff: 2,
  maxDelayMs: 60_000,
  jitter: 0,
  retryOn: "code",
};
const fanIn = (from: readonly number[], to: number, allowMissing = false): DrawnEdge => ({
  kind: "fanIn",
  from,
  to,
  allowMissing,
});
const executor = (more: Partial<DrawnExecutor> = {}): DrawnExecutor => ({ ...works, ...more });
const port = (more: Partial<DrawnPort> = {}): DrawnPort => ({ ...asks, ...more });

const nested = (
  vertices: readonly DrawnVertex[],
  more: Partial<DrawnNested> = {},
  timeoutMs?: number,
): DrawnNested => ({ kind: "workflow", parent: 0, via: "direct", graph: { vertices, edges: [], timeoutMs }, ...more });

/** State outlives its calls, which wait for one another. */
function keeping(vertices: readonly DrawnVertex[]): DrawnNested {
  const { graph, ...vertex } = nested(vertices);
  return { ...vertex, graph: { ...graph, keeps: true } };
}

function scenario(name: string, shows: readonly string[], drawn: Partial<Omit<DrawnRun, "seed">>): Scenario {
  const defaults = { fuel: 12, vertices: [], edges: [], maxSupersteps: 40, maxCallsPerSuperstep: 100 };
  return { name, shows, drawn: { ...defaults, ...drawn } };
}

const COMPLETED = "end Completed";

export const SCENARIOS: readonly Scenario[] = [
  scenario("chain", [COMPLETED], { vertices: [works, works, executor({ parent: 1 })] }),
  scenario("conditions", [COMPLETED, "event messageDropped"], {
    vertices: [works, executor({ via: "conditional" }), executor({ via: "conditional", parent: 1 })],
  }),
  scenario("switch", [COMPLETED], {
    vertices: [works, executor({ via: "switch" }), executor({ via: "switch" })],
    edges: [{ kind: "switch", from: 0, cases: [1, 2], default: 2 }],
  }),
  scenario("diamond", [COMPLETED, "took 2 to 5 supersteps"], {
    vertices: [works, executor({ via: "fanOut" }), executor({ via: "fanOut" }), works],
    edges: [fanIn([1, 2], 3)],
  }),
  scenario("selector", [COMPLETED, "event messageDropped"], {
    vertices: [works, executor({ via: "conditional" }), executor({ via: "conditional" })],
    edges: [{ kind: "fanOut", from: 0, to: [1, 2], isSelective: true }],
  }),
  scenario("fan-in-with-gaps", [COMPLETED], {
    vertices: [works, executor({ silent: 1 }), works, executor({ via: "error" })],
    edges: [fanIn([1, 2], 3, true)],
  }),
  scenario("fan-in-incomplete", ["end Failed FAN_IN_INCOMPLETE"], {
    vertices: [works, executor({ silent: 1 }), works, executor({ via: "error" })],
    edges: [fanIn([1, 2], 3)],
  }),
  scenario("loop", [COMPLETED, "took 6 to 20 supersteps"], {
    vertices: [works, works],
    edges: [{ kind: "direct", from: 1, to: 0, isConditional: false }],
    outputs: [1],
  }),
  scenario("self-loop-to-the-limit", ["end Failed MAX_SUPERSTEPS"], {
    vertices: [works],
    edges: [{ kind: "direct", from: 0, to: 0, isConditional: false }],
    maxSupersteps: 5,
  }),
  scenario("narrow-supersteps", [COMPLETED], {
    vertices: [works, works, works, works],
    maxCallsPerSuperstep: 2,
  }),
  scenario("several-messages", [COMPLETED, "event runOutput"], {
    vertices: [executor({ sends: 2, emits: true }), executor({ yields: true }), works],
    fuel: 30,
  }),
  scenario("state", [COMPLETED], {
    vertices: [
      executor({ writes: [0] }),
      executor({ reads: [0], writes: [1], emits: true }),
      executor({ parent: 1, reads: [0, 1], emits: true }),
    ],
  }),
  scenario("two-writers", ["end Failed STATE_CONFLICT"], {
    vertices: [works, executor({ writes: [0, 1, 2] }), executor({ writes: [0, 1, 2] })],
  }),
  scenario("state-too-large", ["end Failed STATE_TOO_LARGE"], {
    vertices: [works, executor({ yields: true })],
    edges: [{ kind: "direct", from: 1, to: 1, isConditional: false }],
    fuel: 40,
    maxStateChars: 45,
  }),
  scenario("halt", [COMPLETED, "event messageDropped"], {
    vertices: [works, executor({ halts: true }), executor({ parent: 1 })],
  }),
  scenario("retries", [COMPLETED, "event executorDelayed"], {
    vertices: [works, executor({ fails: 0.5, retry: { ...retry, jitter: 0.5 } })],
  }),
  scenario("retries-used-up", ["end Failed BUSY", "event executorDelayed"], {
    vertices: [executor({ fails: 1, retry: { ...retry, retryOn: "codes" } })],
  }),
  scenario("time-limit-of-the-run", ["end Failed RUN_TIMED_OUT"], {
    vertices: [port({ answered: 0 }), works],
    timeoutMs: 90_000_000,
  }),
  scenario("slow-calls", [COMPLETED], {
    vertices: [works, executor({ takesMs: 5_000 }), executor({ fails: 0.5, retry }), works],
    edges: [fanIn([1, 2], 3)],
  }),
  scenario("error-edge", [COMPLETED, "event executorFailed"], {
    vertices: [works, executor({ fails: 1 }), executor({ parent: 1, via: "error" })],
  }),
  scenario("condition-fails", ["end Failed CONDITION_FAILED"], {
    vertices: [works, executor({ via: "conditional" }), executor({ via: "conditional" })],
    edges: [{ kind: "direct", from: 0, to: 0, isConditional: true }],
  }),
  scenario("time-limit-of-a-call", ["end Failed EXECUTOR_TIMED_OUT"], {
    vertices: [works, executor({ takesMs: 5_000, timeoutMs: 60_000 })],
  }),
  scenario("compensation", ["event compensationCompleted", "event compensationFailed", "event executorDelayed"], {
    vertices: [
      executor({ compensates: true }),
      executor({ compensates: true, fails: 0.6, retry }),
      executor({ parent: 1, compensates: true }),
      executor({ parent: 2, fails: 1 }),
    ],
  }),
  scenario("cancel-undoes", ["end Cancelled", "event compensationCompleted"], {
    vertices: [executor({ compensates: true }), port({ answered: 0 })],
    cancelAtSuperstep: 2,
  }),
  scenario("port", [COMPLETED, "event requestAnswered"], { vertices: [works, port(), executor({ parent: 1 })] }),
  scenario("ports-beside-work", [COMPLETED, "event requestAnswered"], {
    vertices: [works, port(), port({ sends: "requestAndResponse" }), executor({ fails: 0.5, retry }), works],
    edges: [fanIn([1, 2, 3], 4)],
  }),
  scenario("response-refused", [COMPLETED, "event responseRejected"], {
    vertices: [port({ refused: 0.6 }), works],
  }),
  scenario("request-times-out", [COMPLETED, "event requestTimedOut"], {
    vertices: [port({ answered: 0, timeout: { afterMs: 3 * 86_400_000, followedBy: "response" } }), works],
  }),
  scenario("request-escalates", [COMPLETED, "event requestTimedOut", "event requestAnswered"], {
    vertices: [port({ answered: 0, timeout: { afterMs: 60_000, followedBy: "escalation", to: 1 } }), port(), works],
  }),
  scenario("request-fails", [COMPLETED, "event requestTimedOut"], {
    vertices: [port({ answered: 0, timeout: { afterMs: 60_000, followedBy: "failure" } }), executor({ via: "error" })],
  }),
  scenario("map", [COMPLETED, "event executorDelayed"], {
    vertices: [executor({ lists: 3 }), executor({ via: "error", fails: 0.4, retry }), executor({ via: "error" })],
    edges: [{ kind: "map", from: 0, each: 1, to: 2, policy: "all", concurrency: 2 }],
    fuel: 20,
  }),
  scenario("map-settles", [COMPLETED, "event executorFailed"], {
    vertices: [executor({ lists: 4 }), executor({ via: "error", fails: 0.5 }), executor({ via: "error" })],
    edges: [{ kind: "map", from: 0, each: 1, to: 2, policy: "settle" }],
    fuel: 20,
  }),
  scenario("map-too-few", ["end Failed MAP_TOO_FEW"], {
    vertices: [executor({ lists: 2 }), executor({ via: "error", fails: 1 }), executor({ via: "error" })],
    edges: [{ kind: "map", from: 0, each: 1, to: 2, policy: { atLeast: 1 } }],
    fuel: 20,
  }),
  scenario("sub-workflow", [COMPLETED, "event at depth 1"], {
    vertices: [
      works,
      nested([executor({ writes: [0] }), executor({ reads: [0], emits: true })]),
      executor({ parent: 1 }),
    ],
  }),
  scenario("sub-workflows-three-deep", [COMPLETED, "event at depth 3", "event requestAnswered"], {
    vertices: [works, nested([works, nested([works, nested([works, port(), executor({ parent: 1 })])])])],
    fuel: 30,
  }),
  scenario("concurrent-frames", [COMPLETED, "event at depth 1", "event requestAnswered"], {
    vertices: [executor({ lists: 3 }), nested([works, port()], { via: "error" }), executor({ via: "error" })],
    edges: [{ kind: "map", from: 0, each: 1, to: 2, policy: "all" }],
    fuel: 30,
  }),
  scenario("kept-state", [COMPLETED, "event at depth 1", "event requestAnswered"], {
    vertices: [executor({ sends: 2 }), keeping([executor({ reads: [0], writes: [0], emits: true }), port()])],
    fuel: 40,
  }),
  scenario("sub-workflow-fails", ["event executorFailed", "event compensationCompleted"], {
    vertices: [
      executor({ compensates: true }),
      nested([executor({ compensates: true }), executor({ fails: 1 })]),
      executor({ parent: 1, via: "error", fails: 1 }),
    ],
  }),
  scenario("sub-workflow-out-of-time", ["event requestClosed", "event at depth 1"], {
    vertices: [works, nested([works, port({ answered: 0 })], {}, 60_000), executor({ parent: 1, via: "error" })],
  }),
  scenario("generations-beside-a-request", [COMPLETED, "event requestAnswered", "took 6 to 20 supersteps"], {
    vertices: [works, executor({ writes: [0], reads: [0], emits: true }), port({ parent: 0, answered: 0 }), works],
    edges: [{ kind: "direct", from: 1, to: 1, isConditional: false }],
    generationSupersteps: 2,
  }),
  scenario("generations-of-a-map", [COMPLETED, "event executorDelayed"], {
    vertices: [executor({ lists: 4 }), executor({ via: "error", fails: 0.4, retry }), executor({ via: "error" })],
    edges: [{ kind: "map", from: 0, each: 1, to: 2, policy: "settle", concurrency: 1 }],
    fuel: 30,
    generationSupersteps: 2,
  }),
  scenario("generations-of-sub-workflows", [COMPLETED, "event at depth 2", "event requestAnswered"], {
    vertices: [works, nested([executor({ writes: [0] }), nested([works, port(), executor({ parent: 1 })])])],
    fuel: 30,
    generationSupersteps: 1,
  }),
];

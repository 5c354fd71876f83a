/**
 * A random run as plain JSON: a graph, what its executors do, and what happens to it from outside. Every value that has these
 * types can be built and run, also one that was shrunk or written by hand: indexes count modulo the number of executors,
 * and an edge that the builder would refuse is left out.
 */
export interface DrawnRun extends DrawnGraph {
  /** All that handlers, conditions and people decide comes from it. */
  readonly seed: number;
  /** How many calls the input is good for: each call passes on less than it got, so every loop ends. */
  readonly fuel: number;
  readonly maxSupersteps: number;
  readonly maxCallsPerSuperstep: number;
  readonly maxStateChars?: number | undefined;
  /** Somebody cancels once the run has come this far and has nothing left to do by itself. */
  readonly cancelAtSuperstep?: number | undefined;
  /** As an orchestration, the run goes on in a new generation after so many; missing for the default. */
  readonly generationSupersteps?: number | undefined;
}

/** The graph of a run, or of a sub-workflow in it. */
export interface DrawnGraph {
  readonly vertices: readonly DrawnVertex[];
  readonly edges: readonly DrawnEdge[];
  /** Executors that give the outputs; undefined leaves it to the graph. */
  readonly outputs?: readonly number[] | undefined;
  /** Of the run, or of a call of the sub-workflow. Only where no handler takes time: who is stopped first is up to the host. */
  readonly timeoutMs?: number | undefined;
  /** State keys are kept between the calls of the sub-workflow's node. */
  readonly keeps?: boolean | undefined;
}

/** Where a vertex hangs on the graph: the first one is the start, and needs no way in. */
interface WayIn {
  readonly parent: number;
  readonly via: "direct" | "conditional" | "switch" | "fanOut" | "error";
}

export interface DrawnExecutor extends WayIn {
  readonly kind: "executor";
  /** State keys, 0 to 2. */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly retry?: DrawnRetry | undefined;
  /** A handler takes longer than this, for as long as its signal lets it, when it takes time at all. */
  readonly timeoutMs?: number | undefined;
  /** Virtual time that some calls take. */
  readonly takesMs?: number | undefined;
  readonly compensates: boolean;
  /** Shares of calls, from 0 to 1. */
  readonly fails: number;
  readonly silent: number;
  /** Messages by `context.sendMessage` besides the returned one. */
  readonly sends: number;
  /** Returns a list of so many messages in place of one: what a map wants. */
  readonly lists?: number | undefined;
  readonly yields: boolean;
  readonly emits: boolean;
  readonly halts: boolean;
}

export interface DrawnRetry {
  readonly maxAttempts: number;
  readonly firstDelayMs: number;
  readonly backoff: number;
  readonly maxDelayMs: number;
  readonly jitter: number;
  readonly retryOn: "retryable" | "codes" | "code" | "asked";
}

export interface DrawnPort extends WayIn {
  readonly kind: "port";
  readonly sends: "response" | "requestAndResponse";
  readonly timeout?:
    | { readonly afterMs: number; readonly followedBy: "response" | "failure" }
    | { readonly afterMs: number; readonly followedBy: "escalation"; readonly to: number }
    | undefined;
  /** The share of requests that somebody answers while the run has other things to do. */
  readonly answered: number;
  /** The share of answers that the port refuses when it looks at them, though they were right when they were sent. */
  readonly refused: number;
}

/** A sub-workflow: a vertex like any other for the graph around it. */
export interface DrawnNested extends WayIn {
  readonly kind: "workflow";
  readonly graph: DrawnGraph;
}

export type DrawnVertex = DrawnExecutor | DrawnPort | DrawnNested;

export type DrawnEdge =
  | { readonly kind: "direct"; readonly from: number; readonly to: number; readonly isConditional: boolean }
  | {
      readonly kind: "switch";
      readonly from: number;
      readonly cases: readonly number[];
      readonly default: number | null;
    }
  | { readonly kind: "fanOut"; readonly from: number; readonly to: readonly number[]; readonly isSelective: boolean }
  | { readonly kind: "fanIn"; readonly from: readonly number[]; readonly to: number; readonly allowMissing: boolean }
  | {
      readonly kind: "map";
      readonly from: number;
      readonly each: number;
      readonly to: number;
      readonly policy: "all" | "settle" | { readonly atLeast: number };
      readonly concurrency?: number | undefined;
    }
  | { readonly kind: "error"; readonly from: number; readonly to: number };

/** A number from 0 to 1 that depends on what it is asked for, and on nothing else. */
export function chance(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const char of JSON.stringify(parts)) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

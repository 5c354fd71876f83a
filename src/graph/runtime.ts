import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ErrorData } from "../wire/error-data.ts";
import type { Plan } from "../wire/plan.ts";

/**
 * What a runner needs of a graph, without the types its author sees: the typed definitions of this folder are these
 * objects at run time. Everything here is frozen.
 */

export interface StateKeyNode {
  readonly kind: "state";
  readonly name: string;
  readonly schema: StandardSchemaV1;
  readonly initial: unknown;
  /** In a sub-workflow: a call begins with what the last one of its node left. */
  readonly isKept?: true;
}

/** The handler's context, as `engine/invoke.ts` makes it for one call. */
export interface HandlerContext {
  readonly runId: string;
  readonly workflow: string;
  readonly executorId: string;
  /** The same for every attempt at this call; use it as idempotency key of what the handler does outside. */
  readonly callKey: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** How the attempt before this one failed; undefined at the first one. */
  readonly lastError: ErrorData | undefined;
  readonly superstep: number;
  /** Aborted when the call has taken its `timeoutMs`, when its run is cancelled, and when the run or a sub-workflow around it is out of time. */
  readonly signal: AbortSignal;
  sendMessage(message: unknown, options?: { readonly to?: { readonly id: string } }): void;
  yieldOutput(output: unknown): void;
  emit(name: string, data?: unknown): void;
  requestHalt(): void;
  addUsage(usage: { readonly inputTokens: number; readonly outputTokens: number; readonly modelCalls?: number }): void;
  isWatched(): boolean;
  sendUpdate(data: unknown): void;
  readonly state: {
    get(key: StateKeyNode): unknown;
    set(key: StateKeyNode, value: unknown): void;
  };
}

/** What `compensate` gets beside output and input; `callKey` is its own, the same for every attempt at it. */
export type CompensationContext = Pick<
  HandlerContext,
  "runId" | "workflow" | "executorId" | "callKey" | "attempt" | "lastError" | "superstep" | "signal"
>;

/** How a failed call is tried again, as its author wrote it. */
export interface RetryPolicy {
  /** Calls in all, the first one counted: 1 or more. */
  readonly maxAttempts: number;
  /** Milliseconds before the second attempt, counted from the end of the first one. */
  readonly firstDelayMs: number;
  /** Each further delay is this many times the one before it: 1 or more, 2 unless set. */
  readonly backoff?: number;
  /** The longest delay in milliseconds, 1 hour unless set. A longer `Retry-After` is waited for all the same, up to 1 day. */
  readonly maxDelayMs?: number;
  /** The share of each delay that chance may take off it, from 0 (nothing, unless set) to 1. Recorded, and the same on replay. */
  readonly jitter?: number;
  /**
   * The failures that are tried again: those of these codes, or those for which a function says so; it may be async.
   * Without it, every failure that is `retryable`. A `NonRetryableError` never is.
   */
  readonly retryOn?: readonly string[] | ((error: ErrorData) => boolean | Promise<boolean>);
}

export interface ExecutorNode {
  readonly kind: "executor";
  readonly id: string;
  readonly input: StandardSchemaV1;
  readonly output?: StandardSchemaV1;
  readonly sends?: StandardSchemaV1;
  readonly yields?: StandardSchemaV1;
  readonly state: { readonly reads: readonly StateKeyNode[]; readonly writes: readonly StateKeyNode[] };
  readonly retry?: RetryPolicy;
  readonly timeoutMs?: number;
  readonly compensate?: (output: unknown, input: unknown, context: CompensationContext) => unknown;
  handle(input: unknown, context: HandlerContext): unknown;
}

export interface PortNode {
  readonly kind: "port";
  readonly id: string;
  readonly request: StandardSchemaV1;
  readonly response: StandardSchemaV1;
  readonly sends: "response" | "requestAndResponse";
  readonly timeout: PortTimeoutNode | undefined;
}

/** What happens to a request that nobody answers in `afterMs` milliseconds. */
export interface PortTimeoutNode {
  readonly afterMs: number;
  readonly respondWith?: unknown;
  readonly escalateTo?: PortNode;
}

export type GraphNode = ExecutorNode | PortNode | WorkflowNode;

/** The user code of one edge, found by the edge's id in the plan. Edges that ask no code have none. */
export type EdgeCode =
  | { readonly kind: "direct"; readonly when: (message: unknown) => unknown }
  | { readonly kind: "switch"; readonly cases: readonly ((message: unknown) => unknown)[] }
  | { readonly kind: "fanOut"; readonly select: (message: unknown) => unknown };

/** What `build()` gives: the plan, and the code its ids stand for. In another graph it is a node: a sub-workflow. */
export interface WorkflowNode {
  readonly kind: "workflow";
  /** As a node of another graph; its name, unless `withId` gave it another. */
  readonly id: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly plan: Plan;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** Sub-workflows that the plan has no more: runs of earlier plans still come to them. */
  readonly former?: ReadonlyMap<string, WorkflowNode>;
  readonly edgeCode: ReadonlyMap<string, EdgeCode>;
}

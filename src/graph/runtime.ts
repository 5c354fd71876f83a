import type { StandardSchemaV1 } from "@standard-schema/spec";
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
  readonly superstep: number;
  /** Aborted when the run is cancelled or the call is given up. */
  readonly signal: AbortSignal;
  sendMessage(message: unknown, options?: { readonly to?: { readonly id: string } }): void;
  yieldOutput(output: unknown): void;
  emit(name: string, data?: unknown): void;
  requestHalt(): void;
  readonly state: {
    get(key: StateKeyNode): unknown;
    set(key: StateKeyNode, value: unknown): void;
  };
}

export interface ExecutorNode {
  readonly kind: "executor";
  readonly id: string;
  readonly input: StandardSchemaV1;
  readonly output?: StandardSchemaV1;
  readonly sends?: StandardSchemaV1;
  readonly yields?: StandardSchemaV1;
  readonly state: { readonly reads: readonly StateKeyNode[]; readonly writes: readonly StateKeyNode[] };
  handle(input: unknown, context: HandlerContext): unknown;
}

export interface PortNode {
  readonly kind: "port";
  readonly id: string;
  readonly request: StandardSchemaV1;
  readonly response: StandardSchemaV1;
  readonly sends: "response" | "requestAndResponse";
}

export type GraphNode = ExecutorNode | PortNode;

/** The user code of one edge, found by the edge's id in the plan. Edges that ask no code have none. */
export type EdgeCode =
  | { readonly kind: "direct"; readonly when: (message: unknown) => unknown }
  | { readonly kind: "switch"; readonly cases: readonly ((message: unknown) => unknown)[] }
  | { readonly kind: "fanOut"; readonly select: (message: unknown) => unknown };

/** What `build()` gives: the plan, and the code its ids stand for. */
export interface WorkflowNode {
  readonly kind: "workflow";
  readonly name: string;
  readonly description: string | undefined;
  readonly plan: Plan;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly edgeCode: ReadonlyMap<string, EdgeCode>;
}

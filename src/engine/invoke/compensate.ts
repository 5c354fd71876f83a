import type { CompensationContext, ExecutorNode } from "../../graph/runtime.ts";
import type { Delivery } from "../../wire/delivery.ts";
import type { CompletedResult } from "../../wire/outcome.ts";
import { inputOf } from "./input.ts";

type CompensationCall = Extract<Delivery["call"], { kind: "compensation" }>;

/** Undoes a completed call. Nothing that `compensate` gives back counts: it only succeeds or throws. */
export async function compensate(
  node: ExecutorNode,
  { inputJson, outputJson }: CompensationCall,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<CompletedResult> {
  const input = await inputOf(node, inputJson);
  const output: unknown = outputJson === undefined ? undefined : JSON.parse(outputJson);
  await node.compensate?.(output, input, Object.freeze(callContextOf(delivery, signal)));
  return { status: "completed", messages: [], yielded: [], writes: {}, emitted: [], haltRequested: false };
}

/** What user code may know of the call it is called for. */
export function callContextOf(
  { runId, workflow, executorId, callKey, attempt, lastErrorJson, superstep }: Delivery,
  signal: AbortSignal,
): CompensationContext {
  const lastError = lastErrorJson === undefined ? undefined : JSON.parse(lastErrorJson);
  return { runId, workflow, executorId, callKey, attempt, lastError, superstep, signal };
}

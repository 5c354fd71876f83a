import type { GraphNode } from "../../graph/runtime.ts";

/** Whether the build can undo a call of it. */
export function hasCompensation(node: GraphNode): boolean {
  return node.kind === "executor" && node.compensate !== undefined;
}

/** Whether the build has the function that says if a failed call is tried again. */
export function hasRetryCode(node: GraphNode): boolean {
  return node.kind === "executor" && typeof node.retry?.retryOn === "function";
}

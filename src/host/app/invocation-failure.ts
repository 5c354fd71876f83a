import type { InvocationResult } from "../hub/task-hub.ts";

/** The message goes on untouched: a failed orchestrator carries its decisions in it. */
export function failedInvocation(error: unknown): InvocationResult {
  if (error instanceof Error) return { ok: false, message: error.message, stack: error.stack ?? "" };
  const message = typeof error === "string" ? error : (JSON.stringify(error) ?? String(error));
  return { ok: false, message, stack: "" };
}

import type { OrchestratorCall } from "./capture-functions.ts";

/** The episodes of a run by generation, the oldest first: each has an execution id of its own. */
export function byGeneration(calls: readonly OrchestratorCall[]): readonly (readonly OrchestratorCall[])[] {
  const generations = new Map<string, OrchestratorCall[]>();
  for (const call of calls) {
    const id = executionId(call);
    generations.set(id, [...(generations.get(id) ?? []), call]);
  }
  return [...generations.values()];
}

function executionId({ trigger }: OrchestratorCall): string {
  const begun = trigger.history.find((event) => "OrchestrationInstance" in event);
  if (!begun) throw new Error("A history holds the beginning of its execution.");
  return (begun.OrchestrationInstance as { readonly ExecutionId: string }).ExecutionId;
}

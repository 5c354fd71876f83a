import type { WorkflowNode } from "../../graph/runtime.ts";
import { agentThread, threadOperation } from "../../wire/agent-thread.ts";
import { threadEntityName, turnOrchestratorName } from "../../wire/durable-names.ts";
import { type EntityStep, registerEntity, registerOrchestrator } from "../sdk.ts";
import { applyToThread } from "./thread.ts";
import { takeTurn } from "./turn-orchestrator.ts";

/** Registers what keeps conversations with these agents; the agents themselves are registered as workflows. */
export function registerThreads(agents: readonly WorkflowNode[]): void {
  for (const { name } of agents) {
    registerOrchestrator(turnOrchestratorName(name), takeTurn);
    registerEntity(threadEntityName(name), applyOperation);
  }
}

/** An entity is not replayed, so it may read the clock. */
function applyOperation(state: unknown, name: string, input: unknown): EntityStep {
  const operation = threadOperation.parse({ ...(input as object | undefined), name });
  const thread = state === undefined || state === null ? undefined : agentThread.parse(state);
  const { thread: after, answer } = applyToThread(thread, operation, Date.now());
  return { state: after ?? null, ...(answer && { answer }) };
}

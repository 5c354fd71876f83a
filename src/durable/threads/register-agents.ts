import type { WorkflowNode } from "../../graph/runtime.ts";
import { agentThread, threadOperation } from "../../wire/agent-thread.ts";
import { LOST_TURN_ACTIVITY, threadEntityName, turnOrchestratorName } from "../../wire/durable-names.ts";
import { turnStart } from "../../wire/turn-start.ts";
import {
  type EntityStep,
  type FunctionContext,
  type Instances,
  instancesOf,
  registerActivity,
  registerEntity,
  registerOrchestrator,
} from "../sdk.ts";
import { freeLostTurn } from "./kept-threads.ts";
import { applyToThread } from "./thread.ts";
import { takeTurn } from "./turn-orchestrator.ts";

/** What an activity is told of a thread. */
const place = turnStart.pick({ agent: true, threadId: true });

/** Registers what keeps conversations with these agents; the agents themselves are registered as workflows. */
export function registerThreads(
  agents: readonly WorkflowNode[],
  instances: (context: FunctionContext) => Instances = instancesOf,
): void {
  for (const { name } of agents) {
    registerOrchestrator(turnOrchestratorName(name), takeTurn);
    registerEntity(threadEntityName(name), applyOperation);
  }
  registerActivity(LOST_TURN_ACTIVITY, async (input, context) => {
    const { agent, threadId } = place.parse(input);
    await freeLostTurn(instances(context), { name: agent }, threadId);
    return { format: 1 };
  });
}

/** An entity is not replayed, so it may read the clock. */
function applyOperation(state: unknown, name: string, input: unknown): EntityStep {
  const operation = threadOperation.parse({ ...(input as object | undefined), name });
  const thread = state === undefined || state === null ? undefined : agentThread.parse(state);
  const { thread: after, answer } = applyToThread(thread, operation, Date.now());
  return { state: after ?? null, ...(answer && { answer }) };
}

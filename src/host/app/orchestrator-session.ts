import type { OrchestratorResult, OrchestratorSession } from "../hub/task-hub.ts";
import { failedInvocation } from "./invocation-failure.ts";

/** The library marks the generators that may be kept: they depend on nothing but what they are given. */
const MAY_BE_KEPT = Symbol.for("durable-workflows.may-be-kept");

/** What the SDK keeps of an orchestrator between two events. Not part of its contract, so whatever differs is left alone. */
interface Executor {
  readonly sequenceNumber: number;
  readonly schemaVersion: unknown;
  readonly generator: object;
  isDoneExecuting(): boolean;
  /** Plays events, from the beginning of a generator or from where it stands. @throws the SDK's failure with the actions in it */
  execute(context: object, events: readonly object[], schemaVersion: unknown, run: () => object): Promise<unknown>;
}

/** How many ids the SDK has given; without it, nobody compares them with the hub's. */
export function idsTakenIn(context: object | undefined): { idsTaken?: number } {
  const idsTaken = executorIn(context)?.sequenceNumber;
  return typeof idsTaken === "number" ? { idsTaken } : {};
}

/** The session of an orchestrator that waits, when it is one that may be kept and an SDK that is known. */
export function sessionIn(context: object | undefined): { session?: OrchestratorSession } {
  const executor = executorIn(context);
  if (!context || !executor || !canGoOn(executor)) return {};
  return { session: { resume: (events) => resume(context, executor, events) } };
}

async function resume(context: object, executor: Executor, events: readonly object[]): Promise<OrchestratorResult> {
  const { schemaVersion, generator } = executor;
  try {
    const returned = await executor.execute(context, events, schemaVersion, () => generator);
    return { ok: true, returned, ...idsTakenIn(context), ...sessionIn(context) };
  } catch (error) {
    return { ...failedInvocation(error), ...idsTakenIn(context) };
  }
}

function canGoOn(executor: Partial<Executor>): executor is Executor {
  const { execute, isDoneExecuting, generator } = executor;
  if (typeof execute !== "function" || typeof isDoneExecuting !== "function") return false;
  return isMarked(generator) && !executor.isDoneExecuting?.();
}

function isMarked(generator: unknown): boolean {
  return typeof generator === "object" && generator !== null && MAY_BE_KEPT in generator;
}

function executorIn(context: object | undefined): Partial<Executor> | undefined {
  return (context as { df?: { taskOrchestratorExecutor?: Partial<Executor> } } | undefined)?.df
    ?.taskOrchestratorExecutor;
}

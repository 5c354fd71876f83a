import type { InvocationResult } from "../task-hub.ts";
import { ReplayFailure } from "./replay-failure.ts";

/** The kinds of action in an orchestrator's answer. */
export const ACTION = {
  callActivity: 0,
  callActivityWithRetry: 1,
  callSubOrchestrator: 2,
  callSubOrchestratorWithRetry: 3,
  continueAsNew: 4,
  createTimer: 5,
  waitForExternalEvent: 6,
  callEntity: 7,
  callHttp: 8,
  signalEntity: 9,
  scheduledSignalEntity: 10,
  whenAny: 11,
  whenAll: 12,
  lockEntities: 13,
  releaseEntities: 14,
} as const;

/** One action as the SDK wrote it. Its fields are checked where they are used: the whole list comes in every episode. */
export interface Action {
  readonly actionType: number;
  readonly [field: string]: unknown;
}

/** What an orchestrator answered: all its actions from the beginning of this generation, and where it stands. */
export interface Answer {
  readonly actions: readonly Action[];
  readonly isDone: boolean;
  readonly outputJson: string | null;
  /** Null leaves the status as it was. */
  readonly customStatusJson: string | null;
  readonly error: { readonly message: string; readonly stack: string } | null;
}

const STATE_IN_MESSAGE = "\n\n$OutOfProcData$:";

/**
 * Reads an invocation's result. A failed orchestrator carries its answer in the error's message, after a marker.
 *
 * @throws {ReplayFailure} when there is no answer: the failure happened outside the orchestrator's replay
 */
export function readAnswer(result: InvocationResult): Answer {
  if (result.ok) return answerOf(result.resultJson ?? "null", "");
  const marker = result.message.indexOf(STATE_IN_MESSAGE);
  if (marker < 0) throw new ReplayFailure(result.message);
  return answerOf(result.message.slice(marker + STATE_IN_MESSAGE.length), result.stack);
}

function answerOf(json: string, stack: string): Answer {
  const state = parseObject(json);
  const { actions, error } = state;
  const list = Array.isArray(actions) && actions.length === 1 ? actions[0] : undefined;
  if (!Array.isArray(list)) {
    throw new ReplayFailure(
      "The orchestrator's answer does not hold one list of actions. This host speaks replay schemas V3 and V4 " +
        "(durable-functions 3.x).",
    );
  }
  return {
    actions: list as Action[],
    isDone: state.isDone === true,
    outputJson: jsonOrNull(state.output),
    customStatusJson: jsonOrNull(state.customStatus),
    error: typeof error === "string" && error !== "" ? { message: error, stack } : null,
  };
}

function parseObject(json: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    value = null;
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ReplayFailure(
    "The function did not answer as an orchestrator does. Register it with df.app.orchestration, which wraps it.",
  );
}

function jsonOrNull(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

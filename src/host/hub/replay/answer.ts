import type { OrchestratorResult } from "../task-hub.ts";
import { jsonOrNull } from "./json-or-null.ts";
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

/**
 * One action as the SDK made or wrote it. Its fields are checked where they are used: the whole list comes in every
 * episode, and most of it is known.
 */
export interface Action {
  readonly actionType: number;
  readonly [field: string]: unknown;
}

/** What an orchestrator answered: all its actions from the beginning of this generation, and where it stands. */
export interface Answer {
  /** The very list of the SDK, where it was never made JSON: one that goes on where it stood adds to it. */
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
export function readAnswer(result: OrchestratorResult): Answer {
  if (result.ok && "returned" in result) return answerOf(anObject(result.returned), "");
  if (result.ok) return answerOf(parseObject(result.resultJson ?? "null"), "");
  const marker = result.message.indexOf(STATE_IN_MESSAGE);
  if (marker < 0) throw new ReplayFailure(result.message);
  return answerOf(parseObject(result.message.slice(marker + STATE_IN_MESSAGE.length)), result.stack);
}

function answerOf(state: Readonly<Record<string, unknown>>, stack: string): Answer {
  const { actions, error } = state;
  const list = Array.isArray(actions) && actions.length === 1 ? actions[0] : undefined;
  if (!Array.isArray(list)) {
    throw new ReplayFailure(
      "The orchestrator's answer does not hold one list of actions. This host speaks replay schemas V3 and V4 " +
        "(durable-functions 3.x).",
    );
  }
  return {
    actions: list,
    isDone: state.isDone === true,
    outputJson: jsonOrNull(state.output),
    customStatusJson: jsonOrNull(state.customStatus),
    error: typeof error === "string" && error !== "" ? { message: error, stack } : null,
  };
}

/**
 * An action as it would be after its way through JSON, without what is in a compound. Inputs of activities, which are the
 * greater part of a list, stay as they are until somebody wants their text.
 *
 * @throws {ReplayFailure} for what cannot be JSON
 */
export function plainAction(action: Action): Action {
  switch (action?.actionType) {
    case ACTION.callActivity:
    case ACTION.waitForExternalEvent:
    case ACTION.whenAny:
    case ACTION.whenAll:
      return action;
    case ACTION.createTimer:
      return action.fireAt instanceof Date ? { ...action, fireAt: action.fireAt.toISOString() } : action;
    default:
      return JSON.parse(jsonOrNull(action) ?? "null") as Action;
  }
}

function parseObject(json: string): Readonly<Record<string, unknown>> {
  try {
    return anObject(JSON.parse(json));
  } catch {
    return anObject(null);
  }
}

function anObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ReplayFailure(
    "The function did not answer as an orchestrator does. Register it with df.app.orchestration, which wraps it.",
  );
}

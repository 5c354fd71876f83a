import { z } from "zod";
import { type JsonText, parseJson } from "../wire/json.ts";
import type { Plan } from "../wire/plan.ts";

/**
 * The external events of a run. An answer's event carries the id of its request in its name, so that no other answer
 * can be taken for it; names are lower case, since one half of the host compares them so and the other does not.
 */

export const CANCEL_EVENT = "cancel";
/** A handler has answered after its call was given up. */
export const LATE_EVENT = "late-result";
const ANSWER_PREFIX = "response-";

export function answerEvent(requestId: string): string {
  return `${ANSWER_PREFIX}${requestId}`.toLowerCase();
}

/** The request that an event of this name answers; undefined for another event. */
export function answeredRequest(eventName: string): string | undefined {
  return eventName.startsWith(ANSWER_PREFIX) ? eventName.slice(ANSWER_PREFIX.length) : undefined;
}

/** The data of an answer's event; an object, since the host mangles bare values on their way. */
export function answerData(responseJson: JsonText): object {
  return { responseJson };
}

/** The answer in an event's data. Whoever holds the host's key may raise anything: what is no answer counts as none. */
export function readAnswer(data: unknown): JsonText | undefined {
  if (typeof data !== "object" || data === null || !("responseJson" in data)) return undefined;
  const { responseJson } = data;
  return typeof responseJson === "string" && isJson(responseJson) ? responseJson : undefined;
}

function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}

/** Why a run is cancelled. */
export interface Cancel {
  readonly reason?: string | undefined;
}

export function readCancel(data: unknown): Cancel {
  if (typeof data !== "object" || data === null || !("reason" in data)) return {};
  return typeof data.reason === "string" ? { reason: data.reason } : {};
}

const lateResult = z.object({ executorId: z.string(), callKey: z.string(), attempt: z.int() });
/** The attempt at a call that was given up. */
export type LateResult = z.infer<typeof lateResult>;

export function lateData({ executorId, callKey, attempt }: LateResult): object {
  return { executorId, callKey, attempt };
}

/** The late result in an event's data; undefined for what anybody else raised. */
export function readLate(data: unknown): LateResult | undefined {
  return lateResult.safeParse(data).data;
}

/** Whether a call of such a run may be given up and the run go on: only then it waits for late results. */
export function mayAnswerLate(plan: Plan): boolean {
  const executors = [plan, ...(plan.workflows ?? [])].flatMap((graph) => graph.executors);
  return executors.some(({ timeoutMs, compensates }) => timeoutMs !== undefined || compensates);
}

/** What came in from outside and waits to be taken in. */
export interface Mail {
  /** The answers to a request since the last call, in the order in which they came. */
  takeAnswers(requestId: string): readonly JsonText[];
  /** Whether an answer waits for {@link takeAnswers}; it stays where it is. */
  hasAnswer(requestId: string): boolean;
  /** Whether anything waits to be taken in: for these requests, late results, or a cancel. */
  hasNews(requestIds: readonly string[]): boolean;
  /** Answers of calls that were given up, since the last call. */
  takeLate(): readonly LateResult[];
  takeCancel(): Cancel | undefined;
  /** Whether a cancel waits for {@link takeCancel}; it stays where it is. */
  hasCancel(): boolean;
}

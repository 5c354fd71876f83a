/** The numbers of Durable Task's history events, as the orchestration trigger spells them. */
export const EVENT = {
  executionStarted: 0,
  executionCompleted: 1,
  executionTerminated: 3,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  subOrchestrationCreated: 7,
  subOrchestrationCompleted: 8,
  subOrchestrationFailed: 9,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
  eventSent: 14,
  eventRaised: 15,
  genericEvent: 17,
  executionSuspended: 19,
  executionResumed: 20,
} as const;

/** What replay needs of an answer 202 that names a place to ask again. */
export interface Accepted {
  readonly location: string;
  readonly retryAfterMs: number | null;
}

/**
 * What replay needs of a history event: small, so that the events of many waiting instances can stay in memory. Results
 * and inputs are only in the event's text.
 */
export type ReplayEvent =
  | { readonly type: typeof EVENT.orchestratorStarted; readonly atMs: number }
  | { readonly type: typeof EVENT.executionStarted }
  | { readonly type: typeof EVENT.taskScheduled; readonly id: number; readonly name: string }
  | { readonly type: typeof EVENT.subOrchestrationCreated; readonly id: number; readonly name: string }
  | { readonly type: typeof EVENT.timerCreated; readonly id: number }
  | { readonly type: typeof EVENT.eventSent; readonly id: number; readonly name: string }
  | {
      readonly type: CompletionType;
      readonly taskId: number;
      /** Only for the result of a request of `callHttp`. */
      readonly accepted?: Accepted;
    }
  | { readonly type: typeof EVENT.eventRaised; readonly name: string }
  | { readonly type: typeof EVENT.executionTerminated; readonly reason: string }
  | { readonly type: QuietType };

export type CompletionType =
  | typeof EVENT.taskCompleted
  | typeof EVENT.taskFailed
  | typeof EVENT.subOrchestrationCompleted
  | typeof EVENT.subOrchestrationFailed
  | typeof EVENT.timerFired;

type QuietType =
  | typeof EVENT.executionCompleted
  | typeof EVENT.orchestratorCompleted
  | typeof EVENT.genericEvent
  | typeof EVENT.executionSuspended
  | typeof EVENT.executionResumed;

/** Narrows to the events that end the task with id `taskId`. */
export function isCompletion(event: ReplayEvent): event is ReplayEvent & { readonly taskId: number } {
  return "taskId" in event;
}

/** Narrows to the events that record a decision. */
export function isDecision(event: ReplayEvent): event is ReplayEvent & { readonly id: number } {
  return "id" in event;
}

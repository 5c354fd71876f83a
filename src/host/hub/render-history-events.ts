import { EVENT } from "./replay/replay-event.ts";
import type { HistoryEvent } from "./task-hub.ts";

export interface RenderOptions {
  /** Shows what activities, sub-orchestrations and the instance returned. */
  readonly showHistoryOutput: boolean;
  readonly showInput: boolean;
}

type Rendered = Record<string, unknown>;

/**
 * `historyEvents` of the status body, as the management API shows a history: names instead of numbers, each outcome
 * together with what was scheduled for it, and without the framework's own bookkeeping.
 */
export function renderHistoryEvents(events: readonly HistoryEvent[], options: RenderOptions): Rendered[] {
  const scheduled = new Map<string, HistoryEvent>();
  const matched = new Set<HistoryEvent>();
  for (const event of events) {
    if (isScheduled(event)) scheduled.set(`${event.EventType} ${event.EventId}`, event);
    const cause = scheduled.get(`${CAUSES[event.EventType]} ${event.TaskScheduledId}`);
    if (cause) matched.add(cause);
  }
  return events
    .filter((event) => !BOOKKEEPING.has(event.EventType) && !matched.has(event))
    .map((event) => {
      const cause = scheduled.get(`${CAUSES[event.EventType]} ${event.TaskScheduledId}`);
      return withoutPayloads(renderEvent(event, cause), event, options);
    });
}

function renderEvent(event: HistoryEvent, cause: HistoryEvent | undefined): Rendered {
  const { EventType, EventId: _id, IsPlayed: _played, ...fields } = event;
  const rendered: Rendered = { ...fields, EventType: NAMES.get(EventType) ?? String(EventType) };
  for (const field of DROPPED[EventType] ?? []) delete rendered[field];
  if (EventType === EVENT.executionStarted) {
    delete rendered.Name;
    rendered.FunctionName = fields.Name;
  }
  if (EventType === EVENT.executionCompleted) {
    const status = fields.OrchestrationStatus;
    rendered.OrchestrationStatus = STATUS_NAMES[Number(status)] ?? status;
  }
  if (cause) {
    rendered.ScheduledTime = cause.Timestamp;
    rendered.FunctionName = cause.Name;
    rendered.Input = cause.Input;
  }
  return rendered;
}

function withoutPayloads(rendered: Rendered, { EventType }: HistoryEvent, options: RenderOptions): Rendered {
  if (!options.showInput) delete rendered.Input;
  if (!WITH_RESULT.has(EventType)) return rendered;
  if (options.showHistoryOutput) rendered.Result = parsed(rendered.Result);
  else delete rendered.Result;
  return rendered;
}

/** A result that is no JSON (a failure, the reason of a termination) is shown as it is. */
function parsed(result: unknown): unknown {
  if (typeof result !== "string" || result.trim() === "") return result ?? null;
  try {
    return JSON.parse(result);
  } catch {
    return result;
  }
}

function isScheduled({ EventType }: HistoryEvent): boolean {
  return EventType === EVENT.taskScheduled || EventType === EVENT.subOrchestrationCreated;
}

/** The kind of event that scheduled what such an event ends. */
const CAUSES: Readonly<Record<number, number>> = {
  [EVENT.taskCompleted]: EVENT.taskScheduled,
  [EVENT.taskFailed]: EVENT.taskScheduled,
  [EVENT.subOrchestrationCompleted]: EVENT.subOrchestrationCreated,
  [EVENT.subOrchestrationFailed]: EVENT.subOrchestrationCreated,
};

const DROPPED: Readonly<Record<number, readonly string[]>> = {
  [EVENT.executionStarted]: ["OrchestrationInstance", "ParentInstance", "Version", "Tags"],
  [EVENT.taskScheduled]: ["Version"],
  [EVENT.subOrchestrationCreated]: ["Version"],
  [EVENT.taskCompleted]: ["TaskScheduledId"],
  [EVENT.taskFailed]: ["TaskScheduledId"],
  [EVENT.subOrchestrationCompleted]: ["TaskScheduledId"],
  [EVENT.subOrchestrationFailed]: ["TaskScheduledId"],
  [EVENT.timerFired]: ["TimerId"],
};

const BOOKKEEPING: ReadonlySet<number> = new Set([EVENT.orchestratorStarted, EVENT.orchestratorCompleted]);

const WITH_RESULT: ReadonlySet<number> = new Set([
  EVENT.taskCompleted,
  EVENT.subOrchestrationCompleted,
  EVENT.executionCompleted,
]);

const NAMES = new Map<number, string>([
  [EVENT.executionStarted, "ExecutionStarted"],
  [EVENT.executionCompleted, "ExecutionCompleted"],
  [EVENT.executionTerminated, "ExecutionTerminated"],
  [EVENT.taskScheduled, "TaskScheduled"],
  [EVENT.taskCompleted, "TaskCompleted"],
  [EVENT.taskFailed, "TaskFailed"],
  [EVENT.subOrchestrationCreated, "SubOrchestrationInstanceCreated"],
  [EVENT.subOrchestrationCompleted, "SubOrchestrationInstanceCompleted"],
  [EVENT.subOrchestrationFailed, "SubOrchestrationInstanceFailed"],
  [EVENT.timerCreated, "TimerCreated"],
  [EVENT.timerFired, "TimerFired"],
  [EVENT.eventSent, "EventSent"],
  [EVENT.eventRaised, "EventRaised"],
  [EVENT.genericEvent, "GenericEvent"],
  [EVENT.executionSuspended, "ExecutionSuspended"],
  [EVENT.executionResumed, "ExecutionResumed"],
]);

const STATUS_NAMES: Readonly<Record<number, string>> = { 1: "Completed", 3: "Failed", 5: "Terminated" };

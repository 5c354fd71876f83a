import type { ParentLink } from "../store/history-store.ts";
import { acceptedIn } from "./http-activity.ts";
import type { Decision } from "./replay/decision.ts";
import { EVENT, type ReplayEvent } from "./replay/replay-event.ts";
import type { HistoryEvent } from "./task-hub.ts";

/** A history event in three forms: small for replay, as the extension shows it, and as the JSON text that is stored. */
export interface HubEvent {
  readonly replay: ReplayEvent;
  readonly value: HistoryEvent;
  /** With `"IsPlayed":false`, as in the episode that takes it in; see {@link playedText}. */
  readonly text: string;
}

const NEW = '"IsPlayed":false';
const PLAYED = '"IsPlayed":true';

/** The event's text as later episodes see it. The flag stands before all data, so the first match is the flag. */
export function playedText(text: string): string {
  return text.replace(NEW, PLAYED);
}

function event(replay: ReplayEvent, id: number, atMs: number, fields: Readonly<Record<string, unknown>>): HubEvent {
  const at = new Date(atMs).toISOString();
  const value = { EventType: replay.type, EventId: id, IsPlayed: false, Timestamp: at, ...fields };
  return { replay, value, text: JSON.stringify(value) };
}

export interface StartedFields {
  readonly name: string;
  readonly version: string | null;
  readonly inputJson: string | null;
  readonly instanceId: string;
  readonly executionId: string;
  readonly parent: ParentLink | null;
}

export function executionStarted(started: StartedFields, atMs: number): HubEvent {
  const { name, version, inputJson, instanceId, executionId, parent } = started;
  return event({ type: EVENT.executionStarted }, -1, atMs, {
    Name: name,
    Version: version ?? "",
    Input: inputJson,
    OrchestrationInstance: { InstanceId: instanceId, ExecutionId: executionId },
    ParentInstance: parent && {
      OrchestrationInstance: { InstanceId: parent.instanceId, ExecutionId: parent.executionId },
      Name: parent.name,
      TaskScheduleId: parent.taskId,
      Version: "",
    },
    Tags: null,
    ScheduledStartTime: null,
    Generation: null,
  });
}

export function orchestratorStarted(atMs: number): HubEvent {
  return event({ type: EVENT.orchestratorStarted, atMs }, -1, atMs, {});
}

export function orchestratorCompleted(atMs: number): HubEvent {
  return event({ type: EVENT.orchestratorCompleted }, -1, atMs, {});
}

export function executionTerminated(reason: string, atMs: number): HubEvent {
  return event({ type: EVENT.executionTerminated, reason }, -1, atMs, { Input: reason });
}

/** Only gives an instance a reason for an episode. */
export function genericEvent(data: string, atMs: number): HubEvent {
  return event({ type: EVENT.genericEvent }, -1, atMs, { Data: data });
}

export function executionSuspended(reason: string, atMs: number): HubEvent {
  return event({ type: EVENT.executionSuspended }, -1, atMs, { Reason: reason });
}

export function executionResumed(reason: string, atMs: number): HubEvent {
  return event({ type: EVENT.executionResumed }, -1, atMs, { Reason: reason });
}

export function eventRaised(name: string, dataJson: string | null, atMs: number): HubEvent {
  return event({ type: EVENT.eventRaised, name }, -1, atMs, { Name: name, Input: dataJson });
}

export function taskCompleted(taskId: number, resultJson: string | null, atMs: number): HubEvent {
  const fields = { TaskScheduledId: taskId, Result: resultJson };
  const accepted = acceptedIn(resultJson, atMs);
  return event({ type: EVENT.taskCompleted, taskId, ...(accepted && { accepted }) }, -1, atMs, fields);
}

/** Both texts must be strings: the SDK cannot read the failure otherwise. */
export function taskFailed(taskId: number, reason: string, details: string, atMs: number): HubEvent {
  const fields = { TaskScheduledId: taskId, Reason: reason, Details: details };
  return event({ type: EVENT.taskFailed, taskId }, -1, atMs, fields);
}

export function timerFired(timerId: number, fireAtMs: number, atMs: number): HubEvent {
  const fields = { TimerId: timerId, FireAt: new Date(fireAtMs).toISOString() };
  return event({ type: EVENT.timerFired, taskId: timerId }, -1, atMs, fields);
}

export function subOrchestrationCompleted(taskId: number, resultJson: string | null, atMs: number): HubEvent {
  const fields = { TaskScheduledId: taskId, Result: resultJson };
  return event({ type: EVENT.subOrchestrationCompleted, taskId }, -1, atMs, fields);
}

/** @param details - null for a terminated child; the SDK then fails the parent, in production too */
export function subOrchestrationFailed(
  taskId: number,
  reason: string | null,
  details: string | null,
  atMs: number,
): HubEvent {
  const fields = { TaskScheduledId: taskId, Reason: reason, Details: details };
  return event({ type: EVENT.subOrchestrationFailed, taskId }, -1, atMs, fields);
}

/** Numbers of the orchestration statuses in an ExecutionCompleted event. */
const STATUS = { Completed: 1, Failed: 3, Terminated: 5 } as const;

export function executionCompleted(
  id: number,
  status: keyof typeof STATUS,
  result: string | null,
  atMs: number,
): HubEvent {
  const fields = { OrchestrationStatus: STATUS[status], Result: result, FailureDetails: null };
  return event({ type: EVENT.executionCompleted }, id, atMs, fields);
}

/** The event that records a decision, as a rule without its input; null for continue-as-new, which drops the history instead. */
export function decisionEvent(decision: Decision, atMs: number, storesInputs = false): HubEvent | null {
  const { id } = decision;
  switch (decision.kind) {
    case "scheduleActivity": {
      const fields = {
        Name: decision.name,
        Version: "",
        Input: storesInputs ? `[${decision.inputJson}]` : null,
        Tags: null,
      };
      return event({ type: EVENT.taskScheduled, id, name: decision.name }, id, atMs, fields);
    }
    case "createTimer": {
      const fields = { FireAt: new Date(decision.fireAtMs).toISOString() };
      return event({ type: EVENT.timerCreated, id }, id, atMs, fields);
    }
    case "createSubOrchestration": {
      const { name, instanceId, version, inputJson } = decision;
      const fields = {
        Name: name,
        Version: version ?? "",
        InstanceId: instanceId,
        Input: storesInputs ? inputJson : null,
      };
      return event({ type: EVENT.subOrchestrationCreated, id, name }, id, atMs, fields);
    }
    case "sendToEntity": {
      const { name, entityId, requestJson } = decision;
      // The SDK reads the request's id from the input: it names the answer.
      const fields = { InstanceId: entityId, Name: name, Input: requestJson };
      return event({ type: EVENT.eventSent, id, name }, id, atMs, fields);
    }
    case "complete":
      return executionCompleted(id, "Completed", decision.outputJson, atMs);
    case "fail":
      return executionCompleted(id, "Failed", decision.message, atMs);
    case "continueAsNew":
      return null;
  }
}

import { z } from "zod";
import { acceptedIn } from "./http-activity.ts";
import type { HubEvent } from "./hub-event.ts";
import { EVENT, type ReplayEvent } from "./replay/replay-event.ts";
import type { HistoryEvent } from "./task-hub.ts";

const at = z.string().transform((text) => Date.parse(text));
const id = z.number();
const name = z.string();

const quiet = [
  EVENT.executionStarted,
  EVENT.executionCompleted,
  EVENT.orchestratorCompleted,
  EVENT.genericEvent,
  EVENT.executionSuspended,
  EVENT.executionResumed,
] as const;
const byTaskScheduledId = [EVENT.taskFailed, EVENT.subOrchestrationCompleted, EVENT.subOrchestrationFailed] as const;
const named = [EVENT.taskScheduled, EVENT.subOrchestrationCreated, EVENT.eventSent] as const;

const storedEvent = z.discriminatedUnion("EventType", [
  z.object({ EventType: z.literal(EVENT.orchestratorStarted), Timestamp: at }),
  z.object({ EventType: z.literal(quiet) }),
  z.object({ EventType: z.literal(named), EventId: id, Name: name }),
  z.object({ EventType: z.literal(EVENT.timerCreated), EventId: id }),
  z.object({
    EventType: z.literal(EVENT.taskCompleted),
    TaskScheduledId: id,
    Timestamp: at,
    Result: z.string().nullish(),
  }),
  z.object({ EventType: z.literal(byTaskScheduledId), TaskScheduledId: id }),
  z.object({ EventType: z.literal(EVENT.timerFired), TimerId: id }),
  z.object({ EventType: z.literal(EVENT.eventRaised), Name: name }),
  z.object({ EventType: z.literal(EVENT.executionTerminated), Input: z.string() }),
]);

/** Reads back one parsed event of the store. */
export function storedReplayEvent(value: unknown): ReplayEvent {
  const event = storedEvent.parse(value);
  switch (event.EventType) {
    case EVENT.orchestratorStarted:
      return { type: event.EventType, atMs: event.Timestamp };
    case EVENT.taskScheduled:
    case EVENT.subOrchestrationCreated:
    case EVENT.eventSent:
      return { type: event.EventType, id: event.EventId, name: event.Name };
    case EVENT.timerCreated:
      return { type: event.EventType, id: event.EventId };
    case EVENT.timerFired:
      return { type: event.EventType, taskId: event.TimerId };
    case EVENT.taskCompleted: {
      const accepted = acceptedIn(event.Result, event.Timestamp);
      return { type: event.EventType, taskId: event.TaskScheduledId, ...(accepted && { accepted }) };
    }
    case EVENT.taskFailed:
    case EVENT.subOrchestrationCompleted:
    case EVENT.subOrchestrationFailed:
      return { type: event.EventType, taskId: event.TaskScheduledId };
    case EVENT.eventRaised:
      return { type: event.EventType, name: event.Name };
    case EVENT.executionTerminated:
      return { type: event.EventType, reason: event.Input };
    default:
      return { type: event.EventType };
  }
}

/** Reads back a message that waited in the store. */
export function storedMessage(text: string): HubEvent {
  const value = JSON.parse(text) as HistoryEvent;
  return { text, value, replay: storedReplayEvent(value) };
}

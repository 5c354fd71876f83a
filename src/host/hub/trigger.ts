import type { HubEvent } from "./hub-event.ts";
import type { HistoryEvent, OrchestrationTrigger } from "./task-hub.ts";

export interface TriggerParts {
  /** The events of earlier episodes. */
  readonly past: readonly PastEvent[];
  readonly fresh: readonly HubEvent[];
  readonly inputJson: string | null;
  readonly instanceId: string;
  readonly parentInstanceId: string | null;
}

/** An event in memory between two episodes; its time beside it, so that nobody has to read it again. */
export interface PastEvent {
  readonly value: HistoryEvent;
  readonly atMs: number;
}

/** What the trigger says of this host: replay schema V3 or V4, and the lengths at which timers are split. */
export interface TriggerSettings {
  readonly schema: 2 | 3;
  readonly longestTimerMs: number;
  readonly timerLegMs: number;
  readonly httpPollMs: number;
}

/** The orchestration trigger as the extension sends it, and as the SDK has it in the end. */
export function orchestrationTrigger(parts: TriggerParts, settings: TriggerSettings): OrchestrationTrigger {
  const { past, inputJson, instanceId, parentInstanceId } = parts;
  const rest = {
    instanceId,
    isReplaying: past.length > 0,
    parentInstanceId,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: settings.schema,
    longRunningTimerIntervalDuration: timeSpan(settings.timerLegMs),
    maximumShortTimerDuration: timeSpan(settings.longestTimerMs),
    // The misspelling is the protocol's.
    defaultHttpAsyncRequestSleepTimeMillseconds: settings.httpPollMs,
  };
  return {
    get json() {
      const history = [...past.map(playedJson), ...parts.fresh.map(({ text }) => text)].join(",");
      return `{"history":[${history}],"input":${inputJson ?? "null"},${JSON.stringify(rest).slice(1)}`;
    },
    toValue: () => withHidden({ ...rest }, parts),
  };
}

function playedJson({ value }: PastEvent): string {
  return JSON.stringify({ ...value, IsPlayed: true });
}

/** A name that the SDK looks for, however it is written in JSON. */
const MAY_HOLD_TIMESTAMP = /Timestamp|\\u/;

/**
 * The SDK walks through all that can be enumerated in a trigger, to make dates of fields named `Timestamp`: in every
 * episode, through the whole history and the whole input. Here the history has its dates already, and is not to be seen
 * by that walk; nor is an input that has no such field.
 */
function withHidden(trigger: object, { past, fresh, inputJson }: TriggerParts): object {
  const history = eventValues(past, fresh);
  const input: unknown = inputJson === null ? null : JSON.parse(inputJson);
  return Object.defineProperties(trigger, {
    history: { value: history },
    input: { value: input, enumerable: inputJson !== null && MAY_HOLD_TIMESTAMP.test(inputJson) },
  });
}

/** Events as an orchestrator gets them. */
export function eventValues(past: readonly PastEvent[], fresh: readonly HubEvent[]): object[] {
  return [
    ...past.map(({ value, atMs }) => dated(value, atMs, true)),
    ...fresh.map(({ value }) => dated(value, Date.parse(value.Timestamp), false)),
  ];
}

/** A copy, date and all: the orchestrator's clock is the very object in its history. */
function dated(event: HistoryEvent, atMs: number, isPlayed: boolean): object {
  return { ...event, Timestamp: new Date(atMs), IsPlayed: isPlayed };
}

/** A duration as .NET writes it: `d.hh:mm:ss.fffffff`. */
export function timeSpan(durationMs: number): string {
  const part = (unitMs: number, units: number): string => pad(Math.floor(durationMs / unitMs) % units, 2);
  const days = Math.floor(durationMs / 86_400_000);
  const fraction = durationMs % 1000 === 0 ? "" : `.${pad(durationMs % 1000, 3)}0000`;
  return `${days}.${part(3_600_000, 24)}:${part(60_000, 60)}:${part(1000, 60)}${fraction}`;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}

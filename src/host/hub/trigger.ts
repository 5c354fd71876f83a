import type { HubEvent } from "./hub-event.ts";

export interface TriggerParts {
  /** Texts of the events of earlier episodes, joined by commas. */
  readonly past: string;
  readonly fresh: readonly HubEvent[];
  readonly inputJson: string | null;
  readonly instanceId: string;
  readonly parentInstanceId: string | null;
}

/** What the trigger says of this host: replay schema V3 or V4, and the lengths at which timers are split. */
export interface TriggerSettings {
  readonly schema: 2 | 3;
  readonly longestTimerMs: number;
  readonly timerLegMs: number;
  readonly httpPollMs: number;
}

/** The orchestration trigger as the extension sends it; the old events' texts go in as they are. */
export function triggerJson(parts: TriggerParts, settings: TriggerSettings): string {
  const { past, fresh, inputJson, instanceId, parentInstanceId } = parts;
  const events = fresh.map(({ text }) => text).join(",");
  const history = past === "" ? events : `${past},${events}`;
  const rest = JSON.stringify({
    instanceId,
    isReplaying: past !== "",
    parentInstanceId,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: settings.schema,
    longRunningTimerIntervalDuration: timeSpan(settings.timerLegMs),
    maximumShortTimerDuration: timeSpan(settings.longestTimerMs),
    // The misspelling is the protocol's.
    defaultHttpAsyncRequestSleepTimeMillseconds: settings.httpPollMs,
  });
  return `{"history":[${history}],"input":${inputJson ?? "null"},${rest.slice(1)}`;
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

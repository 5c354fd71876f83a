import { z } from "zod";
import { ARCHIVE_ACTIVITY } from "../wire/durable-names.ts";
import { type Outcome, outcome } from "../wire/outcome.ts";

/**
 * The history of an orchestration as the management API shows it (`EventType` as text, ids and matched events left
 * out), brought down to what matters to a run.
 */
export type HistoryFact =
  | { readonly kind: "started"; readonly atMs: number }
  | { readonly kind: "outcome"; readonly atMs: number; readonly outcome: Outcome }
  | { readonly kind: "lost"; readonly atMs: number; readonly activity: string; readonly reason: string }
  | { readonly kind: "timerFired"; readonly atMs: number; readonly dueAtMs: number }
  | { readonly kind: "raised"; readonly atMs: number; readonly name: string; readonly data: unknown }
  /** The activity that archives run events: under way, or ended with an archive or without one. */
  | { readonly kind: "archiving" | "archived" | "notArchived"; readonly atMs: number }
  /** By its orchestrator, or by the host. */
  | { readonly kind: "ended"; readonly atMs: number };

const time = z.string().transform((text) => Date.parse(text));
/** Newer extensions parse data into JSON values, older ones leave some of it as text. */
const json = z.unknown().transform((value) => (typeof value === "string" ? parseOrUndefined(value) : value));

const fact = z.discriminatedUnion("EventType", [
  z
    .object({ EventType: z.literal("ExecutionStarted"), Timestamp: time })
    .transform(({ Timestamp }): HistoryFact => ({ kind: "started", atMs: Timestamp })),
  z
    .object({ EventType: z.literal("TaskCompleted"), Timestamp: time, Result: json.pipe(outcome) })
    .transform(({ Timestamp, Result }): HistoryFact => ({ kind: "outcome", atMs: Timestamp, outcome: Result })),
  z
    .object({
      EventType: z.literal("TaskFailed"),
      Timestamp: time,
      FunctionName: z.string(),
      Reason: z.string().nullish(),
      FailureDetails: z.object({ ErrorMessage: z.string().nullish() }).nullish(),
    })
    .transform(
      ({ Timestamp, FunctionName, Reason, FailureDetails }): HistoryFact => ({
        kind: "lost",
        atMs: Timestamp,
        activity: FunctionName,
        reason: Reason ?? FailureDetails?.ErrorMessage ?? "",
      }),
    ),
  z
    .object({ EventType: z.literal("TimerFired"), Timestamp: time, FireAt: time })
    .transform(({ Timestamp, FireAt }): HistoryFact => ({ kind: "timerFired", atMs: Timestamp, dueAtMs: FireAt })),
  z
    .object({ EventType: z.literal("EventRaised"), Timestamp: time, Name: z.string(), Input: json.optional() })
    .transform(
      ({ Timestamp, Name, Input }): HistoryFact => ({ kind: "raised", atMs: Timestamp, name: Name, data: Input }),
    ),
  z
    .object({ EventType: z.literal(["ExecutionCompleted", "ExecutionTerminated"]), Timestamp: time })
    .transform(({ Timestamp }): HistoryFact => ({ kind: "ended", atMs: Timestamp })),
]);

/** Of what is under way only the archiving matters: a superstep is known by what it is for. */
const archiving = z
  .object({ EventType: z.string(), Timestamp: time })
  .transform(
    ({ EventType, Timestamp }): HistoryFact => ({ kind: ARCHIVING[EventType] ?? "archiving", atMs: Timestamp }),
  );

const ARCHIVING: Readonly<Record<string, "archived" | "notArchived">> = {
  TaskCompleted: "archived",
  TaskFailed: "notArchived",
};

const KNOWN = new Set([
  "ExecutionStarted",
  "TaskCompleted",
  "TaskFailed",
  "TimerFired",
  "EventRaised",
  "ExecutionCompleted",
  "ExecutionTerminated",
]);
const CALLS = new Set(["TaskScheduled", "TaskCompleted", "TaskFailed"]);
const named = z.object({ EventType: z.string(), Name: z.string().nullish(), FunctionName: z.string().nullish() });

/** @param historyEvents - as the management API gives them with `showHistory` and `showHistoryOutput` */
export function parseHistory(historyEvents: readonly unknown[]): HistoryFact[] {
  return historyEvents.flatMap((event) => {
    const { EventType, Name, FunctionName } = named.parse(event);
    if (CALLS.has(EventType) && isArchiving(FunctionName ?? Name)) return [archiving.parse(event)];
    return KNOWN.has(EventType) ? [fact.parse(event)] : [];
  });
}

function isArchiving(functionName: string | null | undefined): boolean {
  return functionName?.toLowerCase() === ARCHIVE_ACTIVITY;
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // an event that somebody raised with other data than ours
  }
}

import { z } from "zod";
import { errorData } from "./error-data.ts";
import { jsonText } from "./json.ts";
import { tokenUsage } from "./usage.ts";

const common = {
  /** 1, 2, 3 … within the run. */
  number: z.int(),
  /** When the run took it in, ISO 8601. */
  at: z.iso.datetime(),
  superstep: z.int(),
};
/** Path of the frame, for what happens inside a sub-workflow: `Child~1` for its first call; missing at the top. */
const frame = z.string().optional();
const call = { ...common, frame, executorId: z.string(), callKey: z.string(), attempt: z.int() };
/** Tokens that this attempt used up, where it called a chat model. */
const used = { usage: tokenUsage.optional() };
const request = { ...common, frame, executorId: z.string(), requestId: z.string() };

/**
 * What happened in a run, as it is recorded: values are JSON text. Callers get {@link RunEvent}, where they are parsed.
 * The same sequence comes from every runner, apart from times and ids.
 */
export const recordedEvent = z.discriminatedUnion("type", [
  /** `parentRunId`: the run this one was forked from; then `superstep` is the last one before the fork. */
  z.object({
    ...common,
    type: z.literal("runStarted"),
    workflow: z.string(),
    version: z.string(),
    parentRunId: z.string().optional(),
  }),
  z.object({ ...call, type: z.literal("executorStarted") }),
  /**
   * `output` is the value the handler returned, what a port sent on, or the last output of a sub-workflow; it is missing when
   * there was none.
   */
  z.object({
    ...call,
    ...used,
    type: z.literal("executorCompleted"),
    durationMs: z.number(),
    output: jsonText.optional(),
  }),
  z.object({ ...call, ...used, type: z.literal("executorFailed"), durationMs: z.number(), error: errorData }),
  /** The call was put off, to be tried again at `nextAttemptAt`: this attempt failed, or its executor is not deployed. */
  z.object({ ...call, ...used, type: z.literal("executorDelayed"), nextAttemptAt: z.iso.datetime(), error: errorData }),
  /** The call will not be tried again, or ended: the frame or the map it belongs to has ended. */
  z.object({ ...call, type: z.literal("executorGivenUp") }),
  /** The handler answered after its time limit, or after the run had given it up; nothing came of it. */
  z.object({ ...call, type: z.literal("lateResultIgnored") }),
  /** A completed call is being undone, since the run fails or was cancelled; a further attempt starts again. */
  z.object({ ...call, type: z.literal("compensationStarted") }),
  z.object({ ...call, type: z.literal("compensationCompleted"), durationMs: z.number() }),
  /** It could not be undone; the run goes on undoing the others, and ends for the reason it had. */
  z.object({ ...call, type: z.literal("compensationFailed"), durationMs: z.number(), error: errorData }),
  /** Made by `context.emit`. */
  z.object({ ...call, type: z.literal("emitted"), name: z.string(), data: jsonText.optional() }),
  z.object({ ...request, type: z.literal("requestOpened"), request: jsonText }),
  z.object({ ...request, type: z.literal("requestAnswered"), response: jsonText }),
  /** The response does not fit the port's schema; the request stays open. */
  z.object({ ...request, type: z.literal("responseRejected"), error: errorData }),
  /** Nobody answered in time: the port's own answer counts, another port is asked, or the request has failed. */
  z.object({
    ...request,
    type: z.literal("requestTimedOut"),
    followedBy: z.enum(["response", "escalation", "failure"]),
  }),
  /** Nobody needs to answer any more: the frame or the map that asked has ended. */
  z.object({ ...request, type: z.literal("requestClosed") }),
  /** The response came too late: the request was answered, timed out, or never open. */
  z.object({ ...common, type: z.literal("responseIgnored"), requestId: z.string() }),
  z.object({
    ...common,
    type: z.literal("messageDropped"),
    frame,
    executorId: z.string(),
    message: jsonText,
    reason: z.enum(["noEdgeTookIt", "runEnded", "frameEnded", "mapEnded"]),
  }),
  z.object({ ...common, type: z.literal("runOutput"), executorId: z.string(), output: jsonText }),
  z.object({ ...common, type: z.literal("runCompleted"), haltedBy: z.string().optional() }),
  z.object({ ...common, type: z.literal("runFailed"), error: errorData }),
  z.object({ ...common, type: z.literal("runCancelled"), reason: z.string().optional() }),
]);
export type RecordedEvent = z.infer<typeof recordedEvent>;

type ValueField = "output" | "data" | "request" | "response" | "message";
type WithValues<Event> = Event extends unknown
  ? { readonly [Field in keyof Event]: Field extends ValueField ? unknown : Event[Field] }
  : never;

/** What happened in a run, as callers see it. */
export type RunEvent = WithValues<RecordedEvent>;

/** Some events of a run, in order. */
export interface EventPage {
  readonly events: readonly RunEvent[];
  /** The number of the last of them; ask for what comes behind it. */
  readonly nextAfter: number;
  /** The run has ended, and this is the last there is to know of it. */
  readonly hasEnded: boolean;
}

const VALUE_FIELDS: readonly ValueField[] = ["output", "data", "request", "response", "message"];

/** Turns the JSON text in a recorded event into values. */
export function readEvent(event: RecordedEvent): RunEvent {
  const copy: Record<string, unknown> = { ...event };
  for (const field of VALUE_FIELDS) {
    const text = copy[field];
    if (typeof text === "string") copy[field] = JSON.parse(text);
  }
  return copy as RunEvent;
}

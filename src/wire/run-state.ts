import { z } from "zod";
import { errorData } from "./error-data.ts";
import { jsonText } from "./json.ts";

const queuedMessage = z.object({
  kind: z.literal("message"),
  to: z.string(),
  from: z.string().nullable(),
  valueJson: jsonText,
});

const queuedResponse = z.object({
  kind: z.literal("response"),
  to: z.string(),
  requestId: z.string(),
  responseJson: jsonText,
  /** Nobody answered in time: this is the response that the port declares for that. */
  isTimeout: z.literal(true).optional(),
});

/** A completed call with all that is needed to undo it. */
const completedCall = z.object({
  executorId: z.string(),
  callKey: z.string(),
  inputJson: jsonText,
  outputJson: jsonText.optional(),
});
export type CompletedCall = z.infer<typeof completedCall>;

const queuedCompensation = z.object({
  kind: z.literal("compensation"),
  to: z.string(),
  inputJson: jsonText,
  outputJson: jsonText.optional(),
});

const queueOrder = {
  /** The superstep it was sent in: earlier ones are delivered first. */
  sentIn: z.int(),
  attempt: z.int(),
  /** How the attempt before failed: error data, without a stack. */
  lastErrorJson: jsonText.optional(),
  /** Kept when a call is put back, so that every attempt has the same key. */
  callKey: z.string().optional(),
  /** How often it was put off because its executor was not deployed; missing for never. */
  delays: z.int().optional(),
};

export const queued = z.discriminatedUnion("kind", [
  queuedMessage.extend(queueOrder),
  queuedResponse.extend(queueOrder),
  queuedCompensation.extend(queueOrder),
]);
export type Queued = z.infer<typeof queued>;

const openRequest = z.object({
  requestId: z.string(),
  port: z.string(),
  requestJson: jsonText,
  openedAtMs: z.number(),
  /** When it times out; missing when it waits for as long as it takes. */
  deadlineAtMs: z.number().optional(),
  superstep: z.int(),
  /** A response is on its way to the port; a further one waits for its turn, which comes if this one does not fit. */
  isAnswering: z.boolean(),
});
export type OpenRequest = z.infer<typeof openRequest>;

/** A call that was put off: it is queued again when its time comes. */
const delayed = z.object({
  dueAtMs: z.number(),
  item: queued,
  /** The deployed code does not have what it calls. */
  isNotDeployed: z.literal(true).optional(),
});

const executorCounts = z.object({ started: z.int(), completed: z.int(), failed: z.int() });
export type ExecutorCounts = z.infer<typeof executorCounts>;

const engineStatus = z.enum(["running", "completed", "failed", "cancelled"]);

const ending = z.discriminatedUnion("status", [
  z.object({ status: z.literal("failed"), error: errorData }),
  z.object({ status: z.literal("cancelled") }),
]);
export type Ending = z.infer<typeof ending>;

/** All there is to know of a run between two supersteps. Plain JSON, never changed in place. */
export const runState = z.object({
  format: z.literal(1),
  runId: z.string(),
  /** The run this one was forked from. */
  parentRunId: z.string().optional(),
  status: engineStatus,
  startedAtMs: z.number(),
  inputHash: z.string(),
  /** Recorded randomness: request ids are made from it, so nobody can guess one before the request is open. */
  seed: z.string(),
  /** The superstep that was begun last; 0 before the first. */
  superstep: z.int(),
  queue: z.array(queued),
  /** What the superstep begun last delivers, in order, each with its call key; empty between two supersteps. */
  inFlight: z.array(queued),
  /** Messages that wait at fan-ins: edge id, then source, then messages in order of arrival. */
  barriers: z.record(z.string(), z.record(z.string(), z.array(jsonText))),
  requests: z.array(openRequest),
  delayed: z.array(delayed),
  values: z.record(z.string(), jsonText),
  outputs: z.array(z.object({ executorId: z.string(), outputJson: jsonText })),
  counts: z.record(z.string(), executorCounts),
  requestsOpened: z.int(),
  messagesDropped: z.int(),
  /** Characters of JSON text held in queue, calls in flight, delayed calls, calls to undo, barriers, requests, values, outputs. */
  chars: z.int(),
  nextEventNumber: z.int(),
  /** When the run times out. */
  deadlineAtMs: z.number().optional(),
  /** Completed calls that can be undone, the first one first. */
  compensable: z.array(completedCall).optional(),
  /** How the run ends once everything that can be undone has been; missing while it is not on its way to an end. */
  ending: ending.optional(),
  error: errorData.optional(),
  /** Set when the run is to end with the superstep whose calls are in flight. */
  isCancelRequested: z.boolean().optional(),
  cancelReason: z.string().optional(),
});
export type RunState = z.infer<typeof runState>;

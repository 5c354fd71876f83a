import { z } from "zod";
import { compensationError, errorData } from "./error-data.ts";
import { jsonText } from "./json.ts";
import { tokenUsage } from "./usage.ts";

/** An item of a map: where what becomes of it goes, in place of the edges. */
const mapItem = z.object({ map: z.string(), index: z.int() });
export type MapItem = z.infer<typeof mapItem>;

/** Where a call is, and where its result goes. */
const address = {
  /** Path of the frame; missing at the top. */
  frame: z.string().optional(),
  item: mapItem.optional(),
};
export interface Address {
  readonly frame?: string | undefined;
  readonly item?: MapItem | undefined;
}

const queuedMessage = z.object({
  kind: z.literal("message"),
  to: z.string(),
  from: z.string().nullable(),
  valueJson: jsonText,
  ...address,
});

const queuedResponse = z.object({
  kind: z.literal("response"),
  to: z.string(),
  frame: z.string().optional(),
  requestId: z.string(),
  responseJson: jsonText,
  /** Nobody answered in time: this is the response that the port declares for that. */
  isTimeout: z.literal(true).optional(),
});

/** A completed call with all that is needed to undo it. */
const completedCall = z.object({
  frame: z.string().optional(),
  executorId: z.string(),
  callKey: z.string(),
  inputJson: jsonText,
  outputJson: jsonText.optional(),
});
export type CompletedCall = z.infer<typeof completedCall>;

const queuedCompensation = z.object({
  kind: z.literal("compensation"),
  to: z.string(),
  /** It may have ended long ago. */
  frame: z.string().optional(),
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

/** The next items of a map, to be taken as far as there is room for them. */
const queuedItems = z.object({
  kind: z.literal("items"),
  to: z.string(),
  frame: z.string().optional(),
  map: z.string(),
  sentIn: z.int(),
});
export type QueuedItems = z.infer<typeof queuedItems>;

const queuedCalls = [
  queuedMessage.extend(queueOrder),
  queuedResponse.extend(queueOrder),
  queuedCompensation.extend(queueOrder),
] as const;
const queuedCall = z.discriminatedUnion("kind", queuedCalls);
export type QueuedCall = z.infer<typeof queuedCall>;

const queued = z.discriminatedUnion("kind", [...queuedCalls, queuedItems]);
export type Queued = z.infer<typeof queued>;

const openRequest = z.object({
  ...address,
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
  item: queuedCall,
  /** The deployed code does not have what it calls. */
  isNotDeployed: z.literal(true).optional(),
});

/** Messages that wait at fan-ins: edge id, then source, then messages in order of arrival. */
const barriers = z.record(z.string(), z.record(z.string(), z.array(jsonText)));
const values = z.record(z.string(), jsonText);
/** What nodes of kind `workflow` keep for their next call: node, then key. */
const kept = z.record(z.string(), values).optional();

/** A call of a sub-workflow that is going on, with all that its graph keeps for itself. */
const frame = z.object({
  values,
  barriers,
  kept,
  openedAtMs: z.number(),
  /** When it times out, by the time limit of the sub-workflow. */
  deadlineAtMs: z.number().optional(),
  /** The call that opened it. */
  caller: z.object({
    ...address,
    executorId: z.string(),
    callKey: z.string(),
    /** What it was called with; only where an error edge wants it. */
    inputJson: jsonText.optional(),
  }),
  /** The last output so far. */
  outputJson: jsonText.optional(),
});
export type Frame = z.infer<typeof frame>;

/**
 * A map that is going on. Its lists are long: they are kept in pieces, so that a superstep copies a piece or two and never
 * the whole.
 */
const map = z.object({
  frame: z.string().optional(),
  /** Id of the map's edge. */
  edge: z.string(),
  size: z.int(),
  /** Items that have not been taken yet, as JSON text, in pieces; the first piece may have been begun. */
  waiting: z.array(z.array(jsonText)),
  /** What became of an item, by its place in the list, in the order in which they ended, in pieces. */
  results: z.array(z.array(z.tuple([z.int(), jsonText]))),
  /** Items whose call is going on. */
  running: z.int(),
  failed: z.int(),
  /** Whether the queue holds its next items. */
  isQueued: z.boolean(),
});
export type MapState = z.infer<typeof map>;

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
  /** Waits for the end of a call of the same node, where that takes one at a time; missing for none. */
  held: z.array(queued).optional(),
  /** What the superstep begun last delivers, in order, each with its call key; empty between two supersteps. */
  inFlight: z.array(queuedCall),
  /** Those of the graph the run was started with; sub-workflows have their own, in their frames. */
  barriers,
  requests: z.array(openRequest),
  delayed: z.array(delayed),
  values,
  kept,
  /** Calls of sub-workflows that are going on, by path. */
  frames: z.record(z.string(), frame),
  /** By number, in the order in which they began. */
  maps: z.record(z.string(), map),
  outputs: z.array(z.object({ executorId: z.string(), outputJson: jsonText })),
  /** By place in the plan: `Inner` for an executor at the top, `Child~Inner` for one of a sub-workflow. */
  counts: z.record(z.string(), executorCounts),
  /** Summed over all calls; missing while no executor told of any. */
  usage: tokenUsage.optional(),
  requestsOpened: z.int(),
  /** Missing for none. */
  mapsOpened: z.int().optional(),
  messagesDropped: z.int(),
  /** Characters of JSON text held in queue, calls in flight, delayed calls, calls to undo, held ones, barriers, requests, values, kept values, outputs, frames, maps. */
  chars: z.int(),
  nextEventNumber: z.int(),
  /** When the run times out. */
  deadlineAtMs: z.number().optional(),
  /** Completed calls that can be undone, the first one first. */
  compensable: z.array(completedCall).optional(),
  /** How the run ends once everything that can be undone has been; missing while it is not on its way to an end. */
  ending: ending.optional(),
  error: errorData.optional(),
  /** What could not be undone, the first 20 of it; missing for nothing. */
  compensationErrors: z.array(compensationError).optional(),
  /** Set when the run is to end with the superstep whose calls are in flight. */
  isCancelRequested: z.boolean().optional(),
  cancelReason: z.string().optional(),
});
export type RunState = z.infer<typeof runState>;

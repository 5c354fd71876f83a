import { z } from "zod";
import { compensationError, errorData } from "./error-data.ts";
import { jsonText } from "./json.ts";
import { tokenUsage } from "./usage.ts";

/** `Cancelled` is the end asked for with a cancel; `Terminated` the hard stop from outside. */
export const runStatusName = z.enum([
  "Pending",
  "Running",
  "Suspended",
  "Completed",
  "Failed",
  "Cancelled",
  "Terminated",
]);
export type RunStatusName = z.infer<typeof runStatusName>;

const executorStatus = z.object({
  /** Of an executor of a sub-workflow: `Child~Inner`, the ids of the nodes that lead there before its own. */
  id: z.string(),
  status: z.enum(["idle", "running", "waiting", "completed", "failed"]),
  calls: z.int(),
  /** When the earliest call that was put off is tried again; missing when none was. */
  nextAttemptAt: z.iso.datetime().optional(),
  /** A call was put off since the deployed code lacks it, or a condition behind it: it goes on once a deployment brings it back. */
  isNotDeployed: z.literal(true).optional(),
});

const waitingRequest = z.object({
  requestId: z.string(),
  /** The id of the request port. */
  eventName: z.string(),
  /** Path of the frame, for a port of a sub-workflow; missing at the top. */
  frame: z.string().optional(),
  input: z.unknown(),
  /** JSON Schema (draft 2020-12) of the response; missing when the port is not deployed any more. */
  responseSchema: z.unknown().optional(),
  openedAt: z.iso.datetime(),
  /** null: it waits for as long as it takes. */
  deadline: z.iso.datetime().nullable(),
});
export type WaitingRequest = z.infer<typeof waitingRequest>;

/** The status of a run, the same from every runner and over HTTP. */
export const runStatus = z.object({
  runId: z.string(),
  /** The run this one was forked from; missing for a run that was started. */
  parentRunId: z.string().optional(),
  workflow: z.string(),
  /** Fingerprint of the plan the run was started with. */
  version: z.string(),
  status: runStatusName,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  superstep: z.int(),
  executors: z.array(executorStatus),
  waitingForInput: z.array(waitingRequest),
  /** The last output; null before there is one. */
  output: z.unknown(),
  outputs: z.array(z.unknown()),
  /** What calls of chat models used up, failed attempts counted; missing while there were none. */
  usage: tokenUsage.optional(),
  error: errorData.nullable(),
  /** Completed calls that could not be undone when the run failed or was cancelled, the first 20; missing for none. */
  compensationErrors: z.array(compensationError).optional(),
});
export type RunStatus = z.infer<typeof runStatus>;

/** A run as a list shows it: what is known of it without its history. */
export const runSummary = z.object({
  runId: z.string(),
  workflow: z.string(),
  /** Fingerprint of the plan; null until its first superstep. */
  version: z.string().nullable(),
  status: runStatusName,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  superstep: z.int(),
  /** How many port requests wait for a response. */
  openRequests: z.int(),
});
export type RunSummary = z.infer<typeof runSummary>;

/** One page of a list of runs. */
export const runPage = z.object({
  runs: z.array(runSummary),
  /** Gives the next page; null on the last one. */
  nextCursor: z.string().nullable(),
});
export type RunPage = z.infer<typeof runPage>;

/**
 * The custom status of a run's orchestration: what fits into 7,000 characters. Payloads are left out first (`input`
 * null), then requests, then counts; `isComplete` says whether anything is missing, which is then read from the history.
 */
export const customStatus = z.object({
  format: z.literal(1),
  status: z.enum(["running", "completed", "failed", "cancelled"]),
  version: z.string(),
  inputHash: z.string(),
  /** Which generation of the run this is; missing for the first one. */
  generation: z.int().optional(),
  /** When the first generation was created; missing in it, since the host knows better there. */
  createdAtMs: z.number().optional(),
  superstep: z.int(),
  isComplete: z.boolean(),
  /** A cancel has come, and waits for the calls under way: their handlers are to stop. */
  isCancelRequested: z.literal(true).optional(),
  /** Executor id (`Child~Inner` in a sub-workflow), then calls started, completed, failed. */
  counts: z.record(z.string(), z.tuple([z.int(), z.int(), z.int()])),
  requests: z.array(
    z.object({
      requestId: z.string(),
      port: z.string(),
      frame: z.string().optional(),
      requestJson: jsonText.nullable(),
      openedAtMs: z.number(),
      deadlineAtMs: z.number().optional(),
    }),
  ),
  /** Executors with calls that were put off, with the earliest due time of each, in milliseconds since 1970. */
  nextAttempts: z.record(z.string(), z.number()).optional(),
  usage: tokenUsage.optional(),
  /** Those among them whose calls wait for a deployment. */
  notDeployed: z.array(z.string()).optional(),
  requestCount: z.int(),
  outputCount: z.int(),
});
export type CustomStatus = z.infer<typeof customStatus>;

/** What a run's orchestration returns, or puts behind a marker into the text of its failure. */
export const runResult = z.object({
  format: z.literal(1),
  status: z.enum(["completed", "failed", "cancelled"]),
  outputs: z.array(jsonText),
  error: errorData.optional(),
  compensationErrors: z.array(compensationError).optional(),
});
export type RunResult = z.infer<typeof runResult>;

import { z } from "zod";
import { jsonText } from "./json.ts";
import { planEdge } from "./plan.ts";

const messageCall = z.object({
  kind: z.literal("message"),
  /** The executor that sent it; null for the input of the run, and the target itself for the list of a fan-in. */
  from: z.string().nullable(),
  valueJson: jsonText,
});

const responseCall = z.object({
  kind: z.literal("response"),
  requestId: z.string(),
  requestJson: jsonText,
  responseJson: jsonText,
});

/** Undoes a call that has completed. */
const compensationCall = z.object({
  kind: z.literal("compensation"),
  inputJson: jsonText,
  /** What the call returned; missing when that was nothing. */
  outputJson: jsonText.optional(),
});

/** One call of one executor: all the activity needs, so that it routes by the run's graph and not by the deployed one. */
export const delivery = z.object({
  runId: z.string(),
  workflow: z.string(),
  executorId: z.string(),
  /** The same for every attempt at this call, and unique within the run: `{executor}-{superstep}-{ordinal}`. */
  callKey: z.string(),
  superstep: z.int(),
  /** 1 for the first attempt. */
  attempt: z.int(),
  /** How the attempt before this one failed. */
  lastErrorJson: jsonText.optional(),
  /** How long this attempt may take. */
  timeoutMs: z.number().optional(),
  /** When the run itself is out of time: no call of it is waited for any longer. */
  deadlineAtMs: z.number().optional(),
  /** Characters of JSON text that the call may produce; missing for 524,288. */
  maxOutcomeChars: z.int().optional(),
  /** The run's plan wants `retryOn` to be asked when the call fails. */
  asksRetry: z.literal(true).optional(),
  call: z.discriminatedUnion("kind", [messageCall, responseCall, compensationCall]),
  /** The state keys this executor declares, and no others. */
  state: z.record(z.string(), jsonText),
  /** The outgoing edges of the executor in the run's plan. */
  edges: z.array(planEdge),
});
export type Delivery = z.infer<typeof delivery>;

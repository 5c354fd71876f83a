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
  /** The workflow whose graph the executor is in. */
  workflow: z.string(),
  /** The workflow of the run, where the executor is in a sub-workflow of it. */
  runWorkflow: z.string().optional(),
  /** Path of the frame the call is in; missing at the top. */
  frame: z.string().optional(),
  executorId: z.string(),
  /** The same for every attempt at this call, and unique within the run: `{executor}-{superstep}-{ordinal}`, behind the path of its frame. */
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
  /** When the first sub-workflow around the call is out of time: the call is given up then. */
  frameDeadlineAtMs: z.number().optional(),
  /** The same, counted from the start of this call: it is the first one in there. */
  frameTimeoutMs: z.number().optional(),
  /** Characters of JSON text that the call may produce; missing for 524,288. */
  maxOutcomeChars: z.int().optional(),
  /** The run's plan wants `retryOn` to be asked when the call fails. */
  asksRetry: z.literal(true).optional(),
  call: z.discriminatedUnion("kind", [messageCall, responseCall, compensationCall]),
  /** The state keys this executor declares, and no others. */
  state: z.record(z.string(), jsonText),
  /** The outgoing edges of the executor in the run's plan. */
  edges: z.array(planEdge),
  /** What is returned goes to a map: no edge has a say in it. */
  isItem: z.literal(true).optional(),
  /**
   * What it outputs is a message of the sub-workflow's node: the edges of that node which ask code; then, where that is an
   * output as well, those of the node around it, and so on. Missing when none of them asks code.
   */
  outer: z.array(z.array(planEdge)).optional(),
  /** What it returns is such an output, and not only what it yields. */
  isOutput: z.literal(true).optional(),
});
export type Delivery = z.infer<typeof delivery>;

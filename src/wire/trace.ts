import { z } from "zod";
import { jsonText } from "./json.ts";
import { outcome } from "./outcome.ts";

/** Calls that answered after they were given up; missing for none. */
const late = z.array(z.object({ executorId: z.string(), callKey: z.string(), attempt: z.int() })).optional();

/**
 * One entry of a run's trace: what came in, and when the run took it in. A run is a function of its plan, its input and its
 * trace, so the trace is all that has to be kept of it.
 */
export const traceEntry = z.discriminatedUnion("kind", [
  /** A response that was accepted; a later `superstepBegan` takes it in. */
  z.object({ kind: z.literal("response"), requestId: z.string(), responseJson: jsonText }),
  /** A cancel that was accepted. */
  z.object({ kind: z.literal("cancel"), reason: z.string().optional() }),
  /** What one call of the superstep under way produced. */
  z.object({ kind: z.literal("outcome"), outcome }),
  /**
   * At `atMs` the run took in the first `responses` of those that wait, what came late, the cancel if `cancel` says so, and
   * what was due; then it began its next superstep, if it had anything to deliver.
   */
  z.object({
    kind: z.literal("superstepBegan"),
    atMs: z.number(),
    responses: z.int(),
    cancel: z.boolean(),
    late,
  }),
  /** At `atMs` the run took in what came late, then the cancel if `cancel` says so, then the outcomes of its superstep. */
  z.object({ kind: z.literal("superstepEnded"), atMs: z.number(), cancel: z.boolean(), late }),
]);
export type TraceEntry = z.infer<typeof traceEntry>;

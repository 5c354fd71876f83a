import { z } from "zod";
import { type Delivery, delivery } from "../wire/delivery.ts";
import { outcome } from "../wire/outcome.ts";

/** The orchestrator's clock when it handed out the superstep; the history keeps it nowhere else. */
const takenAtMs = z.number();

/** The host's JSON rewrites text that looks like a date, and a run id may look like one: with this before it, none does. */
const RUN_ID_GUARD = "run ";

/** What an activity is called with: an object, since the host mangles bare values on their way. */
export function activityInput(call: Delivery, atMs: number): object {
  return { ...call, runId: `${RUN_ID_GUARD}${call.runId}`, takenAtMs: atMs };
}

/** The same, read by the activity. */
export const activityCall = delivery.extend({
  takenAtMs,
  runId: z
    .string()
    .startsWith(RUN_ID_GUARD)
    .transform((text) => text.slice(RUN_ID_GUARD.length)),
});

/** What an activity returns. */
export const activityResult = outcome.extend({ takenAtMs });
export type ActivityResult = z.infer<typeof activityResult>;

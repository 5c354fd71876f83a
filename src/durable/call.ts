import { z } from "zod";
import { type Delivery, delivery } from "../wire/delivery.ts";

/** The host's JSON rewrites text that looks like a date, and a run id may look like one: with this before it, none does. */
const RUN_ID_GUARD = "run ";

export function guardedRunId(runId: string): string {
  return `${RUN_ID_GUARD}${runId}`;
}

const runId = z
  .string()
  .startsWith(RUN_ID_GUARD)
  .transform((text) => text.slice(RUN_ID_GUARD.length));

/** What an activity is called with: an object, since the host mangles bare values on their way. */
export function activityInput(call: Delivery): object {
  return { ...call, runId: guardedRunId(call.runId) };
}

/** The same, read by the activity. */
export const activityCall = delivery.extend({ runId });

/** What the activity that archives run events is called with. */
export function archiveInput(id: string): object {
  return { runId: guardedRunId(id) };
}

/** The same, read by the activity. */
export const archiveCall = z.object({ runId });

import { z } from "zod";
import { jsonText, parseJson } from "./json.ts";

/**
 * What a call tells while it goes on: the words of a model as they come, say. It goes to whoever watches the run at that moment
 * and is not recorded: a replay, a late subscriber and a crash know nothing of it, so the outcome has to say it all again.
 */
export const liveUpdate = z.object({
  runId: z.string(),
  workflow: z.string(),
  executorId: z.string(),
  callKey: z.string(),
  attempt: z.int(),
  /** 1, 2, 3 … within this attempt, so that a subscriber sees a gap. */
  number: z.int(),
  data: jsonText,
});
export type LiveUpdate = z.infer<typeof liveUpdate>;

/** A {@link LiveUpdate} as callers see it. */
export type RunUpdate = Omit<LiveUpdate, "data"> & { readonly data: unknown };

export function readUpdate({ data, ...update }: LiveUpdate): RunUpdate {
  return { ...update, data: parseJson(data) };
}

import { z } from "zod";
import { plan } from "./plan.ts";

const schemas = z.record(z.string(), z.unknown());

/**
 * A plan as it is kept in `plans/{workflow}/{fingerprint}.json`, like a lock file: a change of a graph shows in review, and
 * the app still knows the names that open runs of an earlier version need.
 */
export const recordedPlan = z.object({
  format: z.literal(1),
  plan,
  /** JSON Schemas (draft 2020-12) by executor, then place: what the fingerprints in the plan stand for. */
  schemas: z.record(z.string(), schemas),
  /** JSON Schemas of state values by the name of their key. */
  stateSchemas: schemas,
  /** The same for sub-workflows, by name; missing for a workflow without any. */
  workflows: z
    .record(z.string(), z.object({ schemas: z.record(z.string(), schemas), stateSchemas: schemas }))
    .optional(),
});
export type RecordedPlan = z.infer<typeof recordedPlan>;

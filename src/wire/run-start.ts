import { z } from "zod";
import { jsonText } from "./json.ts";
import { plan } from "./plan.ts";

/** The input of a run's orchestration: the plan it keeps, and what it was started with. */
export const runStart = z.object({
  format: z.literal(1),
  plan,
  inputJson: jsonText,
  /** SHA-256 of the input as canonical JSON: the same id with the same input is the same run. */
  inputHash: z.string(),
  /** 128 random bits in hex, made by whoever starts the run. */
  seed: z.string(),
  /** When the run times out, by the clock of whoever starts it: history and orchestrator have to agree on it. */
  deadlineAtMs: z.number().optional(),
});
export type RunStart = z.infer<typeof runStart>;

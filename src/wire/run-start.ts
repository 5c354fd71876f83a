import { z } from "zod";
import { jsonText } from "./json.ts";
import { plan } from "./plan.ts";
import { runState } from "./run-state.ts";

/**
 * How much one generation of a run holds before the run goes on in a new one (`continueAsNew`), with an empty history: every
 * episode replays all of it.
 */
export const generationLimits = z.object({
  maxSupersteps: z.int().positive(),
  /** Characters of what the calls of its supersteps were given and gave back, and of what it waited for. */
  maxChars: z.int().positive(),
});
export type GenerationLimits = z.infer<typeof generationLimits>;

export const DEFAULT_GENERATION_LIMITS: GenerationLimits = { maxSupersteps: 100, maxChars: 512 * 1024 };

/** What a further generation of a run goes on from. */
const continuation = z.object({
  /** 2 for the first one. */
  generation: z.int().min(2),
  state: runState,
  /** How far time has come by what is recorded, in milliseconds since 1970. */
  dueMs: z.number(),
  /** When the host created the first generation. */
  createdAtMs: z.number(),
  /** How many entities hold the events of the generations before. */
  archiveParts: z.int(),
});

/** The input of a run's orchestration: the plan it keeps, what it was started with, and where a long run goes on. */
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
  /** Recorded, so that a setting may change while runs are open; missing for the defaults. */
  generationLimits: generationLimits.optional(),
  /** Missing in the first generation. */
  continued: continuation.optional(),
});
export type RunStart = z.infer<typeof runStart>;

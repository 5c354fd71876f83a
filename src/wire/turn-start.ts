import { z } from "zod";
import { chatMessage } from "./chat.ts";
import { plan } from "./plan.ts";
import { generationLimits } from "./run-start.ts";

/** The input of the orchestration that takes one turn in a thread: what to start a run of the agent with, once it may. */
export const turnStart = z.object({
  format: z.literal(1),
  agent: z.string(),
  threadId: z.string(),
  /** The id of the agent's run. */
  runId: z.string(),
  /** The agent's own, which the run keeps. */
  plan,
  /** What is said in this turn. */
  messages: z.array(chatMessage).min(1),
  /** SHA-256 of thread and messages: the same id with the same message is the same turn. */
  inputHash: z.string(),
  /** 128 random bits in hex, for the run. */
  seed: z.string(),
  /** How long the thread is kept after this turn. */
  ttlMs: z.number(),
  /** For the run; missing for the defaults. */
  generationLimits: generationLimits.optional(),
  /** How often the turn was asked for and not given. */
  asked: z.int(),
  /** Whether it looks, while it waits, for a run before it that is lost; missing in turns that began before turns did so. */
  freesLost: z.literal(true).optional(),
});
export type TurnStart = z.infer<typeof turnStart>;

/** What that orchestration returns; how the run ended is for the run to say. */
export const turnResult = z.object({
  format: z.literal(1),
  /** It was cancelled before its run began. */
  isCancelled: z.boolean(),
});
export type TurnResult = z.infer<typeof turnResult>;

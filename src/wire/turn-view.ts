import { z } from "zod";
import { chatMessage } from "./chat.ts";
import { runStatus } from "./status.ts";

/**
 * One turn with an agent, as callers see it: a run of the agent, and the thread it belongs to, whose id stands under the names
 * that other hosts of agents use, too.
 */
export const turnView = runStatus
  .pick({
    runId: true,
    version: true,
    status: true,
    createdAt: true,
    updatedAt: true,
    waitingForInput: true,
    usage: true,
    error: true,
  })
  .extend({
    agent: z.string(),
    threadId: z.string(),
    thread_id: z.string(),
    session_id: z.string(),
    /** What the agent said; while a person is waited for, what that person is asked; else null. */
    response: z.string().nullable(),
    /** The answer as a value, where the agent has an output schema; its text otherwise. */
    output: z.unknown(),
    statusUrl: z.url(),
    respondUrl: z.url(),
    eventsUrl: z.url(),
  });
export type TurnView = z.infer<typeof turnView>;

/** A conversation with an agent, as callers see it. */
export const threadView = z.object({
  agent: z.string(),
  threadId: z.string(),
  messages: z.array(chatMessage),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** When it is deleted, unless something is said before. */
  expiresAt: z.iso.datetime(),
  /** The run that has its turn; null while nobody talks. */
  runId: z.string().nullable(),
  /** Runs that wait for theirs. */
  waitingRuns: z.array(z.string()),
});
export type ThreadView = z.infer<typeof threadView>;

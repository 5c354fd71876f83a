import { z } from "zod";
import { chatMessage } from "./chat.ts";

/** The conversation of one thread with an agent, as its entity keeps it. */
export const agentThread = z.object({
  format: z.literal(1),
  messages: z.array(chatMessage),
  createdAtMs: z.number(),
  /** When the last turn was stored. */
  updatedAtMs: z.number(),
  /** From then on it counts as empty, and may be deleted. */
  expiresAtMs: z.number(),
  /** The run that has its turn; nobody else's answer is taken meanwhile. */
  turn: z.object({ runId: z.string(), sinceMs: z.number() }).nullable(),
  /** Runs that wait for theirs, in the order they came in, and when they asked last; one that was cancelled is told so. */
  waiting: z.array(z.object({ runId: z.string(), askedAtMs: z.number(), isCancelled: z.literal(true).optional() })),
});
export type AgentThread = z.infer<typeof agentThread>;

const turn = { runId: z.string() };
/** The run with the turn, where it was ended from outside or is gone, so that it cannot give its turn back: it holds up nothing. */
const lost = { lostRunId: z.string().optional() };

/** What a thread can be told. */
export const threadOperation = z.discriminatedUnion("name", [
  /** A run asks for its turn: once more does no harm. */
  z.object({ name: z.literal("begin"), ...turn, ttlMs: z.number() }),
  /** The run with the turn stores the conversation it came to, and gives the turn back. */
  z.object({ name: z.literal("complete"), ...turn, messages: z.array(chatMessage), ttlMs: z.number() }),
  /** The run with the turn, or one that waits, came to nothing: the conversation stays as it was. */
  z.object({ name: z.literal("abandon"), ...turn }),
  /** A run is not to wait any more. One that has its turn already is left alone. */
  z.object({ name: z.literal("cancel"), ...turn }),
  /** Deletes a thread whose time is up. */
  z.object({ name: z.literal("expire"), ...lost }),
  /** Deletes a thread that nobody is talking in. */
  z.object({ name: z.literal("delete"), ...lost }),
]);
export type ThreadOperation = z.infer<typeof threadOperation>;

/** What a run is told that asks for its turn. */
export const turnAnswer = z.discriminatedUnion("isGranted", [
  z.object({ isGranted: z.literal(true), messages: z.array(chatMessage) }),
  z.object({ isGranted: z.literal(false), isCancelled: z.boolean() }),
]);
export type TurnAnswer = z.infer<typeof turnAnswer>;

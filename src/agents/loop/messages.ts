import { z } from "zod";
import { conversation } from "../../wire/chat.ts";
import { errorMessage } from "../../wire/error-message.ts";

/** What the executors of an agent's graph send each other. None of it comes from outside: a run's input goes to the first turn. */

/** Names a call of a tool: its place in a wave. */
const place = z.object({ wave: z.string(), slot: z.int() });
export type Place = z.infer<typeof place>;

const runTool = place.extend({ arguments: z.unknown() });

/** What a person is asked: everything else of the call stays inside. */
export const approvalRequest = z.object({
  agent: z.string(),
  tool: z.string(),
  arguments: z.unknown(),
  /** Tells two calls apart that are alike. */
  callId: z.string(),
});

/** A place as one word, for those who need not know what it is made of. */
export function callIdOf({ wave, slot }: Place): string {
  return `${wave}.${slot}`;
}

export function placeOf(callId: string): Place {
  const end = callId.lastIndexOf(".");
  return { wave: callId.slice(0, end), slot: Number(callId.slice(end + 1)) };
}

/** As requests were before they had a `callId`: people still answer those of runs in flight. */
const placedRequest = place.extend({ agent: z.string(), tool: z.string(), arguments: z.unknown() });

/** `arguments` is checked by the tool's own schema. */
export const approvalResponse = z.object({
  approved: z.boolean(),
  /** Takes the place of what the model asked for. */
  arguments: z.unknown().optional(),
  reason: z.string().max(2_000).optional(),
});
export type ApprovalResponse = z.infer<typeof approvalResponse>;

export const toolInput = z.union([
  runTool,
  z.object({ request: z.union([approvalRequest, placedRequest]), response: approvalResponse }),
]);
export type ToolInput = z.infer<typeof toolInput>;

/** What an agent that is used as a tool is asked: its task, and which call the answer belongs to. */
export const agentTask = conversation.required({ reference: true });

/** What failed may also be the answer of an agent that is a tool, which has any shape at all then. */
export const toolFailure = errorMessage(z.union([toolInput, agentTask, z.unknown()]));

export const limitRequest = z.object({
  agent: z.string(),
  reached: z.enum(["maxTurns", "maxTokens"]),
  turns: z.int(),
  inputTokens: z.int(),
  outputTokens: z.int(),
});

export const limitResponse = z.object({
  approved: z.boolean(),
  /** Further turns; as many as it had at first unless set. */
  turns: z.int().positive().optional(),
  /** Further tokens; as many as it had at first unless set. */
  tokens: z.int().positive().optional(),
});
export type LimitResponse = z.infer<typeof limitResponse>;

/** The model is to be asked again: its answer had the wrong shape, or no tool had to be called for it. */
const askAgain = z.object({ askAgain: z.literal(true) });

export const toolEnded = place;

export const nextTurnInput = z.union([
  askAgain,
  toolEnded,
  z.object({ request: limitRequest, response: limitResponse }),
]);
export type NextTurnInput = z.infer<typeof nextTurnInput>;

/** Everything a turn sends inside its graph. */
export const turnSends = z.union([askAgain, limitRequest, approvalRequest, runTool]);

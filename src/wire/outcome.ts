import { z } from "zod";
import { errorData } from "./error-data.ts";
import { jsonText } from "./json.ts";
import { tokenUsage } from "./usage.ts";

/**
 * What user code answered for one edge and one message: whether a condition holds, which case of a switch took it
 * (-1 for the default), or which targets a selector chose. Edges that ask no code have no answer.
 */
const route = z.union([z.boolean(), z.int(), z.array(z.string())]);
export type Route = z.infer<typeof route>;

const routes = z.record(z.string(), route);
export type Routes = z.infer<typeof routes>;

/** For an output of a sub-workflow: the answers for the edges around it, by `outer` of the delivery. */
const outerRoutes = z.array(routes);

const sentMessage = z.object({
  valueJson: jsonText,
  /** `returned`: the handler's return value, or what a port sends on; `sent`: by `context.sendMessage`. */
  origin: z.enum(["returned", "sent"]),
  /** Only edges to this executor carry the message. */
  to: z.string().optional(),
  routes,
  outer: outerRoutes.optional(),
});
export type SentMessage = z.infer<typeof sentMessage>;

const completed = z.object({
  status: z.literal("completed"),
  messages: z.array(sentMessage),
  /** What `context.yieldOutput` gave, in order. */
  yielded: z.array(jsonText),
  /** One for each of them; missing where no edge around the sub-workflow asks code. */
  yieldedOuter: z.array(outerRoutes).optional(),
  writes: z.record(z.string(), jsonText),
  emitted: z.array(z.object({ name: z.string(), dataJson: jsonText.optional() })),
  haltRequested: z.boolean(),
});

const requestOpened = z.object({ status: z.literal("requestOpened"), requestJson: jsonText });

const responseRejected = z.object({ status: z.literal("responseRejected"), error: errorData });

const failed = z.object({
  status: z.literal("failed"),
  error: errorData,
  /** Whether user code wants another attempt: what `retryOn` answered, or false for a `NonRetryableError`. */
  mayRetry: z.boolean().optional(),
});

/** What one call of an executor produced. It names its delivery, so that a history read alone can be understood. */
export const outcome = z.object({
  executorId: z.string(),
  callKey: z.string(),
  superstep: z.int(),
  attempt: z.int(),
  startedAtMs: z.number(),
  endedAtMs: z.number(),
  /** What the call told of with `context.addUsage`, whether it failed or not. */
  usage: tokenUsage.optional(),
  result: z.discriminatedUnion("status", [completed, requestOpened, responseRejected, failed]),
  /** The cancel that stopped the call before this came of it. The cancel itself may be taken in later than the outcome. */
  cancel: z.object({ reason: z.string().optional() }).optional(),
});
export type Outcome = z.infer<typeof outcome>;
export type OutcomeResult = Outcome["result"];
export type CompletedResult = z.infer<typeof completed>;

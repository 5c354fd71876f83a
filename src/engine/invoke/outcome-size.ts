import { WorkflowError } from "../../errors.ts";
import type { Delivery } from "../../wire/delivery.ts";
import type { OutcomeResult } from "../../wire/outcome.ts";
import { DEFAULT_LIMITS } from "../../wire/plan.ts";

/** What a value takes beside its text: names, quotes, where it goes. */
const CHARS_AROUND = 64;

/**
 * Gives an outcome on, unless it is too large to travel: a host would lose the call for it, or keep it in its history for
 * good.
 *
 * @throws {WorkflowError} `OUTCOME_TOO_LARGE`
 */
export function withinSize(result: OutcomeResult, delivery: Delivery): OutcomeResult {
  const { maxOutcomeChars = DEFAULT_LIMITS.maxStateChars, executorId, callKey } = delivery;
  const chars = textsOf(result).reduce((sum, text) => sum + text.length + CHARS_AROUND, 0);
  if (chars <= maxOutcomeChars) return result;
  throw new WorkflowError(
    "OUTCOME_TOO_LARGE",
    `Call ${callKey} of executor "${executorId}" produced ${chars} characters: its values as JSON text, and ${CHARS_AROUND} around each. Its limit is ${maxOutcomeChars}.`,
    "Store the content elsewhere and send a reference, or raise maxOutcomeChars.",
  );
}

function textsOf(result: OutcomeResult): string[] {
  if (result.status === "requestOpened") return [result.requestJson];
  if (result.status !== "completed") return [];
  return [
    ...result.messages.map(({ valueJson }) => valueJson),
    ...result.yielded,
    ...Object.values(result.writes),
    ...result.emitted.map(({ name, dataJson = "" }) => name + dataJson),
  ];
}

import type { z } from "zod";
import { WorkflowError } from "../../errors.ts";
import { type Plan, planRetry, requestTimeout, timeLimitMs } from "../../wire/plan.ts";

/**
 * Checks the numbers of retries and time limits; the types say only that they are numbers.
 *
 * @throws {WorkflowError} `PLAN_INVALID`
 */
export function checkSettings({ workflow, executors, timeoutMs }: Plan): void {
  check(workflow, "withTimeout", timeLimitMs.optional(), timeoutMs);
  for (const executor of executors) {
    check(workflow, `"timeoutMs" of executor "${executor.id}"`, timeLimitMs.optional(), executor.timeoutMs);
    check(workflow, `"timeout" of port "${executor.id}"`, requestTimeout.optional(), executor.requestTimeout);
    check(workflow, `"retry" of executor "${executor.id}"`, planRetry.optional(), executor.retry);
  }
}

function check(workflow: string, what: string, schema: z.ZodType, value: unknown): void {
  const checked = schema.safeParse(value);
  if (checked.success) return;
  const problems = checked.error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; ");
  throw new WorkflowError(
    "PLAN_INVALID",
    `In workflow "${workflow}", ${what} is ${JSON.stringify(value)}: ${problems}.`,
    "Give attempts as a whole number of 1 or more, times in milliseconds.",
  );
}

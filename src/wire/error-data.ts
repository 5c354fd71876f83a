import { z } from "zod";

const valueIssue = z.object({ pointer: z.string(), message: z.string() });

const errorCause = z.object({ name: z.string(), code: z.string().optional(), message: z.string() });

/** A failure as data: what is left of an error once it has crossed a process. */
export const errorData = z.object({
  name: z.string(),
  /** A code of the catalogue, or the thrown error's own `code`. */
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
  /** What the error asked for: milliseconds to wait before the next attempt. */
  retryAfterMs: z.number().nonnegative().optional(),
  executorId: z.string().optional(),
  /** Path of the frame the executor was called in; missing at the top. */
  frame: z.string().optional(),
  /** The thrown error's `cause`, then its cause, and so on. */
  causes: z.array(errorCause),
  /** Where a value does not fit its schema. */
  issues: z.array(valueIssue),
  stack: z.string().optional(),
});
export type ErrorData = z.infer<typeof errorData>;

/** A completed call that could not be undone, in short: the run event `compensationFailed` has all of its error. */
export const compensationError = z.object({
  /** Path of the frame, for a call inside a sub-workflow; missing at the top. */
  frame: z.string().optional(),
  executorId: z.string(),
  callKey: z.string(),
  code: z.string(),
  /** At most 1,000 characters. */
  message: z.string(),
});
export type CompensationError = z.infer<typeof compensationError>;

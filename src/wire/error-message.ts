import { z } from "zod";
import { type ErrorData, errorData } from "./error-data.ts";

/** What an error edge carries. */
export interface ErrorMessage<Input> {
  /** The executor, or request port, whose call failed for good. */
  readonly executorId: string;
  /** What it was called with: the message as it came in; for a request that was open, the request. */
  readonly input: Input;
  /** Without a stack: the run event `executorFailed` has it. */
  readonly error: ErrorData;
}

/**
 * The schema of what an error edge carries: the input of the executor it leads to.
 *
 * @example
 * const apologize = defineExecutor({
 *   id: "Apologize",
 *   input: errorMessage(order),
 *   output: z.string(),
 *   handle: ({ executorId, input, error }) => `${executorId} could not take order ${input.id}: ${error.message}`,
 * });
 * builder.addErrorEdge(charge, apologize);
 *
 * @param input - what the executor before it is called with, as zod schema
 */
export function errorMessage<Input extends z.ZodType>(
  input: Input,
): z.ZodType<ErrorMessage<z.output<Input>>, ErrorMessage<z.input<Input>>> {
  // The compiler cannot see through an object with a member of any type.
  return z.object({ executorId: z.string(), input, error: errorData }) as never;
}

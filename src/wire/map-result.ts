import { z } from "zod";
import { type ErrorData, errorData } from "./error-data.ts";

/** What became of one item of a map whose policy lets calls fail. */
export type MapResult<Output> =
  | { readonly ok: true; readonly output: Output }
  /** Without a stack: the run event `executorFailed` has it. */
  | { readonly ok: false; readonly error: ErrorData };

/**
 * The schema of what became of one item, for the executor at which a map with the policy `settle` or `atLeast` ends.
 *
 * @example
 * const report = defineExecutor({
 *   id: "Report",
 *   input: z.array(mapResult(invoice)),
 *   output: z.string(),
 *   handle: (results) => `${results.filter(({ ok }) => ok).length} of ${results.length} were sent.`,
 * });
 * builder.addMap(list, send, report, { policy: "settle" });
 *
 * @param output - what the calls of the map return, as zod schema
 */
export function mapResult<Output extends z.ZodType>(
  output: Output,
): z.ZodType<MapResult<z.output<Output>>, MapResult<z.input<Output>>> {
  const succeeded = z.object({ ok: z.literal(true), output });
  // The compiler cannot see through an object with a member of any type.
  return z.discriminatedUnion("ok", [succeeded, z.object({ ok: z.literal(false), error: errorData })]) as never;
}

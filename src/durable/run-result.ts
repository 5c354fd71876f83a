import type { ErrorData } from "../wire/error-data.ts";
import { type RunResult, runResult } from "../wire/status.ts";

const MARKER = "$RunResult$:";
/** Stands for the marker inside the JSON behind it, so that the last marker in a text is always ours. */
const ESCAPED_MARKER = "\\u0024RunResult$:";

/**
 * The text a failed run leaves behind: a sentence for people who see it in a monitor, then the result for
 * {@link parseFailureText}. A failed orchestration keeps nothing but text
 * (docs/decisions/0004-a-failed-run-is-a-failed-orchestration.md).
 */
export function failureText(result: RunResult): string {
  const sentence = result.error ? sentenceOf(result.error) : "The run failed.";
  return `${sentence} ${MARKER}${JSON.stringify(result).replaceAll(MARKER, ESCAPED_MARKER)}`;
}

function sentenceOf({ executorId, code, message }: ErrorData): string {
  return executorId === undefined ? `${message} (${code})` : `Executor "${executorId}" failed: ${message} (${code})`;
}

/** Finds the result in the text of a failure, whatever the host put around it; undefined where there is none. */
export function parseFailureText(text: string): RunResult | undefined {
  const start = text.lastIndexOf(MARKER);
  if (start < 0) return undefined;
  const json = text.slice(start + MARKER.length, text.lastIndexOf("}") + 1);
  try {
    return runResult.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined; // cut off on its way: the text itself is all that is left
  }
}

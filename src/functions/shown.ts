import type { ErrorData } from "../wire/error-data.ts";
import type { RunEvent } from "../wire/run-event.ts";
import type { RunStatus } from "../wire/status.ts";

/** What goes out of a run: a stack names the files of the machine, so it stays in the log and in the history. */
export function withoutStack<Shown extends RunStatus | RunEvent>(shown: Shown): Shown {
  if (!("error" in shown) || shown.error === null) return shown;
  const { stack: _stack, ...error }: ErrorData = shown.error;
  return { ...shown, error };
}

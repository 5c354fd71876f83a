import { WorkflowError } from "../errors.ts";
import type { ErrorData } from "../wire/error-data.ts";
import type { RunStatus } from "../wire/status.ts";

type EndedRun = Pick<RunStatus, "runId" | "workflow" | "status" | "outputs" | "error" | "compensationErrors">;

/**
 * The outputs of an ended run.
 *
 * @throws {WorkflowError} `RUN_FAILED` with the failure as `cause`, `RUN_CANCELLED`, `RUN_TERMINATED`
 */
export function outputsOf(run: EndedRun): unknown[] {
  const name = `Run "${run.runId}" of workflow "${run.workflow}"`;
  switch (run.status) {
    case "Failed":
      throw failureOf(`${name} failed`, run);
    case "Cancelled":
      throw new WorkflowError("RUN_CANCELLED", `${name} was cancelled${notUndone(run)}.`, "Start a new run.");
    case "Terminated":
      throw new WorkflowError("RUN_TERMINATED", `${name} was ended hard from outside.`, "Start a new run.");
    default:
      return run.outputs;
  }
}

/**
 * The last output of an ended run.
 *
 * @throws {WorkflowError} as {@link outputsOf}, and `RUN_WITHOUT_OUTPUT`
 */
export function lastOutputOf(run: EndedRun): unknown {
  const outputs = outputsOf(run);
  if (outputs.length > 0) return outputs.at(-1);
  throw new WorkflowError(
    "RUN_WITHOUT_OUTPUT",
    `Run "${run.runId}" of workflow "${run.workflow}" completed without an output.`,
    "Let an output executor return or yield a value.",
  );
}

function failureOf(failed: string, { error, ...run }: EndedRun): WorkflowError {
  if (!error) return new WorkflowError("RUN_FAILED", `${failed}.`, "Read its events for the reason.");
  const where = error.executorId === undefined ? "" : ` in executor "${error.executorId}"`;
  return new WorkflowError(
    "RUN_FAILED",
    `${failed}${where}${notUndone(run)}: ${asSentence(error.message)}`,
    "The cause has the details.",
    {
      cause: causeOf(error),
      issues: error.issues,
    },
  );
}

/** Said beside the reason for the end, and never in its place. */
function notUndone({ compensationErrors = [] }: Pick<EndedRun, "compensationErrors">): string {
  if (compensationErrors.length === 0) return "";
  const executors = new Set(compensationErrors.map(({ executorId }) => `"${executorId}"`));
  return `, and what ${[...executors].join(", ")} did could not be undone`;
}

function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** The failure as an error again, with its causes as a chain and its fields beside the message. */
function causeOf({ causes, ...failure }: ErrorData): Error {
  const inner = causes.reduceRight<Error | undefined>((cause, one) => errorFrom(one, cause), undefined);
  return errorFrom(failure, inner);
}

function errorFrom(
  { message, stack, ...fields }: Omit<ErrorData, "causes"> | (ErrorData["causes"][number] & { stack?: string }),
  cause: Error | undefined,
): Error {
  const error = new Error(message, cause && { cause });
  // Where it happened is where the executor threw, and not here.
  error.stack = stack ?? `${fields.name}: ${message}`;
  return Object.assign(error, fields);
}

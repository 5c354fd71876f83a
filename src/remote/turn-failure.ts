import { type ErrorCode, WorkflowError } from "../errors.ts";
import type { RunStatus } from "../wire/status.ts";

const CODES: Readonly<Partial<Record<RunStatus["status"], ErrorCode>>> = {
  Cancelled: "RUN_CANCELLED",
  Terminated: "RUN_TERMINATED",
};

/** Why an agent gave no answer, as the error its caller gets. */
export function turnFailure({
  runId,
  agent,
  status,
  error,
}: Pick<RunStatus, "runId" | "status" | "error"> & { readonly agent: string }): WorkflowError {
  const reason = error ? ` ${error.code}: ${error.message}` : "";
  return new WorkflowError(
    CODES[status] ?? "AGENT_RUN_FAILED",
    `Run ${JSON.stringify(runId)} of agent "${agent}" has ended as ${status}.${reason}`,
    "The conversation is as it was before; say it again to try again.",
  );
}

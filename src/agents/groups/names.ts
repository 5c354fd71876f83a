import { WorkflowError } from "../../errors.ts";

/** @throws {WorkflowError} `AGENT_INVALID` */
export function checkLimit(workflow: string, name: string, limit: number): void {
  if (Number.isInteger(limit) && limit > 0) return;
  throw new WorkflowError(
    "AGENT_INVALID",
    `Workflow "${workflow}" has the limit ${name} ${JSON.stringify(limit)}.`,
    "Give a whole number of 1 or more.",
  );
}

/** @throws {WorkflowError} `AGENT_INVALID` */
export function checkMembers(workflow: string, members: readonly unknown[]): void {
  if (members.length > 0) return;
  throw new WorkflowError("AGENT_INVALID", `Workflow "${workflow}" has no agents.`, "Give it one at least.");
}

import { WorkflowError } from "../../errors.ts";
import type { GraphNode, PortNode } from "../runtime.ts";

/**
 * The response that counts when nobody answers has to be one that the port takes: nobody is there to correct it.
 *
 * @throws {WorkflowError} `PLAN_INVALID`, and `EXECUTOR_UNKNOWN` when a port escalates to something that is none
 */
export function checkPortTimeouts(workflow: string, nodes: readonly GraphNode[]): void {
  for (const node of nodes) {
    if (node.kind !== "port" || !node.timeout) continue;
    checkEscalation(workflow, node);
    if (node.timeout.respondWith !== undefined) checkResponse(workflow, node, node.timeout.respondWith);
  }
}

function checkEscalation(workflow: string, { id, timeout }: PortNode): void {
  const next: unknown = timeout?.escalateTo;
  if (next === undefined || (Object(next) as { kind?: unknown }).kind === "port") return;
  throw new WorkflowError(
    "EXECUTOR_UNKNOWN",
    `In workflow "${workflow}", port "${id}" escalates to something that is no request port.`,
    "Define it with defineRequestPort.",
  );
}

function checkResponse(workflow: string, { id, response }: PortNode, respondWith: unknown): void {
  const result = response["~standard"].validate(respondWith);
  const isLater = result instanceof Promise;
  if (!isLater && !result.issues) return;
  const problem = isLater
    ? "cannot be checked, since the schema answers later"
    : `does not fit the port's schema: ${result.issues?.map(({ message }) => message).join("; ")}`;
  if (isLater) result.catch(() => undefined); // nobody waits for it
  throw new WorkflowError(
    "PLAN_INVALID",
    `In workflow "${workflow}", "respondWith" of port "${id}" ${problem}.`,
    "Give a response that the port takes, with a schema that answers at once.",
  );
}

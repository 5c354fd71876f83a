import { type ErrorCode, WorkflowError } from "../../errors.ts";
import type { GraphNode } from "../runtime.ts";

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,47}$/;

/** `agent` names the entities of agents on a durable host. The others would be found in any plain object of ids. */
const RESERVED = new Set(["agent", ...Object.getOwnPropertyNames(Object.prototype).map((name) => name.toLowerCase())]);

const KINDS = { executor: "an executor", port: "a port", workflow: "a sub-workflow" } as const;

/** @throws {WorkflowError} `WORKFLOW_NAME_INVALID` */
export function checkWorkflowName(name: string): void {
  checkName("WORKFLOW_NAME_INVALID", "The name of a workflow", name);
  // The archive of run events has its durable names.
  if (name.toLowerCase() === "events") throw reserved("WORKFLOW_NAME_INVALID", "The name of a workflow", name);
}

/** @throws {WorkflowError} `EXECUTOR_ID_INVALID` for an id that is no name, `EXECUTOR_ID_DUPLICATE` for one given twice */
export function checkExecutorIds(workflow: string, nodes: readonly GraphNode[]): void {
  const seen = new Map<string, GraphNode>();
  for (const node of nodes) {
    checkName("EXECUTOR_ID_INVALID", `The id of ${KINDS[node.kind]}`, node.id, workflow);
    const other = seen.get(node.id.toLowerCase());
    if (other) throw duplicateId(workflow, other.id, node.id);
    seen.set(node.id.toLowerCase(), node);
  }
}

function checkName(code: ErrorCode, what: string, name: unknown, workflow?: string): void {
  const where = workflow === undefined ? "" : ` in workflow "${workflow}"`;
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new WorkflowError(
      code,
      `${what}${where} is ${JSON.stringify(name)}.`,
      "Use a letter, then up to 47 letters, digits or underscores; a hyphen separates the parts of durable names.",
    );
  }
  if (!RESERVED.has(name.toLowerCase())) return;
  throw reserved(code, `${what}${where}`, name);
}

function reserved(code: ErrorCode, what: string, name: string): WorkflowError {
  return new WorkflowError(code, `${what} is "${name}", which is reserved.`, "Choose another name.");
}

function duplicateId(workflow: string, first: string, second: string): WorkflowError {
  return new WorkflowError(
    "EXECUTOR_ID_DUPLICATE",
    `Two executors of workflow "${workflow}" have the ids "${first}" and "${second}", which are the same without case.`,
    'Rename one; to use one executor twice, give its second place an id of its own: withId("Other", executor).',
  );
}

import { check, misfit } from "../engine/invoke/validate.ts";
import { WorkflowError } from "../errors.ts";
import type { WorkflowNode } from "../graph/runtime.ts";
import type { JsonValue } from "../wire/json.ts";

/**
 * Checks the input of a run before it is started.
 *
 * @throws {WorkflowError} `RUN_INPUT_INVALID`
 */
export async function checkInput(workflow: WorkflowNode, input: JsonValue): Promise<void> {
  const start = workflow.nodes.get(workflow.plan.start);
  if (!start) return;
  const schema = start.kind === "port" ? start.request : start.input;
  const checked = await check(schema, input);
  if (checked.isValid) return;
  throw misfit("RUN_INPUT_INVALID", `The input of workflow "${workflow.name}"`, checked.issues, "Send such a value.");
}

/**
 * Checks a response before it is raised into the run.
 *
 * @throws {WorkflowError} `PORT_RESPONSE_INVALID`; `EXECUTOR_NOT_DEPLOYED` when there is no such port any more
 */
export async function checkResponse(workflow: WorkflowNode, portId: string, response: JsonValue): Promise<void> {
  const port = workflow.nodes.get(portId);
  if (port?.kind !== "port") {
    throw new WorkflowError(
      "EXECUTOR_NOT_DEPLOYED",
      `The deployed workflow "${workflow.name}" has no port "${portId}", which the run asks.`,
      "Deploy the version of the app that has it, and answer again.",
    );
  }
  const checked = await check(port.response, response);
  if (checked.isValid) return;
  const whatToDo = "Correct it and answer again; the run keeps waiting.";
  throw misfit("PORT_RESPONSE_INVALID", `The response to port "${portId}"`, checked.issues, whatToDo);
}

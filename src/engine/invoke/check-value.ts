import { type ValueIssue, WorkflowError } from "../../errors.ts";
import { inputOf } from "../../graph/nested.ts";
import type { PortNode, WorkflowNode } from "../../graph/runtime.ts";
import type { JsonText } from "../../wire/json.ts";
import type { Limits } from "../../wire/plan.ts";
import { jsonTextOf } from "./json-text.ts";
import { issuesInWords } from "./pointer.ts";
import { check } from "./validate.ts";

/** Checks of what comes from outside, before a run takes it in. The executor and the port look at it again by themselves. */

/**
 * The input of a run as JSON text, after the start executor's schema has taken it; undefined counts as null.
 *
 * @throws {WorkflowError} `RUN_INPUT_TOO_LARGE`, `RUN_INPUT_INVALID` with JSON pointers, `VALUE_NOT_JSON`
 */
export async function checkRunInput(workflow: WorkflowNode, input: unknown): Promise<JsonText> {
  const valueJson = jsonTextOf(input ?? null, `the input of workflow "${workflow.name}"`);
  checkInputSize(workflow, valueJson);
  const schema = inputOf(workflow);
  if (!schema) return valueJson;
  const checked = await check(schema, JSON.parse(valueJson));
  if (checked.isValid) return valueJson;
  throw new WorkflowError(
    "RUN_INPUT_INVALID",
    `The input does not fit workflow "${workflow.name}": ${issuesInWords(checked.issues)}.`,
    "Send the input its schema describes.",
    { issues: checked.issues },
  );
}

/** A run begins with its input and the first values of its state: it must not be over its limit before it does anything. */
function checkInputSize({ name, plan }: WorkflowNode, { length }: JsonText): void {
  const leftChars = plan.state.reduce((left, { initialJson }) => left - initialJson.length, plan.limits.maxStateChars);
  if (length <= leftChars) return;
  throw new WorkflowError(
    "RUN_INPUT_TOO_LARGE",
    `The input has ${length} characters of JSON text; a run of workflow "${name}" can begin with ${leftChars}.`,
    "Store the content elsewhere and send a reference to it, or raise maxStateChars.",
  );
}

/**
 * A response as JSON text, after the port's schema has taken it. One that no run can hold is refused here: it would fail the
 * run that waits for a better one.
 *
 * @throws {WorkflowError} `PORT_RESPONSE_INVALID` with JSON pointers, `VALUE_NOT_JSON`
 */
export async function checkResponse(
  port: PortNode,
  response: unknown,
  { maxStateChars }: Pick<Limits, "maxStateChars">,
): Promise<JsonText> {
  const responseJson = jsonTextOf(response ?? null, `the response to port "${port.id}"`);
  if (responseJson.length > maxStateChars) throw responseMisfit(port, [tooLong(responseJson, maxStateChars)]);
  const checked = await check(port.response, JSON.parse(responseJson));
  if (checked.isValid) return responseJson;
  throw responseMisfit(port, checked.issues);
}

function tooLong({ length }: JsonText, maxChars: number): ValueIssue {
  return { pointer: "", message: `has ${length} characters of JSON text, and a run can hold ${maxChars}` };
}

export function responseMisfit({ id }: PortNode, issues: readonly ValueIssue[]): WorkflowError {
  return new WorkflowError(
    "PORT_RESPONSE_INVALID",
    `The response to "${id}" does not fit its schema: ${issuesInWords(issues)}.`,
    "Send the fields the port declares; the status of the run shows the open request.",
    { issues },
  );
}

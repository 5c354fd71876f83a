import type { ExecutorNode } from "../../graph/runtime.ts";
import type { JsonText } from "../../wire/json.ts";
import { check, misfit } from "./validate.ts";

/**
 * What a handler gets: the message, as its input schema gives it.
 *
 * @throws {WorkflowError} `EXECUTOR_INPUT_INVALID`
 */
export async function inputOf(node: ExecutorNode, valueJson: JsonText): Promise<unknown> {
  const checked = await check(node.input, JSON.parse(valueJson));
  if (checked.isValid) return checked.value;
  const what = `The message to executor "${node.id}"`;
  throw misfit("EXECUTOR_INPUT_INVALID", what, checked.issues, "Correct its sender, or the input schema.");
}

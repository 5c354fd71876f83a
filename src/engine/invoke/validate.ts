import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type ErrorCode, type ValueIssue, WorkflowError } from "../../errors.ts";
import { issuesInWords, valueIssuesOf } from "./pointer.ts";

export type Checked =
  | { readonly isValid: true; readonly value: unknown }
  | { readonly isValid: false; readonly issues: readonly ValueIssue[] };

/** What a schema says of a value; a promise where the schema is asynchronous. A schema that throws refuses the value. */
export function check(schema: StandardSchemaV1, value: unknown): Checked | Promise<Checked> {
  try {
    const result = schema["~standard"].validate(value);
    return result instanceof Promise ? result.then(checkedOf, refusal) : checkedOf(result);
  } catch (error) {
    return refusal(error);
  }
}

function checkedOf(result: StandardSchemaV1.Result<unknown>): Checked {
  if (!result.issues) return { isValid: true, value: result.value };
  return { isValid: false, issues: valueIssuesOf(result.issues) };
}

function refusal(error: unknown): Checked {
  const reason = error instanceof Error ? error.message : "something that is no error";
  return { isValid: false, issues: [{ pointer: "", message: `the schema threw: ${reason}` }] };
}

/** An error of a value that does not fit. */
export function misfit(code: ErrorCode, what: string, issues: readonly ValueIssue[], whatToDo: string): WorkflowError {
  return new WorkflowError(code, `${what} does not fit its schema: ${issuesInWords(issues)}.`, whatToDo, { issues });
}

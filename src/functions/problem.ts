import { ERRORS, type ErrorCode, isWorkflowError, type WorkflowError } from "../errors.ts";

export const UNFORESEEN =
  "Something went wrong that the app did not foresee. Look into the log of the host for the reason.";

/** An error as RFC 9457 problem details. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ErrorCode;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
}

/**
 * What a caller may know of an error. An error nobody foresaw has one constant answer, so that nothing of the inside
 * gets out; the caller of this function logs it.
 *
 * @param path - the path of the request, without its query, which may hold a key
 */
export function problemOf(error: unknown, path: string): Problem {
  const code = isForeseen(error) ? error.code : "INTERNAL_ERROR";
  return {
    type: `urn:durable-workflows:error:${code}`,
    title: titleOf(code),
    status: ERRORS[code].httpStatus,
    detail: isForeseen(error) ? error.message : UNFORESEEN,
    instance: path,
    code,
    errors: isForeseen(error) ? error.issues.map(({ pointer, message }) => ({ pointer, detail: message })) : [],
  };
}

/** True for an error that is meant for the caller; the rest is meant for the log. */
export function isForeseen(error: unknown): error is WorkflowError {
  return isWorkflowError(error) && ERRORS[error.code].httpStatus !== 500;
}

/** `RUN_NOT_FOUND` is titled "Run not found". */
function titleOf(code: ErrorCode): string {
  const words = code.toLowerCase().replaceAll("_", " ").replace("json", "JSON");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

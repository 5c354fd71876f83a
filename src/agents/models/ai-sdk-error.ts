import { isWorkflowError, WorkflowError } from "../../errors.ts";
import { modelError } from "../model-error.ts";

/**
 * What the AI SDK threw, as the failure of a model call. Told by names and fields, not by classes: the SDK is loaded where it is
 * used, and several copies of its packages may be there.
 */
export function clientErrorOf(model: string, thrown: unknown): unknown {
  const error = innermost(thrown);
  if (isWorkflowError(error)) return error;
  if (!(error instanceof Error)) return modelError({ model, status: undefined, message: String(error), cause: error });
  if (error.name === "AI_APICallError") return apiError(model, error as ApiCallError);
  if (UNREADABLE.has(error.name)) return unreadable(model, error);
  if (REFUSED.has(error.name)) return modelError({ model, status: 400, message: error.message, cause: error });
  return modelError({ model, status: undefined, message: error.message, cause: error });
}

interface ApiCallError extends Error {
  readonly statusCode?: number;
}

/** With status 200, what failed is the reading: either the answer is none, or the connection broke off in the middle of it. */
function apiError(model: string, error: ApiCallError): WorkflowError {
  const { statusCode: status, message, cause } = error;
  if (status === undefined || status >= 400) return modelError({ model, status, message, cause: error });
  const reason = cause instanceof Error ? cause : error;
  if (UNREADABLE.has(reason.name) || reason === error) return unreadable(model, error);
  return modelError({ model, status: undefined, message: reason.message, cause: error });
}

const UNREADABLE = new Set([
  "AI_JSONParseError",
  "AI_TypeValidationError",
  "AI_InvalidResponseDataError",
  "AI_EmptyResponseBodyError",
  "AI_NoContentGeneratedError",
  "AI_NoOutputGeneratedError",
]);

/** Nothing another attempt could mend. */
const REFUSED = new Set([
  "AI_LoadAPIKeyError",
  "AI_LoadSettingError",
  "AI_InvalidArgumentError",
  "AI_InvalidPromptError",
  "AI_UnsupportedFunctionalityError",
  "AI_NoSuchModelError",
]);

function unreadable(model: string, cause: Error): WorkflowError {
  return new WorkflowError(
    "MODEL_ANSWER_INVALID",
    `The answer of ${model} could not be read: ${cause.message.slice(0, 500)}.`,
    "Another attempt may get one that can.",
    { cause },
  );
}

/** The SDK wraps what it gave up on. */
function innermost(thrown: unknown): unknown {
  const last = (thrown as { readonly lastError?: unknown } | null)?.lastError;
  return last === undefined ? thrown : last;
}

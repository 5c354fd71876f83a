/** What a code means to callers: the HTTP status it is answered with, and whether the same call may succeed later. */
interface ErrorKind {
  readonly httpStatus: number;
  readonly retryable: boolean;
}

/**
 * The error catalogue. A code never changes its meaning; `docs/errors.md` explains each one, and a test holds the two
 * against each other.
 */
export const ERRORS = {
  // The graph, at build()
  EXECUTOR_ID_INVALID: { httpStatus: 500, retryable: false },
  EXECUTOR_ID_DUPLICATE: { httpStatus: 500, retryable: false },
  EXECUTOR_UNKNOWN: { httpStatus: 500, retryable: false },
  EXECUTOR_UNREACHABLE: { httpStatus: 500, retryable: false },
  EDGE_DUPLICATE: { httpStatus: 500, retryable: false },
  EDGE_INVALID: { httpStatus: 500, retryable: false },
  FAN_IN_UNREACHABLE: { httpStatus: 500, retryable: false },
  OUTPUT_EXECUTOR_INVALID: { httpStatus: 500, retryable: false },
  STATE_KEY_DUPLICATE: { httpStatus: 500, retryable: false },
  WORKFLOW_NAME_INVALID: { httpStatus: 500, retryable: false },
  DURABLE_NAME_COLLISION: { httpStatus: 500, retryable: false },
  PLAN_TOO_LARGE: { httpStatus: 500, retryable: false },
  PLAN_INVALID: { httpStatus: 500, retryable: false },
  SCHEMA_UNREPRESENTABLE: { httpStatus: 500, retryable: false },
  NESTING_TOO_DEEP: { httpStatus: 500, retryable: false },

  // One call of an executor
  HANDLER_FAILED: { httpStatus: 500, retryable: true },
  EXECUTOR_INPUT_INVALID: { httpStatus: 500, retryable: false },
  EXECUTOR_OUTPUT_INVALID: { httpStatus: 500, retryable: false },
  VALUE_NOT_JSON: { httpStatus: 500, retryable: false },
  CONDITION_FAILED: { httpStatus: 500, retryable: true },
  SELECTION_INVALID: { httpStatus: 500, retryable: false },
  TARGET_NOT_CONNECTED: { httpStatus: 500, retryable: false },
  STATE_NOT_DECLARED: { httpStatus: 500, retryable: false },
  STATE_VALUE_INVALID: { httpStatus: 500, retryable: false },
  EVENT_NAME_INVALID: { httpStatus: 500, retryable: false },
  USAGE_INVALID: { httpStatus: 500, retryable: false },
  CONTEXT_CLOSED: { httpStatus: 500, retryable: false },
  EXECUTOR_NOT_DEPLOYED: { httpStatus: 503, retryable: true },
  ACTIVITY_LOST: { httpStatus: 500, retryable: true },
  EXECUTOR_TIMED_OUT: { httpStatus: 504, retryable: true },
  OUTCOME_TOO_LARGE: { httpStatus: 500, retryable: false },
  EXECUTOR_ABORTED: { httpStatus: 409, retryable: false },
  NOT_RETRYABLE: { httpStatus: 500, retryable: false },
  REQUEST_TIMED_OUT: { httpStatus: 504, retryable: false },
  ITEM_WITHOUT_RESULT: { httpStatus: 500, retryable: false },

  // An agent and its model
  AGENT_INVALID: { httpStatus: 500, retryable: false },
  AGENT_OUTPUT_INVALID: { httpStatus: 502, retryable: false },
  AGENT_TURN_LIMIT: { httpStatus: 500, retryable: false },
  AGENT_TOKEN_LIMIT: { httpStatus: 500, retryable: false },
  AGENT_HANDOFF_LIMIT: { httpStatus: 500, retryable: false },
  AGENT_WITHOUT_ANSWER: { httpStatus: 502, retryable: false },
  TOOL_ANSWER_INVALID: { httpStatus: 500, retryable: false },
  AGENT_STOPPED: { httpStatus: 409, retryable: false },
  MODEL_UNAVAILABLE: { httpStatus: 503, retryable: true },
  MODEL_RATE_LIMITED: { httpStatus: 429, retryable: true },
  MODEL_CALL_REFUSED: { httpStatus: 502, retryable: false },
  MODEL_ANSWER_INVALID: { httpStatus: 502, retryable: true },
  MODEL_ANSWER_CUT: { httpStatus: 502, retryable: false },
  SCRIPT_EXHAUSTED: { httpStatus: 500, retryable: false },

  // A whole run
  STATE_CONFLICT: { httpStatus: 500, retryable: false },
  FAN_IN_INCOMPLETE: { httpStatus: 500, retryable: false },
  MAP_NO_LIST: { httpStatus: 500, retryable: false },
  MAP_TOO_WIDE: { httpStatus: 500, retryable: false },
  MAP_TOO_FEW: { httpStatus: 500, retryable: false },
  MAX_SUPERSTEPS: { httpStatus: 500, retryable: false },
  STATE_TOO_LARGE: { httpStatus: 500, retryable: false },
  RUN_FAILED: { httpStatus: 500, retryable: false },
  RUN_CANCELLED: { httpStatus: 409, retryable: false },
  RUN_TERMINATED: { httpStatus: 409, retryable: false },
  RUN_WITHOUT_OUTPUT: { httpStatus: 500, retryable: false },
  RUN_TIMED_OUT: { httpStatus: 504, retryable: false },
  RUN_TIMED_OUT_WAITING: { httpStatus: 504, retryable: true },

  // Requests from outside
  BODY_TOO_LARGE: { httpStatus: 413, retryable: false },
  BODY_TOO_DEEP: { httpStatus: 400, retryable: false },
  BODY_NOT_JSON: { httpStatus: 400, retryable: false },
  CONTENT_TYPE_UNSUPPORTED: { httpStatus: 415, retryable: false },
  PARAMETER_INVALID: { httpStatus: 400, retryable: false },
  RUN_ID_INVALID: { httpStatus: 400, retryable: false },
  RUN_INPUT_INVALID: { httpStatus: 422, retryable: false },
  RUN_INPUT_TOO_LARGE: { httpStatus: 413, retryable: false },
  RUN_EXISTS: { httpStatus: 409, retryable: false },
  RUN_ENDED: { httpStatus: 409, retryable: false },
  RUN_NOT_ENDED: { httpStatus: 409, retryable: false },
  RUN_NOT_FOUND: { httpStatus: 404, retryable: false },
  AGENT_NOT_FOUND: { httpStatus: 404, retryable: false },
  AGENT_BODY_INVALID: { httpStatus: 422, retryable: false },
  AGENT_RUN_FAILED: { httpStatus: 502, retryable: false },
  THREAD_ID_INVALID: { httpStatus: 400, retryable: false },
  THREAD_NOT_FOUND: { httpStatus: 404, retryable: false },
  THREAD_BUSY: { httpStatus: 409, retryable: true },
  WORKFLOW_NOT_FOUND: { httpStatus: 404, retryable: false },
  REQUEST_NOT_FOUND: { httpStatus: 404, retryable: false },
  REQUEST_CLOSED: { httpStatus: 409, retryable: false },
  REQUEST_AMBIGUOUS: { httpStatus: 409, retryable: false },
  TOOL_ARGUMENTS_INVALID: { httpStatus: 422, retryable: false },
  RESPOND_BODY_INVALID: { httpStatus: 422, retryable: false },
  FORK_INVALID: { httpStatus: 422, retryable: false },
  PORT_RESPONSE_INVALID: { httpStatus: 422, retryable: false },
  INTERNAL_ERROR: { httpStatus: 500, retryable: false },

  // A host, as its clients see it
  HOST_UNREACHABLE: { httpStatus: 503, retryable: true },
  ANSWER_UNEXPECTED: { httpStatus: 502, retryable: false },

  // The local host, and the journal of the in-process runner
  HOST_NOT_ALLOWED: { httpStatus: 403, retryable: false },
  ORIGIN_NOT_ALLOWED: { httpStatus: 403, retryable: false },
  REQUEST_TARGET_INVALID: { httpStatus: 400, retryable: false },
  HOST_UNAVAILABLE: { httpStatus: 503, retryable: true },
  HOST_OVERLOADED: { httpStatus: 503, retryable: true },
  PORT_IN_USE: { httpStatus: 500, retryable: false },
  STORE_IN_USE: { httpStatus: 500, retryable: false },
  STORE_UNREADABLE: { httpStatus: 500, retryable: false },
  RUN_FILE_INVALID: { httpStatus: 422, retryable: false },
  EXPORT_REFUSED: { httpStatus: 409, retryable: false },
  HISTORY_DAMAGED: { httpStatus: 500, retryable: false },
  STORE_WRITE_FAILED: { httpStatus: 507, retryable: true },
  RUNNER_CLOSED: { httpStatus: 503, retryable: true },
  MCP_TOOL_INVALID: { httpStatus: 500, retryable: false },
  APP_LOAD_FAILED: { httpStatus: 500, retryable: false },
  ROUTE_CONFLICT: { httpStatus: 500, retryable: false },
  SETTING_INVALID: { httpStatus: 500, retryable: false },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** One place in a value that does not fit: `pointer` is a JSON pointer (RFC 6901), `""` for the whole value. */
export interface ValueIssue {
  readonly pointer: string;
  readonly message: string;
}

interface WorkflowErrorOptions {
  readonly cause?: unknown;
  readonly issues?: readonly ValueIssue[];
}

/**
 * The one error class of this library. The message is two sentences: what is wrong, with the values that show it, and
 * what to do. Compare `code`, not the class: an error that crossed a process is JSON.
 */
export class WorkflowError extends Error {
  override readonly name = "WorkflowError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  /** Where a value does not fit its schema; empty for every other kind of error. */
  readonly issues: readonly ValueIssue[];

  constructor(code: ErrorCode, whatIsWrong: string, whatToDo: string, options: WorkflowErrorOptions = {}) {
    super(`${whatIsWrong} ${whatToDo}`.trimEnd(), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = ERRORS[code].retryable;
    this.issues = options.issues ?? [];
  }
}

/** True for an error of this library, also when it comes from another copy of it. */
export function isWorkflowError(error: unknown): error is WorkflowError {
  return (
    error instanceof Error && "code" in error && typeof error.code === "string" && Object.hasOwn(ERRORS, error.code)
  );
}

/**
 * Thrown by a handler for a failure that another attempt cannot mend: the call is not tried again, whatever `retry` says.
 *
 * @example
 * if (response.status === 404) throw new NonRetryableError("There is no such order.", { code: "ORDER_NOT_FOUND" });
 */
export class NonRetryableError extends Error {
  override readonly name = "NonRetryableError";
  readonly retryable = false;
  readonly code: string;

  /** @param options - `code`: kept as the code of the failure, `NOT_RETRYABLE` unless set; `cause` */
  constructor(message: string, options: { readonly code?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code ?? "NOT_RETRYABLE";
  }
}

import { ERRORS, type ErrorCode, type WorkflowError } from "../../errors.ts";
import type { ErrorData } from "../../wire/error-data.ts";
import { cut } from "../cut.ts";

/** An error as data may take this many bytes of JSON; it travels in outcomes, events and the end of the run. */
const MAX_BYTES = 32 * 1024;
const MAX_MESSAGE_CHARS = 8_000;
const MAX_STACK_CHARS = 8_000;
const MAX_NAME_CHARS = 200;
const MAX_CAUSES = 8;
const MAX_CAUSE_CHARS = 1_000;
const MAX_ISSUES = 50;
const MAX_ISSUE_CHARS = 300;

/**
 * Whatever was thrown, as data: errors, text, null, objects that refuse to be read.
 *
 * @param fallbackCode - for an error without a code of its own
 */
export function errorDataOf(thrown: unknown, executorId: string, fallbackCode: ErrorCode): ErrorData {
  const code = textIn(thrown, "code")?.slice(0, MAX_NAME_CHARS) || fallbackCode;
  const stack = textIn(thrown, "stack");
  return shrunk({
    name: nameOf(thrown),
    code,
    message: cut(messageOf(thrown), MAX_MESSAGE_CHARS),
    retryable: isRetryable(thrown, code, fallbackCode),
    executorId,
    causes: causesOf(thrown),
    issues: issuesOf(thrown),
    ...(stack !== undefined && { stack: cut(stack, MAX_STACK_CHARS) }),
  });
}

/** A refusal of this library as data; a stack would only show its inside. */
export function refusalDataOf(error: WorkflowError, executorId: string): ErrorData {
  const { stack: _stack, ...data } = errorDataOf(error, executorId, error.code);
  return data;
}

function isRetryable(thrown: unknown, code: string, fallbackCode: ErrorCode): boolean {
  const own = read(thrown, "retryable");
  if (typeof own === "boolean") return own;
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode].retryable : ERRORS[fallbackCode].retryable;
}

function causesOf(thrown: unknown): ErrorData["causes"] {
  const causes: ErrorData["causes"] = [];
  const seen = new Set([thrown]);
  for (let cause = read(thrown, "cause"); cause !== undefined; cause = read(cause, "cause")) {
    if (seen.has(cause) || causes.length === MAX_CAUSES) break;
    seen.add(cause);
    const code = textIn(cause, "code")?.slice(0, MAX_NAME_CHARS);
    const message = cut(messageOf(cause), MAX_CAUSE_CHARS);
    causes.push({ name: nameOf(cause), ...(code !== undefined && { code }), message });
  }
  return causes;
}

/** Issues as this library writes them; other libraries have a list of the same name, with other things in it. */
function issuesOf(thrown: unknown): ErrorData["issues"] {
  return listIn(thrown, "issues").flatMap((issue) => {
    const pointer = textIn(issue, "pointer");
    const message = textIn(issue, "message");
    if (pointer === undefined || message === undefined) return [];
    return [{ pointer: cut(pointer, MAX_ISSUE_CHARS), message: cut(message, MAX_ISSUE_CHARS) }];
  });
}

/** The first members of a list; none when it is no list, or one that cannot be read. */
function listIn(thrown: unknown, name: string): unknown[] {
  const list = read(thrown, name);
  try {
    return Array.isArray(list) ? Array.from({ length: Math.min(list.length, MAX_ISSUES) }, (_, at) => list[at]) : [];
  } catch {
    return []; // a revoked proxy, or a member that throws
  }
}

function nameOf(thrown: unknown): string {
  return (textIn(thrown, "name") || "Error").slice(0, MAX_NAME_CHARS);
}

function messageOf(thrown: unknown): string {
  const message = textIn(thrown, "message");
  if (message !== undefined) return message;
  if (typeof thrown === "string") return thrown;
  return `The executor threw ${inWords(thrown)}, which is no error.`;
}

function inWords(thrown: unknown): string {
  try {
    return typeof thrown === "object" ? (JSON.stringify(thrown) ?? "an object") : String(thrown);
  } catch {
    return "an object that cannot be read"; // a cycle, or a getter that throws
  }
}

function textIn(thrown: unknown, name: string): string | undefined {
  const value = read(thrown, name);
  return typeof value === "string" ? value : undefined;
}

/** A member of what was thrown; undefined also when reading it throws. */
export function read(thrown: unknown, name: string): unknown {
  if ((typeof thrown !== "object" && typeof thrown !== "function") || thrown === null) return undefined;
  try {
    return (thrown as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined; // what its own getter hides cannot be told
  }
}

/** The caps above are too wide only for text that JSON or UTF-8 blows up; then what helps least goes first. */
function shrunk(error: ErrorData): ErrorData {
  if (fits(error)) return error;
  const { stack: _stack, ...withoutStack } = error;
  if (fits(withoutStack)) return withoutStack;
  const withoutDetails = { ...withoutStack, causes: error.causes.slice(0, 2), issues: error.issues.slice(0, 5) };
  if (fits(withoutDetails)) return withoutDetails;
  return { ...withoutDetails, message: cut(error.message, MAX_CAUSE_CHARS) };
}

function fits(error: ErrorData): boolean {
  return new TextEncoder().encode(JSON.stringify(error)).length <= MAX_BYTES;
}

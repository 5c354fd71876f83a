import { type ErrorCode, WorkflowError } from "../errors.ts";
import { randomHex } from "./random-hex.ts";

const MAX_CHARACTERS = 100;

/** 128 random bits as 32 hex digits: nobody can guess the id of another run. */
export function makeRunId(): string {
  return randomHex();
}

/**
 * Holds a caller's run id to the rules of instance ids on every backend, and to those that keep two ids from meeting on
 * their way: decoders and text stores put U+FFFD in place of broken bytes and half surrogates, whichever these were, and URLs take `.` and `..` for folders. Ids are compared
 * code unit by code unit.
 *
 * @throws {WorkflowError} `RUN_ID_INVALID`
 */
export function checkRunId(runId: string): string {
  return checked("RUN_ID_INVALID", "run id", runId);
}

/**
 * Holds a caller's thread id to the rules of {@link checkRunId}, and to what stands for an empty id at hosts.
 *
 * @throws {WorkflowError} `THREAD_ID_INVALID`
 */
export function checkThreadId(threadId: string): string {
  return checked("THREAD_ID_INVALID", "thread id", threadId, threadId === "$" ? "stands for none" : undefined);
}

function checked(code: ErrorCode, what: string, id: string, reason = whatIsWrong(id)): string {
  if (reason === undefined) return id;
  throw new WorkflowError(
    code,
    `The ${what} ${JSON.stringify(id.slice(0, MAX_CHARACTERS))} ${reason}.`,
    "Choose another id, or leave it out to get a random one.",
  );
}

/** Whether there can be a run of this id. */
export function isRunId(runId: string): boolean {
  return whatIsWrong(runId) === undefined;
}

function whatIsWrong(runId: string): string | undefined {
  if (runId === "") return "is empty";
  if (runId.length > MAX_CHARACTERS) return `has ${runId.length} characters, more than ${MAX_CHARACTERS}`;
  if (runId.startsWith("@")) return 'starts with "@", as only entities do';
  if (/[/\\#?]/.test(runId)) return "holds one of / \\ # ?";
  if (/\p{Cc}/u.test(runId)) return "holds a control character";
  if (runId.trim() !== runId) return "starts or ends with white space";
  if (runId === "." || runId === "..") return "names a folder in a URL";
  if (/\p{Cs}/u.test(runId)) return "holds half of a surrogate pair";
  if (runId.includes("\ufffd")) return "holds U+FFFD, which stands for bytes that could not be read";
  if (runId.normalize("NFC") !== runId) return "is not in Unicode normal form C";
  return undefined;
}

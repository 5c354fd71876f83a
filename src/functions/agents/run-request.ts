import type { HttpRequest } from "@azure/functions";
import { z } from "zod";
import { WorkflowError } from "../../errors.ts";
import type { JsonValue } from "../../wire/json.ts";
import { checkThreadId } from "../../wire/run-id.ts";
import { readInput } from "../body.ts";
import { parseFields } from "../fields.ts";
import { readParameter } from "../parameters.ts";

/** Names under which callers know the id of a thread; other hosts of agents use them. */
const THREAD_FIELDS = ["threadId", "thread_id", "sessionId", "session_id"] as const;
const THREAD_HEADERS = ["x-ms-thread-id", "x-ms-session-id"];

const id = z.string().nullish();
const body = z.object({
  message: z.string().refine((text) => text.trim() !== "", "an agent needs something to answer to"),
  threadId: id,
  thread_id: id,
  sessionId: id,
  session_id: id,
});

/** What is said to an agent, and in which thread; undefined for a new one. */
export interface RunRequest {
  readonly message: string;
  readonly threadId: string | undefined;
}

/**
 * Reads a request to an agent: text, which is the message as it stands, or `{ message, threadId }`. The thread may be named in
 * the body, the query or a header, but not two of them at once.
 *
 * @throws {WorkflowError} `AGENT_BODY_INVALID`, `PARAMETER_INVALID` for two different threads, `THREAD_ID_INVALID`, and what a
 *   body may be refused for
 */
export async function readRunRequest(request: HttpRequest): Promise<RunRequest> {
  const input = await readInput(request);
  const fields = parseFields(
    body,
    typeof input === "string" ? { message: input } : (input as JsonValue),
    "AGENT_BODY_INVALID",
    'Send text, or { "message": "…", "threadId": "…" }.',
  );
  const given = [
    ...THREAD_FIELDS.map((name) => fields[name]),
    ...THREAD_FIELDS.map((name) => readParameter(request, name)),
    ...THREAD_HEADERS.map((name) => request.headers.get(name)),
  ].filter((one): one is string => typeof one === "string" && one !== "");
  const [threadId, ...others] = new Set(given);
  if (others.length > 0) throw twoThreads([threadId ?? "", ...others]);
  return { message: fields.message, threadId: threadId === undefined ? undefined : checkThreadId(threadId) };
}

function twoThreads(threads: readonly string[]): WorkflowError {
  return new WorkflowError(
    "PARAMETER_INVALID",
    `The request names the threads ${threads.map((one) => JSON.stringify(one.slice(0, 100))).join(" and ")}.`,
    "Name one, in the body, the query or the header x-ms-thread-id.",
  );
}

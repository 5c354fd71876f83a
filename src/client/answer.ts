import { z } from "zod";
import { ERRORS, type ErrorCode, WorkflowError } from "../errors.ts";

/** Problem details (RFC 9457) as the doors write them. */
const problem = z.object({
  code: z.string().refine((code): code is ErrorCode => Object.hasOwn(ERRORS, code)),
  detail: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).default([]),
});

/** What gateways answer while the host behind them is away or overloaded. */
const AWAY = [429, 502, 503, 504];

const MAX_SHOWN_CHARS = 200;

/**
 * The JSON of an answer; undefined for one without a body.
 *
 * @param isOptional - undefined as well for a 404 that none of this library's doors wrote: the host has no such route
 * @throws {WorkflowError} what the host refused, with its code and issues; `HOST_UNREACHABLE`, `ANSWER_UNEXPECTED`
 */
export function readAnswer(response: Response, text: string, isOptional = false): unknown {
  const body = jsonOf(text);
  if (response.ok && body !== NO_JSON) return body;
  const refused = problem.safeParse(body);
  if (refused.success) throw refusal(refused.data);
  if (isOptional && response.status === 404) return undefined;
  if (AWAY.includes(response.status)) {
    throw new WorkflowError(
      "HOST_UNREACHABLE",
      `The host at ${response.url} answered ${response.status}.`,
      "Try again when it is back.",
    );
  }
  throw unexpected(response, text);
}

const NO_JSON = Symbol("no JSON");

function jsonOf(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return NO_JSON; // the page of a proxy, say: the caller says what came instead
  }
}

/** Its message is the host's: what is wrong, and what to do. */
function refusal({ code, detail, errors }: z.infer<typeof problem>): WorkflowError {
  const issues = errors.map(({ pointer, detail: message }) => ({ pointer, message }));
  return new WorkflowError(code, detail, "", { issues });
}

function unexpected(response: Response, text: string): WorkflowError {
  const shown = text === "" ? "no body" : JSON.stringify(text.slice(0, MAX_SHOWN_CHARS));
  const whatToDo = [401, 403].includes(response.status)
    ? "Check the key that the client was made with."
    : "Check the URL that the client was made with.";
  return new WorkflowError("ANSWER_UNEXPECTED", `${response.url} answered ${response.status} with ${shown}.`, whatToDo);
}

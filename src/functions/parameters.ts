import type { HttpRequest } from "@azure/functions";
import { WorkflowError } from "../errors.ts";

const DEFAULT_TIMEOUT_SECONDS = 10;
/** An answer has to leave Azure's front end within 230 s. */
const MAX_TIMEOUT_SECONDS = 200;

/** How long the caller of a run request is ready to wait for its end; undefined for a caller who does not wait. */
export function readWaitMs(request: HttpRequest): number | undefined {
  const timeoutSeconds = readWholeNumber(request, "timeoutSeconds", 1, MAX_TIMEOUT_SECONDS) ?? DEFAULT_TIMEOUT_SECONDS;
  const header = request.headers.get("x-ms-wait-for-response");
  const isWaiting =
    header === null
      ? readFlag("The query parameter waitForResponse", readParameter(request, "waitForResponse"))
      : readFlag("The header x-ms-wait-for-response", header);
  return isWaiting ? timeoutSeconds * 1_000 : undefined;
}

/**
 * A query parameter; null where it is left out. Of one that stands twice, systems on the way take the first one, the last
 * one or both, so it is refused.
 *
 * @throws {WorkflowError} `PARAMETER_INVALID`
 */
export function readParameter(request: HttpRequest, name: string): string | null {
  // Looked for in the URL: the host hands the query over as a map, in which a name stands once.
  const given = new URL(request.url).searchParams.getAll(name);
  if (given.length < 2) return request.query.get(name);
  throw invalid(`The query parameter ${name}`, given.join(", "), "Send it once.");
}

/** @throws {WorkflowError} `PARAMETER_INVALID` for anything but a whole number between `from` and `to` */
export function readWholeNumber(request: HttpRequest, name: string, from: number, to: number): number | undefined {
  const text = readParameter(request, name);
  if (text === null) return undefined;
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= from && number <= to) return number;
  throw invalid(`The query parameter ${name}`, text, `Send a whole number from ${from} to ${to}.`);
}

function readFlag(what: string, text: string | null): boolean {
  if (text === null) return false;
  const flag = text.trim().toLowerCase();
  if (flag === "true" || flag === "false") return flag === "true";
  throw invalid(what, text, 'Send "true" or "false".');
}

function invalid(what: string, text: string, whatToDo: string): WorkflowError {
  return new WorkflowError("PARAMETER_INVALID", `${what} is ${JSON.stringify(text.slice(0, 100))}.`, whatToDo);
}

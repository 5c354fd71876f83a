import type { HttpRequest } from "@azure/functions";
import { WorkflowError } from "../errors.ts";

/** An answer has to leave Azure's front end within 230 s. */
const MAX_TIMEOUT_SECONDS = 200;

/** How callers wait who do not say. */
interface Waiting {
  readonly isWaiting: boolean;
  readonly timeoutSeconds: number;
}

const RUN_WAITING: Waiting = { isWaiting: false, timeoutSeconds: 10 };

/** How long the caller of a run request is ready to wait for its end; undefined for a caller who does not wait. */
export function readWaitMs(request: HttpRequest, unlessSaid: Waiting = RUN_WAITING): number | undefined {
  const given = readWholeNumber(request, "timeoutSeconds", 1, MAX_TIMEOUT_SECONDS);
  const header = request.headers.get("x-ms-wait-for-response");
  const query = readParameter(request, "waitForResponse") ?? readParameter(request, "wait_for_response");
  const flag =
    header === null
      ? readFlag("The query parameter waitForResponse", query)
      : readFlag("The header x-ms-wait-for-response", header);
  return (flag ?? unlessSaid.isWaiting) ? (given ?? unlessSaid.timeoutSeconds) * 1_000 : undefined;
}

/** A query parameter that is `true` or `false`; false where it is left out. */
export function readFlagParameter(request: HttpRequest, name: string): boolean {
  return readFlag(`The query parameter ${name}`, readParameter(request, name)) ?? false;
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

/** @throws {WorkflowError} `PARAMETER_INVALID` for a name that is not among `known` */
export function readName<Name extends string>(
  request: HttpRequest,
  name: string,
  known: readonly Name[],
): Name | undefined {
  const text = readParameter(request, name);
  if (text === null) return undefined;
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw invalid(`The query parameter ${name}`, text, `Send one of ${known.join(", ")}.`);
}

/**
 * Reads a list of names, separated by commas; undefined when it is left out.
 *
 * @throws {WorkflowError} `PARAMETER_INVALID` for a name that is not among `known`
 */
export function readNames<Name extends string>(
  request: HttpRequest,
  name: string,
  known: readonly Name[],
): Name[] | undefined {
  const text = request.query.get(name);
  if (text === null) return undefined;
  return text.split(",").map((part) => {
    const found = known.find((one) => one === part.trim());
    if (found !== undefined) return found;
    throw invalid(`The query parameter ${name}`, text, `Send one or more of ${known.join(", ")}, separated by commas.`);
  });
}

function readFlag(what: string, text: string | null): boolean | undefined {
  if (text === null) return undefined;
  const flag = text.trim().toLowerCase();
  if (flag === "true" || flag === "false") return flag === "true";
  throw invalid(what, text, 'Send "true" or "false".');
}

function invalid(what: string, text: string, whatToDo: string): WorkflowError {
  return new WorkflowError("PARAMETER_INVALID", `${what} is ${JSON.stringify(text.slice(0, 100))}.`, whatToDo);
}

import type { HttpHandler, HttpRequest, InvocationContext } from "@azure/functions";
import { isWorkflowError } from "../errors.ts";
import { systemClock, type WaitClock } from "../remote/poll.ts";
import { isForeseen, problemOf } from "./problem.ts";

/** Answers tell of runs: no cache may keep them, and no browser may take them for something else than they say. */
const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** Nothing was done, and the same call may succeed later. */
const COME_AGAIN = [503, 507];
const RETRY_AFTER_SECONDS = "5";

/**
 * That there is no such run takes a whole number of these: a run that is there and not to be seen takes longer to look up
 * than none, and how long the answer took must not tell. It is far more than the one lookup or the other.
 */
const NOT_FOUND_STEP_MS = 25;

/** Tells how long an answer took in parts of a millisecond, and whatever is done to the time of day meanwhile. */
const stopWatch: WaitClock = { ...systemClock, nowMs: () => performance.now() };

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Left out only where the status allows none. */
  readonly body?: string;
}

/** An answer of JSON. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

/**
 * Makes a door of a function: what it returns becomes the answer, what it throws a problem (RFC 9457). An error that is
 * not meant for the caller goes to the log.
 */
export function answer(
  handle: (request: HttpRequest, context: InvocationContext) => Promise<Answer>,
  clock: WaitClock = stopWatch,
): HttpHandler {
  return async (request, context) => {
    const begunAtMs = clock.nowMs();
    const response = await handle(request, context).catch(async (error: unknown) => {
      if (!isForeseen(error)) context.error(error);
      if (isWorkflowError(error) && error.code === "RUN_NOT_FOUND") {
        await clock.delay(NOT_FOUND_STEP_MS - ((clock.nowMs() - begunAtMs) % NOT_FOUND_STEP_MS));
      }
      const problem = problemOf(error, new URL(request.url).pathname);
      return json(problem.status, problem, {
        "content-type": "application/problem+json",
        ...(COME_AGAIN.includes(problem.status) && { "retry-after": RETRY_AFTER_SECONDS }),
      });
    });
    return { ...response, headers: { ...HEADERS, ...response.headers } };
  };
}

import type { Action } from "./answer.ts";
import { Deferred } from "./deferred.ts";
import { malformed } from "./fields.ts";
import type { ReplayContext } from "./replay-context.ts";
import { ReplayFailure } from "./replay-failure.ts";

/** The activity of the extension that makes the requests of `callHttp`. */
export const HTTP_ACTIVITY = "BuiltIn::HttpActivity";

interface HttpRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers?: Readonly<Record<string, unknown>> | null;
  readonly tokenSource?: unknown;
  readonly asynchronousPatternEnabled?: boolean;
}

interface HttpCallParts {
  /** Asks for the activity, given its input. */
  readonly schedule: (inputJson: string) => Deferred;
  /** How long to wait between polls when the answer does not say. */
  readonly pollMs: number;
  /** Called when the next request gets another id than the SDK gave it: the SDK numbers it with the timer. */
  readonly idsHaveParted: () => void;
}

/**
 * One request is one activity. With polling, an answer 202 with a `Location` is followed by a timer and a GET of that
 * place, until the answer is another.
 */
export function callHttp(
  context: ReplayContext,
  action: Action,
  { schedule, pollMs, idsHaveParted }: HttpCallParts,
): Deferred {
  const request = requestOf(action);
  const outcome = new Deferred();
  const ask = (next: HttpRequest): void => {
    schedule(JSON.stringify(next)).follow((task) => {
      const { accepted } = context;
      if (task.hasFailed) return outcome.settle("failed");
      if (accepted === null || next.asynchronousPatternEnabled === false) return outcome.settle("succeeded");
      const delayMs = accepted.retryAfterMs ?? pollMs;
      const idOfSdk = context.nextId + 1;
      context.pollsToCome += 1;
      context.createTimer(context.nowMs + delayMs).follow(() => {
        context.pollsToCome -= 1;
        if (context.nextId !== idOfSdk) idsHaveParted();
        ask(pollOf(next, accepted.location));
      });
    });
  };
  ask(request);
  return outcome;
}

/** A function key is meant for the first address alone. */
function pollOf({ uri, headers, ...request }: HttpRequest, location: string): HttpRequest {
  const kept = Object.entries(headers ?? {}).filter(([name]) => name.toLowerCase() !== "x-functions-key");
  const { asynchronousPatternEnabled = true } = request;
  return {
    method: "GET",
    uri: new URL(location, uri).href,
    headers: Object.fromEntries(kept),
    asynchronousPatternEnabled,
  };
}

function requestOf(action: Action): HttpRequest {
  const request = action.httpRequest as Partial<HttpRequest> | null | undefined;
  if (typeof request?.method !== "string" || typeof request.uri !== "string" || !URL.canParse(request.uri)) {
    throw malformed(action, "httpRequest");
  }
  if (request.tokenSource !== undefined && request.tokenSource !== null) {
    throw new ReplayFailure(
      "callHttp was given a tokenSource. It needs a managed identity, which only Azure has: this local host cannot " +
        "make the request.",
    );
  }
  return request as HttpRequest;
}

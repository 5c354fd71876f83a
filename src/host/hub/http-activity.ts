import { z } from "zod";
import { HTTP_ACTIVITY } from "./replay/http-action.ts";
import type { Accepted } from "./replay/replay-event.ts";
import type { FunctionInvoker, InvocationResult } from "./task-hub.ts";

const headerValue = z.union([z.string(), z.array(z.string())]);

const httpRequest = z.object({
  method: z.string(),
  uri: z.string(),
  headers: z.record(z.string(), headerValue).nullish(),
  content: z.string().nullish(),
});

const acceptedResult = z.object({ statusCode: z.literal(202), headers: z.record(z.string(), headerValue) });

/** What .NET counts among the headers of the content, which the extension does not hand on. */
const CONTENT_HEADERS = /^(content-.*|allow|expires|last-modified)$/;
/** How long .NET waits for an answer. */
const TIMEOUT_MS = 100_000;
/** How the result of this activity begins, and next to no other. */
const ACCEPTED = '{"statusCode":202,';

/** The app's functions, and the activity behind `callHttp`. */
export function withHttpActivity(invoker: FunctionInvoker): FunctionInvoker {
  const isHttp = (name: string): boolean => name === HTTP_ACTIVITY;
  return {
    hasFunction: (kind, name) => (kind === "activity" && isHttp(name)) || invoker.hasFunction(kind, name),
    invokeOrchestrator: (name, trigger, instanceId) => invoker.invokeOrchestrator(name, trigger, instanceId),
    invokeActivity: (name, inputJson, instanceId) =>
      isHttp(name) ? request(inputJson) : invoker.invokeActivity(name, inputJson, instanceId),
    invokeEntity: (name, triggerJson, entityId) => invoker.invokeEntity(name, triggerJson, entityId),
  };
}

/** Any answer is a success, whatever its status; no answer is a failure. */
async function request(inputJson: string | null): Promise<InvocationResult> {
  const { method, uri, headers, content } = httpRequest.parse(JSON.parse(inputJson ?? "null"));
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers ?? {})) {
    for (const one of [value].flat()) sent.append(name, one);
  }
  const response = await fetch(uri, {
    method,
    headers: sent,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(content === null || content === undefined ? {} : { body: content }),
  });
  const text = await response.text();
  const result = { statusCode: response.status, headers: headersOf(response), content: text };
  return { ok: true, resultJson: JSON.stringify(result) };
}

function headersOf({ headers }: Response): Record<string, string | string[]> {
  const cookies = headers.getSetCookie();
  const shown = [...headers].filter(([name]) => name !== "set-cookie" && !CONTENT_HEADERS.test(name));
  return { ...Object.fromEntries(shown), ...(cookies.length > 0 ? { "set-cookie": cookies } : {}) };
}

/** Reads from an activity's result whether `callHttp` has to ask again; null for all other results. */
export function acceptedIn(resultJson: string | null | undefined, nowMs: number): Accepted | null {
  if (!resultJson?.startsWith(ACCEPTED)) return null;
  const parsed = acceptedResult.safeParse(JSON.parse(resultJson));
  const headers = parsed.data?.headers ?? {};
  const location = [headers.location ?? []].flat()[0];
  if (location === undefined || !URL.canParse(location, "http://relative")) return null;
  return { location, retryAfterMs: delayOf([headers["retry-after"] ?? []].flat()[0], nowMs) };
}

/** Seconds, or a date. */
function delayOf(retryAfter: string | undefined, nowMs: number): number | null {
  if (retryAfter === undefined) return null;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const atMs = Date.parse(retryAfter);
  return Number.isNaN(atMs) ? null : Math.max(atMs - nowMs, 0);
}

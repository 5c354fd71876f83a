import type { HttpRequest } from "@azure/functions";
import { WorkflowError } from "../errors.ts";
import type { EventPage } from "../wire/run-event.ts";
import type { Answer } from "./answer.ts";
import { withoutStack } from "./shown.ts";

/** Milliseconds after which a reader asks for what comes next. */
const RETRY_MS = 250;

export function wantsEventStream(request: HttpRequest): boolean {
  return /(?:^|,)\s*text\/event-stream\s*(?:;|,|$)/i.test(request.headers.get("accept") ?? "");
}

/** The number of the last event a reader has, as `EventSource` sends it by itself; undefined at its first request. */
export function readLastEventId(request: HttpRequest): number | undefined {
  const text = request.headers.get("last-event-id");
  if (text === null || text === "") return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new WorkflowError(
    "PARAMETER_INVALID",
    `The header Last-Event-ID is ${JSON.stringify(text.slice(0, 100))}.`,
    "Send the id of the last event that was read, or leave it out.",
  );
}

/**
 * Run events as server-sent events, whole in one answer (docs/decisions/0010-server-sent-events-in-answers-that-end.md).
 * A reader comes back by itself for the next part; 204 tells it that there is none.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function eventStream({ events, hasEnded }: EventPage): Answer {
  if (events.length === 0 && hasEnded) return { status: 204 };
  const blocks = events.map((event) => `id: ${event.number}\ndata: ${JSON.stringify(withoutStack(event))}\n\n`);
  const body = blocks.length > 0 ? blocks.join("") : ": nothing happened so far\n\n";
  return { status: 200, headers: { "content-type": "text/event-stream" }, body: `retry: ${RETRY_MS}\n\n${body}` };
}

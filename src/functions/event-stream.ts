import type { HttpRequest } from "@azure/functions";
import { WorkflowError } from "../errors.ts";
import type { RunUpdate } from "../wire/live-update.ts";
import type { RunEvent } from "../wire/run-event.ts";
import type { Answer } from "./answer.ts";
import type { RunNews } from "./run-news.ts";
import { withoutStack } from "./shown.ts";

/** Milliseconds after which a reader asks for what comes next. */
const RETRY_MS = 250;
/** The same while a model talks. */
const FAST_RETRY_MS = 30;

export function wantsEventStream(request: HttpRequest): boolean {
  return /(?:^|,)\s*text\/event-stream\s*(?:;|,|$)/i.test(request.headers.get("accept") ?? "");
}

/** Where a reader of a stream is: behind which event, and behind which update. */
export interface StreamPlace {
  readonly after: number;
  readonly position: string | undefined;
}

/** The place a reader has come to, as `EventSource` sends it by itself; undefined at its first request. */
export function readLastEventId(request: HttpRequest): StreamPlace | undefined {
  const text = request.headers.get("last-event-id");
  if (text === null || text === "") return undefined;
  const [, number, position] = /^(\d{1,15})(?:\.([\w-]{1,100}))?$/.exec(text) ?? [];
  if (number !== undefined) return { after: Number(number), position };
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
 * What calls told while they went on are events of the type `update`. They have no number; the last block of an answer says
 * how far they went.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function eventStream(news: RunNews, from: StreamPlace): Answer {
  const blocks = blocksOf(news, from);
  if (blocks.length === 0 && news.page.hasEnded) return { status: 204 };
  const retryMs = news.updates.length > 0 ? FAST_RETRY_MS : RETRY_MS;
  const body = blocks.length > 0 ? blocks.join("") : ": nothing happened so far\n\n";
  return { status: 200, headers: { "content-type": "text/event-stream" }, body: `retry: ${retryMs}\n\n${body}` };
}

/** What a call told comes before its end, and behind the beginning of it. */
function blocksOf({ page, updates, position }: RunNews, from: StreamPlace): string[] {
  const ended = new Set(page.events.filter(isEndOfCall).map(callOf));
  const before = updates.filter((update) => ended.has(callOf(update)));
  const behind = updates.filter((update) => !ended.has(callOf(update)));
  const place = (number: number, end: string | undefined) => (end === undefined ? `${number}` : `${number}.${end}`);
  const blocks = [
    ...before.map(updateBlock),
    ...page.events.map((event) => `id: ${place(event.number, from.position)}\n${eventBlock(event)}`),
    ...behind.map(updateBlock),
  ];
  const last = blocks.pop()?.replace(/^id: .*\n/, "");
  if (last === undefined) return [];
  // A reader who gets only a part of the answer reads the updates of it again: they are numbered.
  return [...blocks, `id: ${place(page.events.at(-1)?.number ?? from.after, position)}\n${last}`];
}

function eventBlock(event: RunEvent): string {
  return `data: ${JSON.stringify(withoutStack(event))}\n\n`;
}

function updateBlock(update: RunUpdate): string {
  return `event: update\ndata: ${JSON.stringify(update)}\n\n`;
}

function isEndOfCall(event: RunEvent): event is Extract<RunEvent, { readonly callKey: string }> {
  return ["executorCompleted", "executorFailed", "executorDelayed"].includes(event.type);
}

function callOf({ callKey, attempt }: { readonly callKey: string; readonly attempt: number }): string {
  return `${callKey} ${attempt}`;
}

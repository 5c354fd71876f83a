import type { Write } from "../store/history-store.ts";
import type { Episode } from "./episode.ts";
import type { HubEvent } from "./hub-event.ts";
import type { Instance, Message } from "./instance.ts";
import type { LoadedHistory } from "./loaded-history.ts";
import { EVENT } from "./replay/replay-event.ts";
import { storedMessage } from "./stored-event.ts";
import type { RuntimeStatus } from "./task-hub.ts";

/** How an episode ended its instance. */
export type Ending = {
  readonly status: "Completed" | "Failed" | "Terminated";
  readonly output: string | null;
  readonly details: string | null;
};

/**
 * External events that came while the last episode ran. They were acknowledged, so they leave a trace behind the end; the
 * extension drops them.
 */
export function undelivered({ inbox }: Instance): HubEvent[] {
  return inbox.map(({ event }) => event).filter(({ replay }) => replay.type === EVENT.eventRaised);
}

/** A termination calls no orchestrator, so nothing sets the status anew. */
export function customStatusAfter(history: LoadedHistory, { terminated, customStatusJson }: Episode): string | null {
  return terminated === null ? customStatusJson : history.customStatusJson;
}

export function removals(messages: readonly Message[]): Write[] {
  return messages.map(({ seq }) => ({ kind: "removeMessage", seq }));
}

/** Null when the instance goes on. */
export function endingOf({ decisions, terminated }: Episode): Ending | null {
  if (terminated !== null) return { status: "Terminated", output: terminated, details: null };
  const last = decisions.at(-1);
  if (last?.kind === "complete") return { status: "Completed", output: last.outputJson, details: null };
  if (last?.kind === "fail") return { status: "Failed", output: last.message, details: last.details };
  return null;
}

export function statusAfter(before: RuntimeStatus, fresh: readonly HubEvent[]): RuntimeStatus {
  let status: RuntimeStatus = before === "Suspended" ? "Suspended" : "Running";
  for (const { replay: event } of fresh) {
    if (event.type === EVENT.executionSuspended) status = "Suspended";
    if (event.type === EVENT.executionResumed) status = "Running";
  }
  return status;
}

/** The event at a place in the episode's whole history; an old one was held back by a suspension. */
export function eventAt(history: LoadedHistory, fresh: readonly HubEvent[], place: number): HubEvent {
  const old = history.events.length;
  if (place >= old) return fresh[place - old] as HubEvent;
  return storedMessage(JSON.stringify({ ...history.stored[place]?.value, IsPlayed: false }));
}

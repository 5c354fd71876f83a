import type { MessageRow, OpenInstanceRow } from "../store/history-store.ts";
import type { HubEvent } from "./hub-event.ts";
import type { LoadedHistory } from "./loaded-history.ts";
import { EVENT } from "./replay/replay-event.ts";
import { storedMessage } from "./stored-event.ts";
import type { RuntimeStatus } from "./task-hub.ts";

/** A message waiting to be taken in by the next episode. */
export interface Message {
  readonly seq: number;
  /** Null for messages from outside, which go to whichever execution is current. */
  readonly executionId: string | null;
  readonly event: HubEvent;
}

/** An open instance in memory. What it holds may be ahead of the disk by the transitions that wait to be committed. */
export class Instance {
  readonly row: Omit<OpenInstanceRow, "executionId" | "status">;
  executionId: string;
  status: RuntimeStatus;
  inbox: Message[];
  /** Null until it is needed, and again when memory is needed for others. */
  history: LoadedHistory | null = null;
  isRunning = false;
  isQueued = false;
  /** Decided, perhaps not on disk yet. */
  hasEnded = false;
  /** The disk refused a change of it: another object, read from the disk, stands in its place. */
  isStale = false;

  /** How many tries in a row the hub could not run an episode of it, and why it tries no more. */
  failedTries = 0;
  quarantine: string | null = null;

  constructor(row: OpenInstanceRow, inbox: readonly MessageRow[]) {
    const { executionId, status, ...rest } = row;
    this.row = rest;
    this.executionId = executionId;
    this.status = status;
    this.inbox = inbox.map((message) => ({ ...message, event: storedMessage(message.event) }));
  }
}

/** The reason of a termination among the messages; null without one. */
export function terminationIn(messages: readonly Message[]): string | null {
  for (const { event } of messages) {
    if (event.replay.type === EVENT.executionTerminated) return event.replay.reason;
  }
  return null;
}

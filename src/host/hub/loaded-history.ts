import type { HistoryChunk } from "../store/history-store.ts";
import { chainOn } from "./history-chain.ts";
import { type HubEvent, playedText } from "./hub-event.ts";
import { isCompletion, isDecision, type ReplayEvent } from "./replay/replay-event.ts";
import { storedReplayEvent } from "./stored-event.ts";
import type { HistoryEvent } from "./task-hub.ts";
import type { PastEvent } from "./trigger.ts";

/** What an event takes besides its text: its fields, and its small form. */
const BYTES_OF_EVENT = 300;

/** The history of an open instance's current generation, in memory between its episodes. */
export class LoadedHistory {
  /** The events as the next trigger gives them to the orchestrator. */
  readonly stored: PastEvent[] = [];
  readonly events: ReplayEvent[] = [];
  readonly inputJson: string | null;
  /** The custom status as the latest episode left it. */
  customStatusJson: string | null;
  /** Time of the latest episode; a clock that goes back does not take the orchestration with it. */
  latestStartMs = 0;
  /** Of the last row; the next one is chained to it. */
  checksum: number;
  /** How many decisions it records, and so how many ids were given. */
  decisionCount = 0;
  readonly #openTasks = new Set<number>();
  #chars = 0;

  /** @param chainStart - what the checksum of the first row is chained to */
  constructor(
    chunks: readonly HistoryChunk[],
    inputJson: string | null,
    customStatusJson: string | null,
    chainStart: number,
  ) {
    this.checksum = chunks.reduce(chainOn, chainStart);
    this.inputJson = inputJson;
    this.customStatusJson = customStatusJson;
    for (const chunk of chunks) this.#read(chunk);
  }

  /** About what it costs to keep this in memory. */
  get sizeBytes(): number {
    return this.#chars + (this.inputJson?.length ?? 0) + this.events.length * BYTES_OF_EVENT;
  }

  /** False for the outcome of a task that is not open: a duplicate. */
  expects(event: ReplayEvent): boolean {
    return !isCompletion(event) || this.#openTasks.has(event.taskId);
  }

  /** Adds an episode's events; what comes back is what to store. */
  append(events: readonly HubEvent[]): HistoryChunk {
    const firstEvent = this.events.length;
    const added = events.map(({ text }) => playedText(text)).join(",");
    this.#chars += added.length;
    for (const { replay, value } of events) this.#note(replay, value);
    const chunk = { firstEvent, eventCount: events.length, events: added };
    this.checksum = chainOn(this.checksum, chunk);
    return { ...chunk, checksum: this.checksum };
  }

  #read({ events }: HistoryChunk): void {
    this.#chars += events.length;
    for (const value of JSON.parse(`[${events}]`) as HistoryEvent[]) this.#note(storedReplayEvent(value), value);
  }

  #note(event: ReplayEvent, value: HistoryEvent): void {
    this.events.push(event);
    this.stored.push({ value, atMs: Date.parse(value.Timestamp) });
    if ("atMs" in event) this.latestStartMs = Math.max(this.latestStartMs, event.atMs);
    else if (isDecision(event)) {
      this.decisionCount += 1;
      this.#openTasks.add(event.id);
    } else if (isCompletion(event)) this.#openTasks.delete(event.taskId);
  }
}

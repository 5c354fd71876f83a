import type { HistoryChunk } from "../store/history-store.ts";
import { chainOn } from "./history-chain.ts";
import { type HubEvent, playedText } from "./hub-event.ts";
import type { Player } from "./replay/replay.ts";
import { isCompletion, isDecision, type ReplayEvent } from "./replay/replay-event.ts";
import { storedReplayEvent } from "./stored-event.ts";
import type { HistoryEvent, OrchestratorSession } from "./task-hub.ts";
import type { PastEvent } from "./trigger.ts";

/** What an event takes besides its text: its fields, and its small form. */
const BYTES_OF_EVENT = 300;
/** What an orchestrator that stands where the history ends takes besides values: its generator, tasks and contexts. */
const BYTES_OF_SESSION = 18_000;
/** An input as a value, in the SDK's context: measured with plans. */
const BYTES_OF_PARSED_CHAR = 2;
/**
 * An orchestrator that was kept is replayed from the beginning all the same when its history has grown by this factor: what
 * it decides then is held against the history, as on Azure after every message. All replays together stay linear.
 */
const GROWTH_BETWEEN_REPLAYS = 4;
const EVENTS_OF_SHORTEST_EPISODE = 4;
/** Where nothing is open that ends by itself, a history up to here costs less to replay than its orchestrator to keep. */
const SHORT_HISTORY_EVENTS = 64;

/** An orchestrator that waits where it stood, and what was recorded of its own decisions since. */
export interface KeptSession {
  readonly session: OrchestratorSession;
  readonly unseen: readonly PastEvent[];
}

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
  /** The history as the latest episode played it, while there is a session. */
  player: Player | null = null;
  readonly #openTasks = new Set<number>();
  #chars = 0;
  #session: OrchestratorSession | null = null;
  #replayedEvents = 0;
  #seenEvents = 0;

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
    const size = this.#chars + (this.inputJson?.length ?? 0) + this.events.length * BYTES_OF_EVENT;
    if (!this.#session) return size;
    return size + this.#chars + (this.inputJson?.length ?? 0) * BYTES_OF_PARSED_CHAR + BYTES_OF_SESSION;
  }

  /** The orchestrator as the latest episode left it; null when it is to be replayed from the beginning. */
  takeSession(): KeptSession | null {
    const session = this.events.length < this.#replayedEvents * GROWTH_BETWEEN_REPLAYS ? this.#session : null;
    this.#session = null;
    if (session) return { session, unseen: this.stored.slice(this.#seenEvents) };
    this.#replayedEvents = Math.max(this.events.length, EVENTS_OF_SHORTEST_EPISODE);
    return null;
  }

  /**
   * To be called with what an episode left, before its events are added.
   *
   * @param freshEvents - how many of those the orchestrator was given
   */
  keepSession(session: OrchestratorSession | undefined, freshEvents: number): void {
    this.#session = session ?? null;
    this.#seenEvents = this.events.length + freshEvents;
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
    if (this.#openTasks.size === 0 && this.events.length < SHORT_HISTORY_EVENTS) this.#forgetSession();
    const chunk = { firstEvent, eventCount: events.length, events: added };
    this.checksum = chainOn(this.checksum, chunk);
    return { ...chunk, checksum: this.checksum };
  }

  #forgetSession(): void {
    this.#session = null;
    this.player = null;
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

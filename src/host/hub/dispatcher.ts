import type { HubEnvironment } from "./environment.ts";
import { type EpisodeSettings, newEvents, runEpisode } from "./episode.ts";
import type { HistoryCache } from "./history-cache.ts";
import { type Instance, type Message, terminationIn } from "./instance.ts";
import type { Recorder } from "./recorder.ts";
import type { FunctionInvoker } from "./task-hub.ts";

export interface DispatcherParts {
  readonly environment: HubEnvironment;
  readonly cache: HistoryCache;
  readonly recorder: Recorder;
  readonly settings: EpisodeSettings;
  readonly concurrency: number;
  readonly requestTurn: () => void;
  /** The hub could not run an episode of the instance, for reasons that are not the orchestrator's. */
  readonly failed: (instance: Instance, error: unknown) => void;
}

/** Other work of the process gets its share between turns. */
const EPISODES_PER_TURN = 250;
/** So one flooded instance does not hold up the others, and a transaction stays small. */
const MESSAGES_PER_EPISODE = 1000;

/** Runs the episodes of instances that have messages: one at a time per instance, in the order they were woken. */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  #invoker: FunctionInvoker | null = null;
  #ready: Instance[] = [];
  #running = 0;
  #startsLeft = 0;
  #isHeld = true;
  #mayBegin = true;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  begin(invoker: FunctionInvoker): void {
    this.#invoker = invoker;
    this.#isHeld = false;
  }

  get waitingCount(): number {
    return this.#ready.length;
  }

  /** Starts no episode any more; those that run are recorded. */
  beginNoMore(): void {
    this.#mayBegin = false;
    this.#isHeld = true;
  }

  /** Starts no episode until {@link resume}: the disk refuses what they would decide. */
  hold(): void {
    this.#isHeld = true;
  }

  resume(): void {
    this.#isHeld = !this.#mayBegin;
    if (this.#ready.length > 0 && !this.#isHeld) this.#parts.requestTurn();
  }

  wake(instance: Instance): void {
    if (instance.isQueued || instance.isRunning || !isRunnable(instance)) return;
    instance.isQueued = true;
    this.#ready.push(instance);
    this.#parts.requestTurn();
  }

  turnBegan(): void {
    this.#startsLeft = EPISODES_PER_TURN;
    this.#pump();
  }

  turnEnded(): void {
    this.#startsLeft = 0;
    if (this.#ready.length > 0 && !this.#isHeld && this.#running < this.#parts.concurrency) this.#parts.requestTurn();
  }

  #pump(): void {
    while (this.#running < this.#parts.concurrency && this.#startsLeft > 0 && !this.#isHeld) {
      const instance = this.#ready.shift();
      if (!instance) return;
      instance.isQueued = false;
      if (!isRunnable(instance)) continue;
      this.#startsLeft -= 1;
      void this.#run(instance);
    }
  }

  async #run(instance: Instance): Promise<void> {
    this.#running += 1;
    instance.isRunning = true;
    try {
      await this.#episode(instance, this.#invoker as FunctionInvoker);
    } catch (error) {
      // Whatever this is, it is not the orchestrator's doing. The other instances go on, and the disk has lost nothing.
      instance.isStale = true;
      this.#parts.failed(instance, error);
    }
    instance.isRunning = false;
    this.#running -= 1;
    this.wake(instance);
    if (this.#startsLeft > 0) this.#pump();
    else if (this.#ready.length > 0) this.#parts.requestTurn();
  }

  async #episode(instance: Instance, invoker: FunctionInvoker): Promise<void> {
    const { cache, environment, recorder, settings } = this.#parts;
    if (instance.quarantine !== null) return recorder.endQuarantined(instance);
    const history = cache.load(instance);
    const taken: Message[] = instance.inbox.splice(0, MESSAGES_PER_EPISODE);
    const events = newEvents(instance, history, taken);
    if (events.length === 0) return recorder.discard(instance, taken);
    const episode = await runEpisode(instance, history, events, environment.nowMs(), invoker, settings);
    if (instance.isStale) return;
    recorder.record(instance, history, taken, episode);
    instance.failedTries = 0;
  }
}

function isRunnable(instance: Instance): boolean {
  if (instance.inbox.length === 0 || instance.hasEnded || instance.isStale) return false;
  return instance.quarantine === null || terminationIn(instance.inbox) !== null;
}

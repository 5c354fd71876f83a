import { type HistoryStore, hasEnded, type InstanceRow } from "../store/history-store.ts";
import { ActivityPool } from "./activity-pool.ts";
import { Committer } from "./committer.ts";
import { Dispatcher } from "./dispatcher.ts";
import { EntityHub } from "./entities/entity-hub.ts";
import type { Caller } from "./entities/entity-request.ts";
import type { HubEnvironment } from "./environment.ts";
import type { EpisodeSettings } from "./episode.ts";
import { HistoryCache } from "./history-cache.ts";
import type { HubEvent } from "./hub-event.ts";
import { type Existing, HubState, type NewInstance } from "./hub-state.ts";
import type { Instance } from "./instance.ts";
import { Outage } from "./outage.ts";
import { Quarantine } from "./quarantine.ts";
import { Receiver } from "./receiver.ts";
import { Reclaimer } from "./reclaimer.ts";
import { Recorder } from "./recorder.ts";
import { Rewinder } from "./rewinder.ts";
import { Starter } from "./starter.ts";
import type { FunctionInvoker, HubLog, OverridableStates, RuntimeStatus, SignalRequest } from "./task-hub.ts";
import { TimerQueue } from "./timer-queue.ts";

export interface HubEngineOptions {
  readonly store: HistoryStore;
  readonly environment: HubEnvironment;
  readonly overridable: OverridableStates;
  readonly activityConcurrency: number;
  readonly orchestratorConcurrency: number;
  readonly entityConcurrency: number;
  readonly entityBatchSize: number;
  readonly historyCacheBytes: number;
  readonly storesInputs: boolean;
  readonly defaultVersion: string;
  readonly episodes: EpisodeSettings;
  readonly log: HubLog;
  /** An instance's end is on disk. */
  readonly ended: (instanceId: string) => void;
}

/**
 * What moves the instances: messages in, episodes, transitions, activities and timers out. Memory runs ahead of the
 * disk by one batch of transitions at most; nothing leaves the hub before its batch is on disk.
 *
 * ```
 * start, event, outcome, timer ─▶ inbox ─▶ episode ─▶ transition ─▶ commit ─▶ caller told, activities called, children woken
 * Starter, Receiver                        Dispatcher  Recorder      Committer
 * ```
 *
 * When the disk refuses a batch, callers get the error, the touched instances are read again from the disk, and what the
 * hub knows of its own (outcomes of activities, due timers) is kept and written later.
 */
export class HubEngine {
  readonly #options: HubEngineOptions;
  readonly #state: HubState;
  readonly #cache: HistoryCache;
  readonly #committer: Committer;
  readonly #dispatcher: Dispatcher;
  readonly #pool: ActivityPool;
  readonly #timers: TimerQueue;
  readonly #entities: EntityHub;
  readonly #starter: Starter;
  readonly #receiver: Receiver;
  readonly #rewinder: Rewinder;
  readonly #quarantine: Quarantine;
  readonly #outage: Outage;
  readonly #reclaimer: Reclaimer;
  /** Starts that are not on disk yet. */
  #starting = 0;

  constructor(options: HubEngineOptions) {
    const { store, environment, log, overridable, defaultVersion } = options;
    this.#options = options;
    const state = new HubState(store, environment);
    const cache = new HistoryCache(store, options.historyCacheBytes);
    const outage = new Outage(environment.after, () => this.#goOn());
    const committer = new Committer(store, environment.soon, {
      turnBegan: () => this.#dispatcher.turnBegan(),
      committed: () => this.#committed(),
      failed: (instanceIds, error) => this.#failed(instanceIds, error),
      turnEnded: () => this.#dispatcher.turnEnded(),
    });
    const pool = new ActivityPool({
      concurrency: options.activityConcurrency,
      soon: environment.soon,
      finished: (row, result) => this.#receiver.activityFinished(row, result),
    });
    const timers = new TimerQueue(environment, (due) => this.#receiver.timersDue(due));
    const entities = new EntityHub({
      store,
      environment,
      log,
      concurrency: options.entityConcurrency,
      batchSize: options.entityBatchSize,
      nextSeq: () => state.nextSeq(),
      add: (transition) => committer.add(transition),
      answer: (caller, requestId, answerJson) => this.#receiver.entityAnswered(caller, requestId, answerJson),
      hasEnded: (caller) => this.#hasEnded(caller),
      isHeld: () => outage.isOn,
      keep: (again) => outage.keep(again),
    });
    const add = committer.add.bind(committer);
    const wake = (instance: Instance): void => this.#dispatcher.wake(instance);
    const parts = { store, environment, state, cache, pool, timers, entities, outage, overridable, log, add, wake };
    const starter = new Starter({ ...parts, defaultVersion });
    const recorder = new Recorder({
      ...parts,
      startChild: (parent, decision) => starter.startChild(parent, decision),
      trapped: options.episodes.trapped,
      storesInputs: options.storesInputs,
      ended: (instance) => this.#ended(instance),
    });
    this.#reclaimer = new Reclaimer(store, environment.after, log);
    this.#quarantine = new Quarantine({ ...parts, settled: () => committer.settled() });
    this.#receiver = new Receiver(parts);
    this.#rewinder = new Rewinder(parts);
    this.#dispatcher = new Dispatcher({
      environment,
      cache,
      recorder,
      settings: options.episodes,
      concurrency: options.orchestratorConcurrency,
      failed: (instance, error) => this.#quarantine.couldNotRun(instance, error),
      requestTurn: () => committer.requestTurn(),
    });
    this.#state = state;
    this.#cache = cache;
    this.#committer = committer;
    this.#pool = pool;
    this.#timers = timers;
    this.#entities = entities;
    this.#starter = starter;
    this.#outage = outage;
  }

  /** Takes up what the store holds. */
  begin(invoker: FunctionInvoker): void {
    const { store } = this.#options;
    this.#state.load();
    this.#pool.begin(invoker);
    this.#dispatcher.begin(invoker);
    const activities = store.activities();
    for (const row of activities) this.#pool.add(row);
    for (const row of store.timers()) this.#timers.add(row);
    this.#pool.release(activities);
    for (const instance of this.#state.all) this.#dispatcher.wake(instance);
    this.#entities.begin(invoker);
  }

  /** Calls no function any more. What is in flight is recorded when it ends, and messages wait for the next start. */
  beginNoMore(): void {
    this.#dispatcher.beginNoMore();
    this.#pool.beginNoMore();
    this.#entities.beginNoMore();
  }

  /** Takes up no more work; writes what has been decided. */
  stop(): void {
    this.beginNoMore();
    this.#quarantine.stop();
    this.#reclaimer.stop();
    this.#pool.stop();
    this.#entities.stop();
    this.#timers.stop();
    this.#outage.stop();
    for (const save of this.#outage.takeKept()) save();
    this.#committer.flush();
    // The disk may have refused that, too: nobody tries again.
    this.#outage.stop();
    for (const instance of this.#state.all) instance.isStale = true;
  }

  get isSettled(): boolean {
    return this.#committer.isSettled;
  }

  settled(): Promise<void> {
    return this.#committer.settled();
  }

  /** Why an open instance is not run any more, or null. */
  quarantine(instanceId: string): string | null {
    return this.#state.open(instanceId)?.quarantine ?? null;
  }

  /** Instances that have something to take in and wait for their turn, and activities that nobody has called yet. */
  get waitingCount(): number {
    return Math.max(this.#starting + this.#dispatcher.waitingCount, this.#pool.waitingCount);
  }

  /** Messages that an open instance has not taken in. */
  inboxSize(instanceId: string): number {
    return this.#state.open(instanceId)?.inbox.length ?? 0;
  }

  /** Null when no open instance has this id. What it says may be decided and not on disk yet. */
  openStatus(instanceId: string): RuntimeStatus | null {
    return this.#state.open(instanceId)?.status ?? null;
  }

  existing(instanceId: string): Existing | null {
    return this.#state.existing(instanceId);
  }

  /** Resolves when the instance is on disk; one that exists is replaced. */
  start(start: NewInstance): Promise<void> {
    this.#starting += 1;
    const started = new Promise<void>((committed, failed) => {
      this.#starter.start(start, committed, failed);
    });
    return started.finally(() => {
      this.#starting -= 1;
    });
  }

  /** Resolves when the message is on disk; null when no open instance has this id. */
  send(instanceId: string, event: HubEvent): Promise<void> | null {
    const instance = this.#state.open(instanceId);
    return instance && this.#receiver.send(instance, event);
  }

  /** Opens a failed instance again, with its failed children; resolves when that is on disk. */
  rewind(row: InstanceRow, reason: string): Promise<void> {
    return new Promise((committed, failed) => {
      this.#rewinder.rewind(row, reason, committed, failed);
    });
  }

  /** Resolves when the signal is on disk. */
  signal(request: SignalRequest): Promise<void> {
    return this.#entities.signal(request);
  }

  /** Deletes ended instances; resolves with their number when they are gone from the disk. */
  async delete(rows: readonly InstanceRow[]): Promise<number> {
    const deleted = rows.map(
      ({ key, instanceId }) =>
        new Promise<void>((committed, failed) => {
          this.#committer.add({ instanceId, writes: [{ kind: "deleteInstance", key }], committed, failed });
        }),
    );
    await Promise.all(deleted);
    return rows.length;
  }

  #ended(instance: Instance): void {
    this.#cache.forget(instance);
    this.#state.drop(instance);
    this.#entities.holderEnded(instance.row.instanceId);
    this.#options.ended(instance.row.instanceId);
  }

  #hasEnded({ instanceId, executionId }: Caller): boolean {
    if (this.#state.open(instanceId)?.executionId === executionId) return false;
    const row = this.#options.store.instance(instanceId);
    return row === null || hasEnded(row.status) || row.executionId !== executionId;
  }

  #committed(): void {
    this.#cache.trim();
    this.#outage.written();
    this.#reclaimer.look();
  }

  /** Memory and disk have parted for these instances: the disk is right. */
  #failed(instanceIds: ReadonlySet<string>, error: unknown): void {
    for (const instanceId of instanceIds) {
      const outdated = this.#state.reload(instanceId);
      if (outdated) this.#cache.forget(outdated);
    }
    this.#options.log("error", error instanceof Error ? error.message : String(error));
    this.#dispatcher.hold();
    this.#outage.refused();
  }

  #goOn(): void {
    this.#dispatcher.resume();
    for (const save of this.#outage.takeKept()) save();
    for (const instance of this.#state.all) this.#dispatcher.wake(instance);
    this.#entities.resume();
  }
}

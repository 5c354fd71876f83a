import { isWorkflowError } from "../../errors.ts";
import {
  type ActivityRow,
  type HistoryStore,
  hasEnded,
  type InstanceRow,
  type TimerRow,
  type Write,
} from "../store/history-store.ts";
import { ActivityPool } from "./activity-pool.ts";
import { Committer } from "./committer.ts";
import { Dispatcher } from "./dispatcher.ts";
import { EntityHub } from "./entities/entity-hub.ts";
import type { Caller } from "./entities/entity-request.ts";
import type { HubEnvironment } from "./environment.ts";
import type { EpisodeSettings } from "./episode.ts";
import { HistoryCache } from "./history-cache.ts";
import { eventRaised, type HubEvent, taskCompleted, taskFailed, timerFired } from "./hub-event.ts";
import { type Existing, HubState, type NewInstance } from "./hub-state.ts";
import type { Instance } from "./instance.ts";
import { Recorder } from "./recorder.ts";
import type { Decision } from "./replay/decision.ts";
import { Rewinder } from "./rewinder.ts";
import type { FunctionInvoker, HubLog, InvocationResult, OverridableStates, SignalRequest } from "./task-hub.ts";
import { TimerQueue } from "./timer-queue.ts";

export interface HubEngineOptions {
  readonly store: HistoryStore;
  readonly environment: HubEnvironment;
  readonly overridable: OverridableStates;
  readonly activityConcurrency: number;
  readonly orchestratorConcurrency: number;
  readonly entityConcurrency: number;
  readonly historyCacheBytes: number;
  readonly episodes: EpisodeSettings;
  readonly log: HubLog;
  /** An instance's end is on disk. */
  readonly ended: (instanceId: string) => void;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
/** How often an episode is tried that the hub itself cannot run. */
const MOST_TRIES = 5;

/**
 * What moves the instances: messages in, episodes, transitions, activities and timers out. Memory runs ahead of the
 * disk by one batch of transitions at most; nothing leaves the hub before its batch is on disk.
 *
 * ```
 * start, event, outcome, timer ─▶ inbox ─▶ episode ─▶ transition ─▶ commit ─▶ caller told, activities called, children woken
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
  readonly #rewinder: Rewinder;
  /** What could not be written yet, as the calls that will try again. */
  #unsaved: (() => void)[] = [];
  #isHeld = false;
  #isStopped = false;
  #retryMs = FIRST_RETRY_MS;
  #cancelRetry: () => void = () => {};

  constructor(options: HubEngineOptions) {
    const { store, environment, log } = options;
    this.#options = options;
    this.#state = new HubState(store, environment);
    this.#cache = new HistoryCache(store, options.historyCacheBytes);
    this.#committer = new Committer(store, environment.soon, {
      turnBegan: () => this.#dispatcher.turnBegan(),
      committed: () => this.#committed(),
      failed: (instanceIds, error) => this.#failed(instanceIds, error),
      turnEnded: () => this.#dispatcher.turnEnded(),
    });
    this.#pool = new ActivityPool({
      concurrency: options.activityConcurrency,
      soon: environment.soon,
      finished: (row, result) => this.#activityFinished(row, result),
    });
    this.#timers = new TimerQueue(environment, (due) => this.#fire(due));
    this.#entities = new EntityHub({
      store,
      environment,
      log,
      concurrency: options.entityConcurrency,
      nextSeq: () => this.#state.nextSeq(),
      add: (transition) => this.#committer.add(transition),
      answer: (caller, requestId, answerJson) => this.#answer(caller, requestId, answerJson),
      hasEnded: (caller) => this.#hasEnded(caller),
      isHeld: () => this.#isHeld,
      keep: (again) => this.#unsaved.push(again),
    });
    this.#rewinder = new Rewinder({
      store,
      environment,
      state: this.#state,
      timers: this.#timers,
      add: (transition) => this.#committer.add(transition),
      wake: (instance) => this.#dispatcher.wake(instance),
    });
    const recorder = new Recorder({
      store,
      environment,
      state: this.#state,
      cache: this.#cache,
      pool: this.#pool,
      timers: this.#timers,
      entities: this.#entities,
      add: (transition) => this.#committer.add(transition),
      wake: (instance) => this.#dispatcher.wake(instance),
      startChild: (parent, decision) => this.#startChild(parent, decision),
      trapped: options.episodes.trapped,
      ended: (instance) => this.#ended(instance),
    });
    this.#dispatcher = new Dispatcher({
      environment,
      cache: this.#cache,
      recorder,
      settings: options.episodes,
      concurrency: options.orchestratorConcurrency,
      failed: (instance, error) => this.#couldNotRun(instance, error),
      requestTurn: () => this.#committer.requestTurn(),
    });
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

  /** Takes up no more work; writes what has been decided. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry();
    this.#dispatcher.hold();
    this.#pool.stop();
    this.#entities.stop();
    this.#timers.stop();
    this.#isHeld = false;
    for (const save of this.#takeUnsaved()) save();
    this.#committer.flush();
    this.#cancelRetry();
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

  existing(instanceId: string): Existing | null {
    return this.#state.existing(instanceId);
  }

  /** Resolves when the instance is on disk; one that exists is replaced. */
  start(start: NewInstance): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#create(start, resolve, reject);
    });
  }

  /** Resolves when the message is on disk; null when no open instance has this id. */
  send(instanceId: string, event: HubEvent): Promise<void> | null {
    const instance = this.#state.open(instanceId);
    if (!instance) return null;
    return new Promise((resolve, reject) => {
      const write = this.#state.deliver(instance, this.#state.message(event, null));
      this.#committer.add({ instanceId, writes: [write], committed: resolve, failed: reject });
      this.#dispatcher.wake(instance);
    });
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

  #create(start: NewInstance, committed: () => void, failed: (error: unknown) => void): void {
    const replaced = this.#replace(start.instanceId);
    const { instance, writes } = this.#state.create(start);
    this.#cache.note(instance);
    this.#committer.add({
      instanceId: start.instanceId,
      writes: [...replaced.writes, ...writes],
      committed: () => {
        replaced.forget();
        this.#entities.holderEnded(start.instanceId);
        committed();
        this.#dispatcher.wake(instance);
      },
      failed,
    });
  }

  /** Makes room for an instance of this id. */
  #replace(instanceId: string): { readonly writes: Write[]; readonly forget: () => void } {
    const existing = this.#state.existing(instanceId);
    if (!existing) return { writes: [], forget: () => {} };
    const { key, open } = existing;
    const activities = this.#pool.of(key);
    const timers = this.#timers.of(key);
    if (open) {
      this.#state.drop(open);
      this.#cache.forget(open);
    }
    return {
      writes: [
        ...(open?.inbox ?? []).map(({ seq }) => ({ kind: "removeMessage", seq }) as const),
        ...activities.map((seq) => ({ kind: "removeActivity", seq }) as const),
        ...timers.map((seq) => ({ kind: "removeTimer", seq }) as const),
        { kind: "deleteInstance", key },
      ],
      forget: () => {
        for (const seq of activities) this.#pool.remove(seq);
        for (const seq of timers) this.#timers.remove(seq);
      },
    };
  }

  #startChild({ row, executionId }: Instance, decision: Decision & { kind: "createSubOrchestration" }): string | null {
    const { name, instanceId, inputJson, id: taskId } = decision;
    const { log, overridable } = this.#options;
    const existing = this.#state.existing(instanceId);
    if (existing && overridable !== "AnyState" && (existing.open || overridable === "None")) {
      const problem =
        `The sub-orchestration's instance id '${instanceId}' is taken by another instance. ` +
        "On Azure the parent would wait for ever; give children ids of their own.";
      log("warning", problem);
      return problem;
    }
    const parent = { instanceId: row.instanceId, executionId, name: row.name, taskId };
    this.#create(
      { instanceId, name, version: "", inputJson, parent },
      () => {},
      () => {},
    );
    return null;
  }

  #activityFinished(row: ActivityRow, result: InvocationResult): void {
    const again = (): void => this.#activityFinished(row, result);
    if (this.#isHeld) return void this.#unsaved.push(again);
    const { key, seq, taskId, executionId, name } = row;
    const instance = this.#state.openByKey(key);
    // The end of its instance forgets an activity: nobody waits for this outcome any more.
    if (!instance || !this.#pool.isWanted(seq)) return;
    const nowMs = this.#options.environment.nowMs();
    const event = result.ok
      ? taskCompleted(taskId, result.resultJson, nowMs)
      : taskFailed(taskId, `Activity function '${name}' failed:  ${result.message}`, detailsOf(result), nowMs);
    const write = this.#state.deliver(instance, this.#state.message(event, executionId));
    this.#committer.add({
      instanceId: instance.row.instanceId,
      writes: [{ kind: "removeActivity", seq }, write],
      committed: () => this.#pool.remove(seq),
      failed: () => this.#unsaved.unshift(again),
    });
    this.#dispatcher.wake(instance);
  }

  #fire(due: readonly TimerRow[]): void {
    for (const timer of due) this.#fireOne(timer);
  }

  #fireOne(timer: TimerRow): void {
    const again = (): void => this.#fireOne(timer);
    if (this.#isHeld) return void this.#unsaved.push(again);
    const { key, seq, timerId, fireAtMs, executionId } = timer;
    const instance = this.#state.openByKey(key);
    if (!instance) {
      this.#committer.add({ instanceId: null, writes: [{ kind: "removeTimer", seq }] });
      return;
    }
    const event = timerFired(timerId, fireAtMs, this.#options.environment.nowMs());
    const write = this.#state.deliver(instance, this.#state.message(event, executionId));
    this.#committer.add({
      instanceId: instance.row.instanceId,
      writes: [{ kind: "removeTimer", seq }, write],
      failed: () => this.#unsaved.unshift(again),
    });
    this.#dispatcher.wake(instance);
  }

  #ended(instance: Instance): void {
    this.#cache.forget(instance);
    this.#state.drop(instance);
    this.#entities.holderEnded(instance.row.instanceId);
    this.#options.ended(instance.row.instanceId);
  }

  /** The answer of an entity; nobody waits for it when its execution has ended. */
  #answer({ instanceId, executionId }: Caller, requestId: string, answerJson: string): void {
    const instance = this.#state.open(instanceId);
    if (!instance) return;
    const event = eventRaised(requestId, answerJson, this.#options.environment.nowMs());
    const write = this.#state.deliver(instance, this.#state.message(event, executionId));
    this.#committer.add({ instanceId, writes: [write] });
    this.#dispatcher.wake(instance);
  }

  #hasEnded({ instanceId, executionId }: Caller): boolean {
    if (this.#state.open(instanceId)?.executionId === executionId) return false;
    const row = this.#options.store.instance(instanceId);
    return row === null || hasEnded(row.status) || row.executionId !== executionId;
  }

  #committed(): void {
    this.#retryMs = FIRST_RETRY_MS;
    this.#cache.trim();
    if (this.#isHeld) this.#goOn();
  }

  /** The instance is read from the disk again and tried anew, a few times; then it is put aside, and its status says so. */
  #couldNotRun({ row: { instanceId }, failedTries }: Instance, error: unknown): void {
    const { environment, log } = this.#options;
    const tries = failedTries + 1;
    const reason = error instanceof Error ? error.message : String(error);
    if (tries < MOST_TRIES && !(isWorkflowError(error) && error.code === "HISTORY_DAMAGED")) {
      environment.after(FIRST_RETRY_MS * 2 ** failedTries, () => void this.#takeUpAgain(instanceId, tries, null));
      return;
    }
    const stack = error instanceof Error ? (error.stack ?? reason) : reason;
    log("error", `Instance "${instanceId}" stands still until the next start, after ${tries} tries: ${stack}`);
    void this.#takeUpAgain(instanceId, tries, reason);
  }

  async #takeUpAgain(instanceId: string, failedTries: number, quarantine: string | null): Promise<void> {
    // What the disk holds counts only when nothing waits to be written.
    await this.#committer.settled();
    if (this.#isStopped) return;
    try {
      const outdated = this.#state.reload(instanceId);
      if (outdated) this.#cache.forget(outdated);
    } catch (error) {
      this.#options.log("error", `Instance "${instanceId}" stands still until the next start: ${error}`);
    }
    const instance = this.#state.open(instanceId);
    if (!instance) return;
    instance.failedTries = failedTries;
    instance.quarantine = quarantine;
    this.#dispatcher.wake(instance);
  }

  /** Memory and disk have parted for these instances: the disk is right. */
  #failed(instanceIds: ReadonlySet<string>, error: unknown): void {
    const { log, environment } = this.#options;
    for (const instanceId of instanceIds) {
      const outdated = this.#state.reload(instanceId);
      if (outdated) this.#cache.forget(outdated);
    }
    log("error", error instanceof Error ? error.message : String(error));
    this.#isHeld = true;
    this.#dispatcher.hold();
    this.#cancelRetry();
    this.#cancelRetry = environment.after(this.#retryMs, () => this.#goOn());
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  #goOn(): void {
    this.#cancelRetry();
    this.#isHeld = false;
    this.#dispatcher.resume();
    for (const save of this.#takeUnsaved()) save();
    for (const instance of this.#state.all) this.#dispatcher.wake(instance);
    this.#entities.resume();
  }

  #takeUnsaved(): (() => void)[] {
    const unsaved = this.#unsaved;
    this.#unsaved = [];
    return unsaved;
  }
}

function detailsOf(result: InvocationResult & { ok: false }): string {
  return result.stack === "" ? result.message : result.stack;
}

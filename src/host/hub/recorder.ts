import type {
  ActivityRow,
  EntityMessageRow,
  HistoryStore,
  InstanceChange,
  TimerRow,
  Write,
} from "../store/history-store.ts";
import type { ActivityPool } from "./activity-pool.ts";
import type { Transition } from "./committer.ts";
import type { EntityHub } from "./entities/entity-hub.ts";
import type { HubEnvironment } from "./environment.ts";
import { type Episode, terminationEvent } from "./episode.ts";
import {
  customStatusAfter,
  type Ending,
  endingOf,
  eventAt,
  removals,
  statusAfter,
  undelivered,
} from "./episode-outcome.ts";
import type { HistoryCache } from "./history-cache.ts";
import { chainStart } from "./history-chain.ts";
import {
  decisionEvent,
  executionStarted,
  type HubEvent,
  orchestratorCompleted,
  subOrchestrationCompleted,
  subOrchestrationFailed,
} from "./hub-event.ts";
import { type HubState, messageRow } from "./hub-state.ts";
import { type Instance, type Message, terminationIn } from "./instance.ts";
import { LoadedHistory } from "./loaded-history.ts";
import type { Decision } from "./replay/decision.ts";
import type { Trap } from "./replay/traps.ts";
import type { TimerQueue } from "./timer-queue.ts";

export interface RecorderParts {
  readonly store: HistoryStore;
  readonly environment: HubEnvironment;
  readonly state: HubState;
  readonly cache: HistoryCache;
  readonly pool: ActivityPool;
  readonly timers: TimerQueue;
  readonly entities: EntityHub;
  readonly add: (transition: Transition) => void;
  readonly wake: (instance: Instance) => void;
  /** Starts a sub-orchestration; what is wrong, when it cannot be. */
  readonly startChild: (parent: Instance, decision: Decision & { kind: "createSubOrchestration" }) => string | null;
  readonly trapped: (orchestrator: string, trap: Trap) => void;
  /** Keeps inputs in the history, too. */
  readonly storesInputs: boolean;
  /** The instance's end is on disk. */
  readonly ended: (instance: Instance) => void;
}

type ContinueAsNew = Decision & { kind: "continueAsNew" };

/** Turns what an episode decided into transitions, and memory into what it will be when they are on disk. */
export class Recorder {
  readonly #parts: RecorderParts;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** Messages that came to nothing: of an earlier execution, or a second time. */
  discard(instance: Instance, taken: readonly Message[]): void {
    this.#parts.add({ instanceId: instance.row.instanceId, writes: removals(taken) });
  }

  /** Terminates an instance whose history cannot be read: the history stays as it is. */
  endQuarantined(instance: Instance): void {
    const { environment, store } = this.#parts;
    const reason = terminationIn(instance.inbox) ?? "";
    const { customStatusJson = null, historyChecksum = null } = store.instance(instance.row.instanceId) ?? {};
    const ending: Ending = { status: "Terminated", output: reason, details: null };
    const { status, output } = ending;
    const updatedAtMs = environment.nowMs();
    const change = { key: instance.row.key, status, output, customStatusJson, historyChecksum, updatedAtMs };
    instance.status = status;
    this.#recordEnd(instance, [{ kind: "changeInstance", change }], ending, []);
  }

  record(instance: Instance, history: LoadedHistory, taken: readonly Message[], episode: Episode): void {
    const last = episode.decisions.at(-1);
    if (last?.kind === "continueAsNew") this.#recordGeneration(instance, history, taken, episode, last);
    else this.#recordEpisode(instance, history, taken, episode);
    this.#parts.cache.note(instance);
  }

  #recordEpisode(instance: Instance, history: LoadedHistory, taken: readonly Message[], episode: Episode): void {
    const { key } = instance.row;
    const nowMs = this.#parts.environment.nowMs();
    const ending = endingOf(episode);
    const decided = episode.decisions.flatMap(
      (decision) => decisionEvent(decision, nowMs, this.#parts.storesInputs) ?? [],
    );
    if (episode.terminated !== null) decided.push(terminationEvent(history, episode.terminated, nowMs));
    const late = ending ? undelivered(instance) : [];
    const chunk = history.append([...episode.fresh, ...decided, orchestratorCompleted(nowMs), ...late]);
    instance.status = ending?.status ?? statusAfter(instance.status, episode.fresh);
    const change = this.#change(instance, history, episode, ending?.output ?? null, nowMs);
    const writes = [...removals(taken), { kind: "appendHistory", key, chunk } as const, change];
    if (ending) this.#recordEnd(instance, writes, ending, episode.decisions);
    else this.#recordWork(instance, writes, episode.decisions);
  }

  #recordWork(instance: Instance, writes: Write[], decisions: readonly Decision[]): void {
    const { add, entities, pool, timers, startChild } = this.#parts;
    const { instanceId } = instance.row;
    const activities = decisions.flatMap((decision) => this.#activityRow(instance, decision) ?? []);
    const fresh = decisions.flatMap((decision) => this.#timerRow(instance, decision) ?? []);
    for (const row of activities) {
      writes.push({ kind: "addActivity", row });
      pool.add(row);
    }
    for (const row of fresh) {
      writes.push({ kind: "addTimer", row });
      timers.add(row);
    }
    const sent = this.#send(decisions, writes);
    add({
      instanceId,
      writes,
      committed: () => {
        pool.release(activities);
        entities.release(sent);
      },
      failed: () => {
        for (const { seq } of activities) pool.remove(seq);
        for (const { seq } of fresh) timers.remove(seq);
      },
    });
    for (const decision of decisions) {
      if (decision.kind !== "createSubOrchestration") continue;
      const problem = startChild(instance, decision);
      if (problem !== null) this.#failChild(instance, decision.id, problem);
    }
  }

  /** An ended instance leaves nothing undone: later outcomes and messages would have no effect. */
  #recordEnd(instance: Instance, writes: Write[], ending: Ending, decisions: readonly Decision[]): void {
    const { add, ended, entities } = this.#parts;
    const work = this.#dropWork(instance);
    writes.push(...removals(instance.inbox), ...work.writes);
    const sent = this.#send(decisions, writes);
    instance.inbox = [];
    instance.hasEnded = true;
    add({
      instanceId: instance.row.instanceId,
      writes,
      committed: () => {
        work.forget();
        entities.release(sent);
        ended(instance);
      },
    });
    this.#tellParent(instance, ending);
  }

  #tellParent({ row: { parent } }: Instance, { status, output, details }: Ending): void {
    const target = parent && this.#parts.state.open(parent.instanceId);
    if (!parent || !target) return;
    if (status === "Terminated") this.#parts.trapped(parent.name, "childTerminated");
    const nowMs = this.#parts.environment.nowMs();
    const event =
      status === "Completed"
        ? subOrchestrationCompleted(parent.taskId, output, nowMs)
        : subOrchestrationFailed(parent.taskId, output, details, nowMs);
    this.#post(target, event, parent.executionId);
  }

  #failChild(parent: Instance, taskId: number, problem: string): void {
    const event = subOrchestrationFailed(taskId, problem, problem, this.#parts.environment.nowMs());
    this.#post(parent, event, parent.executionId);
  }

  #post(instance: Instance, event: HubEvent, executionId: string): void {
    const { state, add, wake } = this.#parts;
    const write = state.deliver(instance, state.message(event, executionId));
    add({ instanceId: instance.row.instanceId, writes: [write] });
    wake(instance);
  }

  /** The history begins anew; what was carried over comes before what arrived in the meantime. */
  #recordGeneration(
    instance: Instance,
    history: LoadedHistory,
    taken: readonly Message[],
    episode: Episode,
    { inputJson, carriedOver }: ContinueAsNew,
  ): void {
    const { entities, environment, state, add, wake } = this.#parts;
    const { row } = instance;
    const nowMs = environment.nowMs();
    const executionId = environment.newId();
    const start = executionStarted({ ...row, inputJson, executionId }, nowMs);
    const carried = carriedOver.map((place) => eventAt(history, episode.fresh, place));
    const arrived = instance.inbox;
    const work = this.#dropWork(instance);
    instance.executionId = executionId;
    instance.status = "Running";
    instance.inbox = [
      state.message(start, executionId),
      ...carried.map((event) => state.message(event, null)),
      ...arrived.map((message) => ({ ...message, seq: state.nextSeq() })),
    ];
    const firstLink = chainStart({ ...row, executionId, inputJson });
    const next = new LoadedHistory([], inputJson, customStatusAfter(history, episode), firstLink);
    const change = this.#change(instance, next, episode, null, nowMs);
    instance.history = next;
    const writes: Write[] = [
      ...removals([...taken, ...arrived]),
      ...work.writes,
      { kind: "beginGeneration", change: { key: row.key, executionId, inputJson, createdAtMs: nowMs } },
      change,
      ...instance.inbox.map((message) => ({ kind: "addMessage", row: messageRow(instance, message) }) as const),
    ];
    const sent = this.#send(episode.decisions, writes);
    add({
      instanceId: row.instanceId,
      writes,
      committed: () => {
        work.forget();
        entities.release(sent);
      },
    });
    wake(instance);
  }

  /** Adds the messages to entities to what is written. */
  #send(decisions: readonly Decision[], writes: Write[]): EntityMessageRow[] {
    const sent: EntityMessageRow[] = [];
    for (const decision of decisions) {
      if (decision.kind !== "sendToEntity") continue;
      const { entityId, name, requestJson } = decision;
      const row = this.#parts.entities.number({ entityId, name, requestJson });
      sent.push(row);
      writes.push({ kind: "addEntityMessage", row });
    }
    return sent;
  }

  /** An unchanged custom status is not written again, though the orchestrator repeats it in every episode. */
  #change(
    { row: { key }, status }: Instance,
    history: LoadedHistory,
    episode: Episode,
    output: string | null,
    updatedAtMs: number,
  ): Write {
    const customStatusJson = customStatusAfter(history, episode);
    history.customStatusJson = customStatusJson;
    const historyChecksum = history.checksum;
    const change: InstanceChange = { key, status, customStatusJson, output, historyChecksum, updatedAtMs };
    return { kind: "changeInstance", change };
  }

  #dropWork({ row: { key } }: Instance): { readonly writes: Write[]; readonly forget: () => void } {
    const { pool, timers } = this.#parts;
    const activities = pool.of(key);
    const waiting = timers.of(key);
    return {
      writes: [
        ...activities.map((seq) => ({ kind: "removeActivity", seq }) as const),
        ...waiting.map((seq) => ({ kind: "removeTimer", seq }) as const),
      ],
      forget: () => {
        for (const seq of activities) pool.remove(seq);
        for (const seq of waiting) timers.remove(seq);
      },
    };
  }

  #activityRow({ row, executionId }: Instance, decision: Decision): ActivityRow | null {
    if (decision.kind !== "scheduleActivity") return null;
    const { id: taskId, name, inputJson } = decision;
    const seq = this.#parts.state.nextSeq();
    return { key: row.key, seq, instanceId: row.instanceId, executionId, taskId, name, inputJson };
  }

  #timerRow({ row, executionId }: Instance, decision: Decision): TimerRow | null {
    if (decision.kind !== "createTimer") return null;
    const { id: timerId, fireAtMs } = decision;
    return { key: row.key, seq: this.#parts.state.nextSeq(), executionId, timerId, fireAtMs };
  }
}

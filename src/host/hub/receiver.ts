import type { ActivityRow, TimerRow, Write } from "../store/history-store.ts";
import type { ActivityPool } from "./activity-pool.ts";
import type { Transition } from "./committer.ts";
import type { Caller } from "./entities/entity-request.ts";
import type { HubEnvironment } from "./environment.ts";
import { eventRaised, type HubEvent, taskCompleted, taskFailed, timerFired } from "./hub-event.ts";
import type { HubState } from "./hub-state.ts";
import type { Instance } from "./instance.ts";
import type { Outage } from "./outage.ts";
import type { InvocationResult } from "./task-hub.ts";

export interface ReceiverParts {
  readonly environment: HubEnvironment;
  readonly state: HubState;
  readonly pool: ActivityPool;
  readonly outage: Outage;
  readonly add: (transition: Transition) => void;
  readonly wake: (instance: Instance) => void;
}

/**
 * Brings messages to open instances: events from outside, outcomes of activities, due timers, answers of entities. What
 * the hub alone knows of, an outcome or a due timer, is tried again when it could not be written.
 */
export class Receiver {
  readonly #parts: ReceiverParts;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  /** Resolves when the message is on disk. */
  send(instance: Instance, event: HubEvent): Promise<void> {
    return new Promise((committed, failed) => {
      this.#deliver(instance, event, null, { committed, failed });
    });
  }

  activityFinished(row: ActivityRow, result: InvocationResult): void {
    const { environment, state, pool, outage } = this.#parts;
    const again = (): void => this.activityFinished(row, result);
    if (outage.isOn) return void outage.keep(again);
    const { key, seq, taskId, executionId, name } = row;
    const instance = state.openByKey(key);
    // The end of its instance forgets an activity: nobody waits for this outcome any more.
    if (!instance || !pool.isWanted(seq)) return;
    const nowMs = environment.nowMs();
    const event = result.ok
      ? taskCompleted(taskId, result.resultJson, nowMs)
      : taskFailed(taskId, `Activity function '${name}' failed:  ${result.message}`, detailsOf(result), nowMs);
    this.#deliver(instance, event, executionId, {
      removal: { kind: "removeActivity", seq },
      committed: () => pool.remove(seq),
      failed: () => outage.keepBeforeOthers(again),
    });
  }

  timersDue(due: readonly TimerRow[]): void {
    for (const timer of due) this.#timerDue(timer);
  }

  /** The answer of an entity; nobody waits for it when its execution has ended. */
  entityAnswered({ instanceId, executionId }: Caller, requestId: string, answerJson: string): void {
    const { environment, state } = this.#parts;
    const instance = state.open(instanceId);
    if (instance) this.#deliver(instance, eventRaised(requestId, answerJson, environment.nowMs()), executionId);
  }

  #timerDue(timer: TimerRow): void {
    const { environment, state, outage, add } = this.#parts;
    const again = (): void => this.#timerDue(timer);
    if (outage.isOn) return void outage.keep(again);
    const { key, seq, timerId, fireAtMs, executionId } = timer;
    const removal = { kind: "removeTimer", seq } as const;
    const instance = state.openByKey(key);
    if (!instance) return void add({ instanceId: null, writes: [removal] });
    const event = timerFired(timerId, fireAtMs, environment.nowMs());
    this.#deliver(instance, event, executionId, { removal, failed: () => outage.keepBeforeOthers(again) });
  }

  #deliver(instance: Instance, event: HubEvent, executionId: string | null, how: Delivery = {}): void {
    const { state, add, wake } = this.#parts;
    const { removal, ...told } = how;
    const write = state.deliver(instance, state.message(event, executionId));
    add({ instanceId: instance.row.instanceId, writes: removal ? [removal, write] : [write], ...told });
    wake(instance);
  }
}

type Delivery = Pick<Transition, "committed" | "failed"> & {
  /** Of the work whose outcome the message is. */
  readonly removal?: Write;
};

function detailsOf(result: InvocationResult & { ok: false }): string {
  return result.stack === "" ? result.message : result.stack;
}

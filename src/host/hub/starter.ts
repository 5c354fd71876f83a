import type { Write } from "../store/history-store.ts";
import type { ActivityPool } from "./activity-pool.ts";
import type { Transition } from "./committer.ts";
import type { EntityHub } from "./entities/entity-hub.ts";
import type { HistoryCache } from "./history-cache.ts";
import type { HubState, NewInstance } from "./hub-state.ts";
import type { Instance } from "./instance.ts";
import type { Decision } from "./replay/decision.ts";
import type { HubLog, OverridableStates } from "./task-hub.ts";
import type { TimerQueue } from "./timer-queue.ts";

export interface StarterParts {
  readonly state: HubState;
  readonly cache: HistoryCache;
  readonly pool: ActivityPool;
  readonly timers: TimerQueue;
  readonly entities: EntityHub;
  readonly overridable: OverridableStates;
  readonly log: HubLog;
  readonly add: (transition: Transition) => void;
  readonly wake: (instance: Instance) => void;
}

const NOTHING = (): void => {};

/** Starts instances; one of the same id is replaced in the same transaction. */
export class Starter {
  readonly #parts: StarterParts;

  constructor(parts: StarterParts) {
    this.#parts = parts;
  }

  start(start: NewInstance, committed: () => void, failed: (error: unknown) => void): void {
    const { state, cache, entities, add, wake } = this.#parts;
    const replaced = this.#replace(start.instanceId);
    const { instance, writes } = state.create(start);
    cache.note(instance);
    add({
      instanceId: start.instanceId,
      writes: [...replaced.writes, ...writes],
      committed: () => {
        replaced.forget();
        entities.holderEnded(start.instanceId);
        committed();
        wake(instance);
      },
      failed,
    });
  }

  /** @returns what is wrong, when it cannot be started */
  startChild({ row, executionId }: Instance, decision: Decision & { kind: "createSubOrchestration" }): string | null {
    const { name, instanceId, inputJson, id: taskId } = decision;
    const { state, log, overridable } = this.#parts;
    const existing = state.existing(instanceId);
    if (existing && overridable !== "AnyState" && (existing.open || overridable === "None")) {
      const problem =
        `The sub-orchestration's instance id '${instanceId}' is taken by another instance. ` +
        "On Azure the parent would wait for ever; give children ids of their own.";
      log("warning", problem);
      return problem;
    }
    const parent = { instanceId: row.instanceId, executionId, name: row.name, taskId };
    this.start({ instanceId, name, version: "", inputJson, parent }, NOTHING, NOTHING);
    return null;
  }

  /** Makes room for an instance of this id. */
  #replace(instanceId: string): { readonly writes: Write[]; readonly forget: () => void } {
    const { state, cache, pool, timers } = this.#parts;
    const existing = state.existing(instanceId);
    if (!existing) return { writes: [], forget: NOTHING };
    const { key, open } = existing;
    const activities = pool.of(key);
    const waiting = timers.of(key);
    if (open) {
      state.drop(open);
      cache.forget(open);
    }
    return {
      writes: [
        ...(open?.inbox ?? []).map(({ seq }) => ({ kind: "removeMessage", seq }) as const),
        ...activities.map((seq) => ({ kind: "removeActivity", seq }) as const),
        ...waiting.map((seq) => ({ kind: "removeTimer", seq }) as const),
        { kind: "deleteInstance", key },
      ],
      forget: () => {
        for (const seq of activities) pool.remove(seq);
        for (const seq of waiting) timers.remove(seq);
      },
    };
  }
}

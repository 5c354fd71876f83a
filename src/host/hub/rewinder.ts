import type { HistoryStore, InstanceRow } from "../store/history-store.ts";
import type { Transition } from "./committer.ts";
import type { HubEnvironment } from "./environment.ts";
import { checkHistory } from "./history-chain.ts";
import { genericEvent } from "./hub-event.ts";
import { type HubState, messageRow } from "./hub-state.ts";
import type { Instance } from "./instance.ts";
import { EVENT } from "./replay/replay-event.ts";
import { rewindWrites, rewoundHistory } from "./rewind.ts";
import type { TimerQueue } from "./timer-queue.ts";

export interface RewinderParts {
  readonly store: HistoryStore;
  readonly environment: HubEnvironment;
  readonly state: HubState;
  readonly timers: TimerQueue;
  readonly add: (transition: Transition) => void;
  readonly wake: (instance: Instance) => void;
}

const NOTHING = (): void => {};

/**
 * Opens failed instances again. They keep their execution id: the answers of entities and sub-orchestrations that their
 * history holds belong to it.
 */
export class Rewinder {
  readonly #parts: RewinderParts;

  constructor(parts: RewinderParts) {
    this.#parts = parts;
  }

  /** The instance is read from the disk, like any other, once it is open there. */
  rewind(row: InstanceRow, reason: string, committed: () => void, failed: (error: unknown) => void): void {
    const { store, environment, state, timers, add, wake } = this.#parts;
    const { key, instanceId, executionId } = row;
    const nowMs = environment.nowMs();
    const chunks = store.history(key);
    checkHistory(row, chunks);
    const rewound = rewoundHistory(JSON.parse(`[${chunks.map(({ events }) => events)}]`));
    const gone = rewound.failedChildren.filter((child) => !this.#rewindChild(child.instanceId, reason));
    const kept = rewound.events.filter(({ EventType, EventId }) => !isCreationOf(gone, EventType, EventId));
    const waiting = rewound.openTimers.map((timer) => ({ key, seq: state.nextSeq(), executionId, ...timer }));
    const message = state.message(genericEvent(reason, nowMs), null);
    add({
      instanceId,
      writes: [
        ...rewindWrites(row, kept, nowMs),
        ...waiting.map((timer) => ({ kind: "addTimer", row: timer }) as const),
        { kind: "addMessage", row: messageRow({ row }, message) },
      ],
      committed: () => {
        state.reload(instanceId);
        for (const timer of waiting) timers.add(timer);
        const instance = state.open(instanceId);
        if (instance) wake(instance);
        committed();
      },
      failed,
    });
  }

  /** @returns false for a child that did not fail by itself: it is started anew */
  #rewindChild(instanceId: string, reason: string): boolean {
    const child = this.#parts.store.instance(instanceId);
    if (child?.status !== "Failed") return false;
    this.rewind(child, reason, NOTHING, NOTHING);
    return true;
  }
}

function isCreationOf(children: readonly { readonly taskId: number }[], eventType: number, eventId: number): boolean {
  return eventType === EVENT.subOrchestrationCreated && children.some(({ taskId }) => taskId === eventId);
}

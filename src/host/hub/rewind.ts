import type { InstanceRow, TimerRow, Write } from "../store/history-store.ts";
import { chainOn, chainStart } from "./history-chain.ts";
import { EVENT } from "./replay/replay-event.ts";
import type { HistoryEvent } from "./task-hub.ts";

/** What is left of a failed instance's history when its failures are taken back. */
export interface Rewound {
  readonly events: readonly HistoryEvent[];
  /** The sub-orchestrations whose failure was taken back. */
  readonly failedChildren: readonly { readonly taskId: number; readonly instanceId: string }[];
  readonly openTimers: readonly Pick<TimerRow, "timerId" | "fireAtMs">[];
}

/**
 * Takes the failures out of a history: failed activities and what scheduled them, failures of sub-orchestrations, and the
 * end. Replay then asks for the missing activities again. One whose outcome never came goes too: nobody runs it any more.
 *
 * ```
 * 12 0 4#0 13  12 5(0) 4#1 4#2 13  12 5(1) 13  12 6(2) 1 13     ->     12 0 4#0 13  12 5(0) 4#1 13  12 5(1) 13  12 13
 * ```
 */
export function rewoundHistory(events: readonly HistoryEvent[]): Rewound {
  const idsOf = (type: number, field: string) =>
    new Set(events.filter(({ EventType }) => EventType === type).map((event) => event[field]));
  const completed = idsOf(EVENT.taskCompleted, "TaskScheduledId");
  const failedChildren = idsOf(EVENT.subOrchestrationFailed, "TaskScheduledId");
  const fired = idsOf(EVENT.timerFired, "TimerId");
  return {
    events: events.filter(
      ({ EventType, EventId }) =>
        !FAILURES.has(EventType) && !(EventType === EVENT.taskScheduled && !completed.has(EventId)),
    ),
    failedChildren: events
      .filter(({ EventType, EventId }) => EventType === EVENT.subOrchestrationCreated && failedChildren.has(EventId))
      .map(({ EventId, InstanceId }) => ({ taskId: EventId, instanceId: String(InstanceId) })),
    openTimers: events
      .filter(({ EventType, EventId }) => EventType === EVENT.timerCreated && !fired.has(EventId))
      .map(({ EventId, FireAt }) => ({ timerId: EventId, fireAtMs: Date.parse(String(FireAt)) })),
  };
}

const FAILURES: ReadonlySet<number> = new Set([
  EVENT.taskFailed,
  EVENT.subOrchestrationFailed,
  EVENT.executionCompleted,
]);

/** Replaces the history and opens the instance again. */
export function rewindWrites(row: InstanceRow, events: readonly HistoryEvent[], nowMs: number): Write[] {
  const { key, customStatusJson } = row;
  const text = events.map((event) => JSON.stringify(event)).join(",");
  const chunk = { firstEvent: 0, eventCount: events.length, events: text };
  const checksum = chainOn(chainStart(row), chunk);
  const change = { key, status: "Running", customStatusJson, output: null, historyChecksum: checksum } as const;
  return [
    { kind: "dropHistory", key },
    { kind: "appendHistory", key, chunk: { ...chunk, checksum } },
    { kind: "changeInstance", change: { ...change, updatedAtMs: nowMs } },
  ];
}

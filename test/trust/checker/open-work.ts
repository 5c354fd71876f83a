import { EVENT } from "../../../src/host/hub/replay/replay-event.ts";
import type { HistoryEvent } from "../../../src/host/hub/task-hub.ts";
import { hasEnded } from "../../../src/host/store/history-store.ts";
import type { Evidence } from "./evidence.ts";
import { type Exported, type ExportedInstance, eventsOf } from "./exported.ts";
import { taskIdOf, withInstance } from "./history.ts";

/**
 * I7: the work that waits is what the histories say is open, neither more nor less; an instance that has ended or is gone
 * leaves none behind.
 */
export function openWorkViolations(exported: Exported): string[] {
  const open = exported.instances.filter(({ row }) => !hasEnded(row.status));
  const keys = new Set(open.map(({ row }) => row.key));
  const rows = [...exported.messages, ...exported.activities, ...exported.timers];
  const orphans = rows
    .filter(({ key }) => !keys.has(key))
    .map(({ seq }) => `I7 work ${seq}: belongs to no open instance`);
  return [...orphans, ...open.flatMap((instance) => workOf(instance, exported))];
}

function workOf(instance: ExportedInstance, exported: Exported): string[] {
  const { key, executionId } = instance.row;
  const isMine = (row: { readonly key: number; readonly executionId: string | null }): boolean =>
    row.key === key && row.executionId === executionId;
  const events = eventsOf(instance);
  const settled = new Set(events.map(taskIdOf));
  const arrived = new Set(
    exported.messages.filter(isMine).map(({ event }) => taskIdOf(JSON.parse(event) as HistoryEvent)),
  );
  const openIds = (type: number): number[] =>
    events
      .filter(({ EventType, EventId }) => EventType === type && !settled.has(EventId) && !arrived.has(EventId))
      .map(({ EventId }) => EventId);
  const children = exported.instances
    .filter(({ row }) => !hasEnded(row.status) && row.parent?.executionId === executionId)
    .map(({ row }) => row.parent?.taskId ?? -1);
  return [
    ...difference("activity", openIds(EVENT.taskScheduled), idsOf(exported.activities.filter(isMine), "taskId")),
    ...difference("timer", openIds(EVENT.timerCreated), idsOf(exported.timers.filter(isMine), "timerId")),
    ...difference("sub-orchestration", openIds(EVENT.subOrchestrationCreated), children),
  ].map((text) => withInstance(text, instance));
}

function idsOf<Field extends string>(rows: readonly Readonly<Record<Field, number>>[], field: Field): number[] {
  return rows.map((row) => row[field]);
}

function difference(what: string, recorded: readonly number[], waiting: readonly number[]): string[] {
  return [
    ...recorded
      .filter((id) => !waiting.includes(id))
      .map((id) => `I7: ${what} ${id} is open, and nothing waits for it`),
    ...waiting
      .filter((id) => !recorded.includes(id))
      .map((id) => `I7: ${what} ${id} waits, and its history knows no such`),
    ...(new Set(waiting).size < waiting.length ? [`I7: one ${what} waits twice`] : []),
  ];
}

/** I13: once the faults have stopped, what is open waits for something: time, another instance, somebody outside. */
export function livenessViolations(exported: Exported, evidence: Evidence): string[] {
  return exported.instances
    .filter(({ row }) => !hasEnded(row.status) && row.status !== "Suspended")
    .filter(({ row }) => !evidence.waiting.has(row.instanceId))
    .filter(({ row: { key, executionId } }) => {
      const hasTimer = exported.timers.some((timer) => timer.key === key);
      const hasChild = exported.instances.some(
        ({ row }) => row.parent?.executionId === executionId && !hasEnded(row.status),
      );
      return !hasTimer && !hasChild;
    })
    .map((instance) => withInstance("I13: it is open, and waits for nothing", instance));
}

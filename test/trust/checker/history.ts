import { chainOn, chainStart } from "../../../src/host/hub/history-chain.ts";
import { EVENT } from "../../../src/host/hub/replay/replay-event.ts";
import type { HistoryEvent, RuntimeStatus } from "../../../src/host/hub/task-hub.ts";
import { hasEnded } from "../../../src/host/store/history-store.ts";
import { type ExportedInstance, eventsOf } from "./exported.ts";

/** What has to hold in every history, whatever happened to the hub. */
export function historyViolations(instance: ExportedInstance): string[] {
  const events = eventsOf(instance);
  return [
    ...rowViolations(instance),
    ...episodeViolations(events),
    ...idViolations(events),
    ...outcomeViolations(events),
    ...endViolations(instance, events),
    ...statusViolations(instance, events),
  ].map((text) => withInstance(text, instance));
}

export function withInstance(violation: string, { row }: ExportedInstance): string {
  return violation.replace(": ", ` ${row.instanceId}: `);
}

/** I1: the rows follow each other without a gap, and each is chained to the one before. */
function rowViolations({ row, chunks }: ExportedInstance): string[] {
  const violations: string[] = [];
  let checksum = chainStart(row);
  let next = 0;
  for (const chunk of chunks) {
    checksum = chainOn(checksum, chunk);
    if (chunk.firstEvent !== next) violations.push(`I1: a row begins with event ${chunk.firstEvent}, not with ${next}`);
    const count = (JSON.parse(`[${chunk.events}]`) as unknown[]).length;
    if (chunk.eventCount !== count) violations.push(`I1: a row says ${chunk.eventCount} events and holds ${count}`);
    if (chunk.checksum !== checksum) violations.push(`I1: the row of event ${next} breaks the chain`);
    next += count;
  }
  if (row.historyChecksum !== checksum) violations.push("I1: the instance names another end of the chain");
  return violations;
}

const DECISIONS: ReadonlySet<number> = new Set([
  EVENT.taskScheduled,
  EVENT.timerCreated,
  EVENT.subOrchestrationCreated,
  EVENT.eventSent,
  EVENT.executionCompleted,
]);

/** I4: what was decided stands in an episode, behind something that came in: nothing is scheduled without a cause. */
function episodeViolations(events: readonly HistoryEvent[]): string[] {
  // Rewinding takes causes and decisions out of episodes.
  if (isRewound(events)) return [];
  const violations: string[] = [];
  let state: "outside" | "causes" | "decisions" = "outside";
  let causes = 0;
  for (const { EventType } of events) {
    if (EventType === EVENT.orchestratorStarted) {
      if (state !== "outside") violations.push("I4: an episode begins within another");
      state = "causes";
      causes = 0;
    } else if (EventType === EVENT.orchestratorCompleted) {
      if (state === "outside") violations.push("I4: an episode ends that has not begun");
      if (causes === 0) violations.push("I4: an episode without a cause");
      state = "outside";
    } else if (DECISIONS.has(EventType)) {
      if (state === "outside" || causes === 0) violations.push(`I4: event ${EventType} was decided without a cause`);
      state = state === "outside" ? state : "decisions";
    } else {
      if (state === "decisions") violations.push(`I4: event ${EventType} came between two decisions`);
      causes += 1;
    }
  }
  if (state !== "outside") violations.push("I4: an episode without an end");
  return violations;
}

/** I4: ids are given one after the other. */
function idViolations(events: readonly HistoryEvent[]): string[] {
  const ids = events.filter(({ EventType }) => DECISIONS.has(EventType)).map(({ EventId }) => EventId);
  const distinct = new Set(ids);
  if (isRewound(events)) return distinct.size === ids.length ? [] : ["I4: an id was given twice"];
  const isWrong = ids.some((id, place) => id !== place);
  return isWrong ? [`I4: ids are given as ${ids.join(" ")}`] : [];
}

const CAUSE_OF: Readonly<Record<number, number>> = {
  [EVENT.taskCompleted]: EVENT.taskScheduled,
  [EVENT.taskFailed]: EVENT.taskScheduled,
  [EVENT.subOrchestrationCompleted]: EVENT.subOrchestrationCreated,
  [EVENT.subOrchestrationFailed]: EVENT.subOrchestrationCreated,
  [EVENT.timerFired]: EVENT.timerCreated,
};

/** The id of the task whose outcome the event is. */
export function taskIdOf(event: HistoryEvent): number | null {
  if (!(event.EventType in CAUSE_OF)) return null;
  return Number(event.EventType === EVENT.timerFired ? event.TimerId : event.TaskScheduledId);
}

/** I3: a task has one outcome at most, an entity's answer comes once. I4: no outcome without its schedule before it. */
function outcomeViolations(events: readonly HistoryEvent[]): string[] {
  const violations: string[] = [];
  const scheduled = new Map<number, number>();
  const settled = new Set<number>();
  const requests = new Map<string, number>();
  for (const event of events) {
    if (DECISIONS.has(event.EventType)) scheduled.set(event.EventId, event.EventType);
    if (event.EventType === EVENT.eventSent) noteRequest(event, requests);
    if (event.EventType === EVENT.eventRaised) {
      const answers = requests.get(String(event.Name));
      if (answers === 1) violations.push(`I3: request ${event.Name} was answered twice`);
      if (answers !== undefined) requests.set(String(event.Name), answers + 1);
    }
    const taskId = taskIdOf(event);
    if (taskId === null) continue;
    if (scheduled.get(taskId) !== CAUSE_OF[event.EventType]) {
      violations.push(`I4: an outcome of task ${taskId} without its schedule`);
    }
    if (settled.has(taskId)) violations.push(`I3: task ${taskId} has two outcomes`);
    settled.add(taskId);
  }
  return violations;
}

function noteRequest({ Input }: HistoryEvent, requests: Map<string, number>): void {
  const { id, signal } = JSON.parse(String(Input)) as { id?: string; signal?: boolean };
  if (id !== undefined && !signal) requests.set(id, 0);
}

const END_NAMES: Readonly<Record<number, RuntimeStatus>> = { 1: "Completed", 3: "Failed", 5: "Terminated" };

/** I6: the end is last, apart from external events that came too late; it is there when the instance has ended. */
function endViolations({ row }: ExportedInstance, events: readonly HistoryEvent[]): string[] {
  const place = events.findIndex(({ EventType }) => EventType === EVENT.executionCompleted);
  if (place < 0) return hasEnded(row.status) ? [`I6: it is ${row.status}, and its history has no end`] : [];
  const end = events[place];
  const behind = events.slice(place + 1).map(({ EventType }) => EventType);
  const isLast =
    behind[0] === EVENT.orchestratorCompleted && behind.slice(1).every((type) => type === EVENT.eventRaised);
  const status = END_NAMES[Number(end?.OrchestrationStatus)];
  return [
    ...(isLast ? [] : ["I6: something follows its end"]),
    ...(status === row.status ? [] : [`I6: it is ${row.status}, and its history ends with ${status}`]),
  ];
}

/** I7: the status is what the history says. */
function statusViolations({ row }: ExportedInstance, events: readonly HistoryEvent[]): string[] {
  if (hasEnded(row.status)) return [];
  const last = events.findLast(
    ({ EventType }) => EventType === EVENT.executionSuspended || EventType === EVENT.executionResumed,
  );
  const running = last?.EventType === EVENT.executionSuspended ? "Suspended" : "Running";
  const expected = events.length === 0 ? ["Pending", "Running"] : [running];
  return expected.includes(row.status)
    ? []
    : [`I7: it is ${row.status}, and its history says ${expected.join(" or ")}`];
}

function isRewound(events: readonly HistoryEvent[]): boolean {
  return events.some(({ EventType }) => EventType === EVENT.genericEvent);
}

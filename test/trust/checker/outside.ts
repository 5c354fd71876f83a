import { EVENT } from "../../../src/host/hub/replay/replay-event.ts";
import type { Acknowledged, Evidence } from "./evidence.ts";
import { type Exported, type ExportedInstance, eventsOf } from "./exported.ts";
import { withInstance } from "./history.ts";

/** What has to hold between the histories and what was seen from outside. */
export function outsideViolations(exported: Exported, evidence: Evidence): string[] {
  const whole = exported.instances.filter(({ row }) => !evidence.cutShort.has(row.instanceId));
  const known = new Set(exported.instances.map(({ row }) => row.instanceId));
  const lost = evidence.acknowledged.filter(
    ({ instanceId }) => !known.has(instanceId) && !evidence.cutShort.has(instanceId),
  );
  return [
    ...lost.map(({ kind, instanceId }) => `I2 ${instanceId}: the ${kind} was acknowledged, and the instance is gone`),
    ...whole.flatMap((instance) => [
      ...startViolations(instance),
      ...eventViolations(instance, exported, evidence),
      ...callViolations(instance, evidence),
    ]),
    ...evidence.calls
      .filter(({ isScheduled }) => !isScheduled)
      .map(({ instanceId, name }) => `I12 ${instanceId}: ${name} was called before its schedule was on disk`),
  ];
}

/** I2: a start is in the history once. It may still wait in the inbox of an instance that has not run yet. */
function startViolations(instance: ExportedInstance): string[] {
  const events = eventsOf(instance);
  const starts = events.filter(({ EventType }) => EventType === EVENT.executionStarted).length;
  if (starts === 1 || events.length === 0) return [];
  return [withInstance(`I2: its start is in the history ${starts} times`, instance)];
}

/** I2: every external event that was acknowledged is there once, one that was not at most once. */
function eventViolations(instance: ExportedInstance, { messages }: Exported, evidence: Evidence): string[] {
  const { key, instanceId } = instance.row;
  const waiting = messages.filter((message) => message.key === key).map(({ event }) => JSON.parse(event));
  const raised = [...eventsOf(instance), ...waiting].filter(({ EventType }) => EventType === EVENT.eventRaised);
  const countOf = (list: readonly Acknowledged[]) => counted(list.filter((one) => one.instanceId === instanceId));
  const sure = countOf(evidence.acknowledged);
  const perhaps = countOf(evidence.unanswered);
  const found = new Map<string, number>();
  for (const { Name, Input } of raised) add(found, textOf(String(Name), Input as string | null));
  return [...new Set([...sure.keys(), ...perhaps.keys()])].flatMap((text) => {
    const least = sure.get(text) ?? 0;
    const most = least + (perhaps.get(text) ?? 0);
    const there = found.get(text) ?? 0;
    if (there >= least && there <= most) return [];
    return [withInstance(`I2: ${text} was acknowledged ${least} times, and is there ${there} times`, instance)];
  });
}

function counted(list: readonly Acknowledged[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of list) if (one.kind === "event") add(counts, textOf(one.name, one.dataJson));
  return counts;
}

function textOf(name: string, dataJson: string | null): string {
  return `event ${name} (${dataJson})`;
}

function add(counts: Map<string, number>, text: string): void {
  counts.set(text, (counts.get(text) ?? 0) + 1);
}

/** I14: no outcome without a call; without a crash, one call for each outcome. */
function callViolations(instance: ExportedInstance, evidence: Evidence): string[] {
  const events = eventsOf(instance);
  const names = new Map<number, string>();
  const outcomes = new Map<string, number>();
  for (const event of events) {
    if (event.EventType === EVENT.taskScheduled) names.set(event.EventId, String(event.Name));
    const isOutcome = event.EventType === EVENT.taskCompleted || event.EventType === EVENT.taskFailed;
    const name = isOutcome && names.get(Number(event.TaskScheduledId));
    // Requests of callHttp are made by the host itself.
    if (name && !name.startsWith("BuiltIn::") && !evidence.unnoted.has(name)) add(outcomes, name);
  }
  const calls = new Map<string, number>();
  for (const { instanceId, name } of evidence.calls) if (instanceId === instance.row.instanceId) add(calls, name);
  return [...outcomes].flatMap(([name, count]) => {
    const made = calls.get(name) ?? 0;
    const most = [...names.values()].filter((one) => one === name).length * (evidence.crashes + 1);
    if (made >= count && made <= most) return [];
    return [withInstance(`I14: ${name} has ${count} outcomes, and was called ${made} times`, instance)];
  });
}

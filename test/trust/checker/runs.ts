import { customStatusOf } from "../../../src/durable/custom-status.ts";
import { hasEnded } from "../../../src/host/store/history-store.ts";
import type { RecordedEvent } from "../../../src/wire/run-event.ts";
import type { ExportedInstance, ExportedRun } from "./exported.ts";
import { withInstance } from "./history.ts";

/** What has to hold in the events and the state of every run. */
export function runViolations(instance: ExportedInstance): string[] {
  const { run } = instance;
  if (!run) return [];
  return [
    ...numberViolations(run),
    ...callViolations(run),
    ...requestViolations(run),
    ...endViolations(run),
    ...statusViolations(instance, run),
    ...attemptViolations(run),
  ].map((text) => withInstance(text, instance));
}

/** I1: events are numbered from 1 without a gap, and supersteps never go back. */
function numberViolations({ events }: ExportedRun): string[] {
  const violations: string[] = [];
  let superstep = 0;
  for (const [place, event] of events.entries()) {
    if (event.number !== place + 1) violations.push(`I1: event ${place + 1} has the number ${event.number}`);
    if (event.superstep < superstep)
      violations.push(`I1: event ${event.number} goes back to superstep ${event.superstep}`);
    superstep = event.superstep;
  }
  if (events[0]?.type !== "runStarted") violations.push("I1: its first event is not its start");
  return violations;
}

const BEGINS_OF_CALL: ReadonlySet<RecordedEvent["type"]> = new Set(["executorStarted", "compensationStarted"]);
const ENDS_OF_CALL: ReadonlySet<RecordedEvent["type"]> = new Set([
  "compensationCompleted",
  "compensationFailed",
  "executorCompleted",
  "executorFailed",
  "executorDelayed",
  "requestOpened",
  "responseRejected",
]);

/** I3: every attempt at a call has one end at most. I4: nothing ends that has not begun. */
function callViolations({ events }: ExportedRun): string[] {
  const violations: string[] = [];
  const open = new Map<string, number>();
  for (const event of events) {
    if (!("executorId" in event)) continue;
    const { type, executorId } = event;
    const begun = open.get(executorId) ?? 0;
    if (BEGINS_OF_CALL.has(type)) open.set(executorId, begun + 1);
    if (!ENDS_OF_CALL.has(type)) continue;
    if (begun === 0) violations.push(`I4: event ${event.number} ends a call of ${executorId} that has not begun`);
    else open.set(executorId, begun - 1);
  }
  const completed = events
    .filter((event) => event.type === "executorCompleted")
    .map(({ callKey, attempt }) => `${callKey}/${attempt}`);
  if (new Set(completed).size < completed.length) violations.push("I3: a call was completed twice");
  return violations;
}

/** I5: a request is opened once, and has one winner at most: an answer, or the time. */
function requestViolations({ events }: ExportedRun): string[] {
  const of = (requestId: string, type: RecordedEvent["type"]) =>
    events.filter((event) => event.type === type && "requestId" in event && event.requestId === requestId);
  const opened = events.filter((event) => event.type === "requestOpened").map(({ requestId }) => requestId);
  const answered = events.filter((event) => event.type === "requestAnswered").map(({ requestId }) => requestId);
  return [...new Set([...opened, ...answered])].flatMap((requestId) => {
    const timeouts = of(requestId, "requestTimedOut") as Extract<RecordedEvent, { type: "requestTimedOut" }>[];
    // The port's own answer, given when the time is up, is an answer like another.
    const lost = timeouts.filter(({ followedBy }) => followedBy !== "response");
    const winners = of(requestId, "requestAnswered").length + lost.length;
    const opens = of(requestId, "requestOpened").length;
    return [
      ...(winners <= 1 ? [] : [`I5: request ${requestId} has ${winners} winners`]),
      ...(opens === 1 ? [] : [`I5: request ${requestId} was opened ${opens} times`]),
    ];
  });
}

const ENDS: ReadonlySet<RecordedEvent["type"]> = new Set(["runCompleted", "runFailed", "runCancelled"]);
const LATE: ReadonlySet<RecordedEvent["type"]> = new Set(["responseIgnored", "lateResultIgnored"]);

/** I6: the end is last, apart from what came too late. */
function endViolations({ events }: ExportedRun): string[] {
  const place = events.findIndex(({ type }) => ENDS.has(type));
  if (place < 0) return [];
  return events
    .slice(place + 1)
    .filter(({ type }) => !LATE.has(type))
    .map(({ type, number }) => `I6: ${type} is event ${number}, behind the end`);
}

/** I7: what the host shows of the run is what its history says. */
function statusViolations({ row }: ExportedInstance, { plan, state, events }: ExportedRun): string[] {
  const end = events.find(({ type }) => ENDS.has(type))?.type;
  // A run that was terminated has ended without an end of its own.
  if (hasEnded(row.status) && row.status !== "Terminated") {
    const expected = end === "runFailed" ? "Failed" : "Completed";
    return end && row.status === expected
      ? []
      : [`I7: it is ${row.status}, and its events end with ${end ?? "nothing"}`];
  }
  if (row.status === "Terminated" || row.customStatusJson === null) return [];
  if (end) return [`I7: it is ${row.status}, and its events end with ${end}`];
  const shown = JSON.stringify(customStatusOf(plan, state));
  return shown === row.customStatusJson ? [] : [`I7: it shows ${row.customStatusJson}, and its history says ${shown}`];
}

/** I11: nothing is tried more often than its plan allows. */
function attemptViolations({ plan, events }: ExportedRun): string[] {
  return events.flatMap((event) => {
    if (event.type !== "executorStarted") return [];
    const most = plan.executors.find(({ id }) => id === event.executorId)?.retry?.maxAttempts ?? 1;
    return event.attempt <= most ? [] : [`I11: ${event.callKey} is at attempt ${event.attempt} of ${most}`];
  });
}

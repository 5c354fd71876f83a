import { z } from "zod";
import { EVENT } from "../../../src/host/hub/replay/replay-event.ts";
import type { Delivery } from "../../../src/wire/delivery.ts";
import { frameOfCall, TOP, within } from "../../../src/wire/frame-path.ts";
import { type Outcome, outcome } from "../../../src/wire/outcome.ts";
import type { Plan, PlanEdge, PlanGraph } from "../../../src/wire/plan.ts";
import type { RecordedEvent } from "../../../src/wire/run-event.ts";
import type { RunState } from "../../../src/wire/run-state.ts";
import type { Evidence } from "./evidence.ts";
import { type ExportedInstance, type ExportedRun, eventsOf } from "./exported.ts";
import { withInstance } from "./history.ts";
import { reckonFlow } from "./message-flow.ts";

/**
 * What travelled between the executors of a run, reckoned anew from plan and outcomes, without the engine, and compared
 * with what the executors were really given.
 */
export function messageViolations(instance: ExportedInstance, evidence: Evidence): string[] {
  const { run, row } = instance;
  if (!run) return [];
  const given = deliveriesTo(row.instanceId, evidence);
  const outcomes = inOrder(given, outcomesOf(instance));
  return [
    ...repeatViolations(row.instanceId, evidence),
    ...orderViolations(run, given, outcomes),
    ...stateViolations(run, given, outcomes),
  ].map((text) => withInstance(text, instance));
}

/** The first delivery of each call, in the order of the calls. */
function deliveriesTo(instanceId: string, { calls }: Evidence): Delivery[] {
  const byCall = new Map<string, Delivery>();
  for (const call of calls) {
    if (call.instanceId !== instanceId || call.inputJson === null) continue;
    const delivery = deliveryIn(call.inputJson);
    const name = delivery && callIn(delivery);
    if (name !== undefined && !byCall.has(name)) byCall.set(name, delivery as Delivery);
  }
  return [...byCall.values()].sort((a, b) => a.superstep - b.superstep);
}

/** An answer belongs to the call that asked, in another superstep. */
function callIn({ callKey, superstep }: { readonly callKey: string; readonly superstep: number }): string {
  return `${callKey} ${superstep}`;
}

/** The hub hands an activity a list of one. */
function deliveryIn(inputJson: string): Delivery | undefined {
  const input: unknown = JSON.parse(inputJson);
  return (Array.isArray(input) ? input[0] : input) as Delivery | undefined;
}

const result = z
  .string()
  .transform((text) => JSON.parse(text) as unknown)
  .pipe(outcome);

/** The order in which a superstep's outcomes count: that of its calls. */
function inOrder(given: readonly Delivery[], outcomes: readonly Outcome[]): Outcome[] {
  const places = new Map(given.map((delivery, place) => [callIn(delivery), place]));
  const placeOf = (one: Outcome): number => places.get(callIn(one)) ?? -1;
  return outcomes.toSorted((a, b) => a.superstep - b.superstep || placeOf(a) - placeOf(b));
}

function outcomesOf(instance: ExportedInstance): Outcome[] {
  return eventsOf(instance)
    .filter(({ EventType }) => EventType === EVENT.taskCompleted)
    .flatMap(({ Result }) => result.safeParse(Result).data ?? []);
}

/** I8: a call that is made again after a crash is given the same, byte for byte. */
function repeatViolations(instanceId: string, { calls }: Evidence): string[] {
  const first = new Map<string, string>();
  return calls.flatMap((call) => {
    const delivery = call.instanceId === instanceId && call.inputJson !== null && deliveryIn(call.inputJson);
    if (!delivery || call.inputJson === null) return [];
    const attempt = `${delivery.callKey}/${delivery.attempt}`;
    const before = first.get(attempt);
    first.set(attempt, before ?? call.inputJson);
    return before === undefined || before === call.inputJson
      ? []
      : [`I8: call ${attempt} was given something else the second time`];
  });
}

/**
 * I9: messages come to each executor in the order in which they were sent, whatever frame it is called in; a fan-in gives them
 * in the order of its edges, a map has its items in the order of its list and its results in that of its items.
 */
function orderViolations(
  { plan, state, events }: ExportedRun,
  given: readonly Delivery[],
  outcomes: readonly Outcome[],
): string[] {
  if (!isPlain(outcomes, events) || !graphsOf(plan).every(isReckoned)) return [];
  const calls = given.filter(({ call }) => call.kind === "message");
  const items = byPlace(calls.filter(({ isItem }) => isItem));
  const flow = reckonFlow(plan, outcomes, new Map([...items].map(([at, all]) => [at, all.map((one) => one.callKey)])));
  if (flow.isMuddled) return [];
  const lists = byPlace(calls.filter((one) => isListOfMap(plan, one)));
  const others = byPlace(calls.filter((one) => !one.isItem && !isListOfMap(plan, one)));
  return [
    ...differences(others, flow.sent, state),
    ...differences(items, flow.items, state),
    ...differences(lists, flow.lists, state),
  ];
}

/** Calls that are put off, fail, or are cut short change the order by design. */
function isPlain(outcomes: readonly Outcome[], events: readonly RecordedEvent[]): boolean {
  return (
    outcomes.every(({ attempt, result: { status } }) => attempt === 1 && status !== "failed") &&
    outcomes.every(({ result: one }) => one.status !== "completed" || !one.haltRequested) &&
    events.every(({ type }) => type !== "requestTimedOut" && type !== "executorFailed")
  );
}

function graphsOf(plan: Plan): readonly PlanGraph[] {
  return [plan, ...(plan.workflows ?? [])];
}

/** What is sent when nothing else is left to do depends on more than outcomes; so does which of two ways to one executor is a map. */
function isReckoned({ edges, executors }: PlanGraph): boolean {
  const isWorkflow = (executorId: string): boolean =>
    executors.some(({ id, kind }) => id === executorId && kind === "workflow");
  const leadsTo = (edge: PlanEdge, executorId: string): boolean => targetIdsOf(edge).includes(executorId);
  return edges.every((edge) => {
    if (edge.kind === "fanIn") return !edge.allowMissing;
    if (edge.kind !== "map") return true;
    const others = edges.filter((other) => other !== edge);
    const isMixed = others.some((other) => leadsTo(other, edge.to) && "from" in other && other.from === edge.each);
    return (
      !isMixed && !isWorkflow(edge.to) && !(isWorkflow(edge.each) && others.some((one) => leadsTo(one, edge.each)))
    );
  });
}

function targetIdsOf(edge: PlanEdge): readonly string[] {
  if (edge.kind === "switch")
    return [...edge.cases.map(({ to }) => to), ...(edge.default === null ? [] : [edge.default])];
  if (edge.kind === "map") return [edge.each, edge.to];
  return Array.isArray(edge.to) ? edge.to : [edge.to as string];
}

/** The executor that results of a map go to is told that they come from the one that made them. */
function isListOfMap(plan: Plan, { workflow, executorId, call }: Delivery): boolean {
  const graph = graphsOf(plan).find((one) => one.workflow === workflow);
  return (
    call.kind === "message" &&
    (graph?.edges.some((edge) => edge.kind === "map" && edge.to === executorId && edge.each === call.from) ?? false)
  );
}

function byPlace(calls: readonly Delivery[]): ReadonlyMap<string, readonly Delivery[]> {
  const places = new Map<string, Delivery[]>();
  for (const one of calls) {
    const at = within(one.frame ?? TOP, one.executorId);
    places.set(at, [...(places.get(at) ?? []), one]);
  }
  return places;
}

function differences(
  given: ReadonlyMap<string, readonly Delivery[]>,
  sent: ReadonlyMap<string, readonly (string | null)[]>,
  { status }: RunState,
): string[] {
  return [...new Set([...given.keys(), ...sent.keys()])].flatMap((at) => {
    const expected = sent.get(at) ?? [];
    const got = (given.get(at) ?? []).flatMap(({ call }) => (call.kind === "message" ? [call.valueJson] : []));
    // A run cut short has messages that nobody was given.
    const isAll = status !== "completed" || got.length === expected.length;
    const isSame = got.every((value, place) => expected[place] === null || expected[place] === value);
    if (isAll && got.length <= expected.length && isSame) return [];
    return [`I9: ${at} was given ${got.join(" ")}, and was sent ${expected.map(String).join(" ")}`];
  });
}

/**
 * I10: a call sees of the shared state of its frame what was written in earlier supersteps; one call a superstep writes a key.
 */
function stateViolations(
  { plan, state }: ExportedRun,
  given: readonly Delivery[],
  outcomes: readonly Outcome[],
): string[] {
  const writes = outcomes.flatMap(({ superstep, callKey, result: one }) =>
    one.status === "completed"
      ? Object.entries(one.writes).map(([key, json]) => ({ superstep, key: within(frameOfCall(callKey), key), json }))
      : [],
  );
  const hasConflict = state.error?.code === "STATE_CONFLICT";
  const twice = writes.filter(({ superstep, key }, place) =>
    writes.slice(0, place).some((before) => before.superstep === superstep && before.key === key),
  );
  const initial = (workflow: string, key: string): string | undefined =>
    graphsOf(plan)
      .find((graph) => graph.workflow === workflow)
      ?.state.find(({ name }) => name === key)?.initialJson;
  const stale = given.flatMap(({ superstep, callKey, workflow, frame = TOP, state: seen }) =>
    Object.entries(seen).flatMap(([key, json]) => {
      const last = writes.findLast((write) => write.key === within(frame, key) && write.superstep < superstep);
      const expected = last?.json ?? initial(workflow, key);
      return expected === json ? [] : [`I10: call ${callKey} saw ${key} as ${json}, and it was ${expected}`];
    }),
  );
  return [
    ...(hasConflict
      ? []
      : twice.map(({ key, superstep }) => `I10: ${key} was written twice in superstep ${superstep}`)),
    ...stale,
  ];
}

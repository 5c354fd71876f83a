import { z } from "zod";
import { EVENT } from "../../../src/host/hub/replay/replay-event.ts";
import type { Delivery } from "../../../src/wire/delivery.ts";
import { type Outcome, outcome, type SentMessage } from "../../../src/wire/outcome.ts";
import type { Plan, PlanEdge, PlanExecutor } from "../../../src/wire/plan.ts";
import type { Evidence } from "./evidence.ts";
import { type ExportedInstance, type ExportedRun, eventsOf } from "./exported.ts";
import { withInstance } from "./history.ts";

/**
 * What travelled between the executors of a run, reckoned anew from plan and outcomes, without the engine, and compared
 * with what the executors were really given.
 */
export function messageViolations(instance: ExportedInstance, evidence: Evidence): string[] {
  const { run, row } = instance;
  if (!run) return [];
  const given = deliveriesTo(row.instanceId, evidence);
  const outcomes = outcomesOf(instance);
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
    if (delivery && !byCall.has(delivery.callKey)) byCall.set(delivery.callKey, delivery);
  }
  return [...byCall.values()].sort((a, b) => a.superstep - b.superstep || ordinalOf(a) - ordinalOf(b));
}

/** The hub hands an activity a list of one. */
function deliveryIn(inputJson: string): Delivery | undefined {
  const input: unknown = JSON.parse(inputJson);
  return (Array.isArray(input) ? input[0] : input) as Delivery | undefined;
}

function ordinalOf({ callKey }: { readonly callKey: string }): number {
  return Number(callKey.split("-").at(-1));
}

const result = z
  .string()
  .transform((text) => JSON.parse(text) as unknown)
  .pipe(outcome);

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

/** I9: messages come along each edge in the order in which they were sent; a fan-in gives them in the order of its edges. */
function orderViolations(
  { plan, state }: ExportedRun,
  given: readonly Delivery[],
  outcomes: readonly Outcome[],
): string[] {
  // Calls that are put off or fail change the order by design; a run cut short has messages nobody was given.
  const isPlain = outcomes.every(({ attempt, result: { status } }) => attempt === 1 && status !== "failed");
  if (!isPlain || !plan.edges.every(isReckoned) || plan.executors.some(goesElsewhere)) return [];
  const sent = new MessageFlow(plan).run(inOrder(plan, outcomes));
  return plan.executors.flatMap(({ id }) => {
    const expected = [...(id === plan.start ? [null] : []), ...(sent.get(id) ?? [])];
    const got = given.flatMap((one) =>
      one.executorId === id && one.call.kind === "message" ? [one.call.valueJson] : [],
    );
    const isAll = state.status !== "completed" || got.length === expected.length;
    const isSame = got.every((value, place) => expected[place] === null || expected[place] === value);
    if (isAll && got.length <= expected.length && isSame) return [];
    return [`I9: ${id} was given ${got.join(" ")}, and was sent ${expected.map(String).join(" ")}`];
  });
}

/** What is sent when nothing else is left to do, item by item, or after a failure, depends on more than outcomes. */
function isReckoned(edge: PlanEdge): boolean {
  return edge.kind !== "error" && edge.kind !== "map" && !(edge.kind === "fanIn" && edge.allowMissing);
}

function goesElsewhere({ kind, requestTimeout }: PlanExecutor): boolean {
  return kind === "workflow" || requestTimeout?.escalateTo !== undefined;
}

/** The order in which a superstep's outcomes count: that of its calls. */
function inOrder(plan: Plan, outcomes: readonly Outcome[]): Outcome[] {
  const place = new Map(plan.executors.map(({ id }, index) => [id, index]));
  const placeOf = ({ executorId }: Outcome): number => place.get(executorId) ?? 0;
  return outcomes.toSorted(
    (a, b) => a.superstep - b.superstep || placeOf(a) - placeOf(b) || ordinalOf(a) - ordinalOf(b),
  );
}

/** Sends what outcomes hold along the edges of a plan. */
class MessageFlow {
  readonly #edges: readonly PlanEdge[];
  readonly #sent = new Map<string, string[]>();
  readonly #waiting = new Map<string, Map<string, string[]>>();

  constructor({ edges }: Plan) {
    this.#edges = edges;
  }

  /** @returns what each executor was sent, in order */
  run(outcomes: readonly Outcome[]): ReadonlyMap<string, readonly string[]> {
    for (const {
      executorId,
      result: { status, ...rest },
    } of outcomes) {
      if (status !== "completed" || !("messages" in rest)) continue;
      for (const message of rest.messages) for (const edge of this.#edges) this.#along(edge, executorId, message);
    }
    return this.#sent;
  }

  #along(edge: PlanEdge, from: string, { to, valueJson, routes }: SentMessage): void {
    const targets = targetsOf(edge, from, routes[edge.id]).filter((target) => to === undefined || to === target);
    for (const target of targets) {
      if (edge.kind !== "fanIn") this.#send(target, valueJson);
      else this.#arrive(edge, from, valueJson);
    }
  }

  #arrive({ id, from, to }: PlanEdge & { kind: "fanIn" }, source: string, valueJson: string): void {
    const waiting = this.#waiting.get(id) ?? new Map<string, string[]>(from.map((one) => [one, []]));
    this.#waiting.set(id, waiting);
    waiting.get(source)?.push(valueJson);
    if (![...waiting.values()].every((values) => values.length > 0)) return;
    this.#send(to, `[${from.map((one) => waiting.get(one)?.[0]).join(",")}]`);
    for (const values of waiting.values()) values.shift();
  }

  #send(to: string, valueJson: string): void {
    this.#sent.set(to, [...(this.#sent.get(to) ?? []), valueJson]);
  }
}

function targetsOf(edge: PlanEdge, from: string, route: unknown): readonly string[] {
  const sources = edge.kind === "fanIn" ? edge.from : [edge.from];
  if (!sources.includes(from)) return [];
  switch (edge.kind) {
    case "direct":
      return edge.isConditional && route !== true ? [] : [edge.to];
    case "fanIn":
      return [edge.to];
    case "fanOut":
      return edge.isSelective ? edge.to.filter((one) => (route as string[]).includes(one)) : edge.to;
    case "switch": {
      const target = Number(route) < 0 ? edge.default : edge.cases[Number(route)]?.to;
      return target ? [target] : [];
    }
    case "map":
    case "error":
      return [];
  }
}

/** I10: a call sees of the shared state what was written in earlier supersteps; one call a superstep writes a key. */
function stateViolations(
  { plan, state }: ExportedRun,
  given: readonly Delivery[],
  outcomes: readonly Outcome[],
): string[] {
  const writes = inOrder(plan, outcomes).flatMap(({ superstep, result: one }) =>
    one.status === "completed"
      ? Object.entries(one.writes).map(([key, valueJson]) => ({ superstep, key, valueJson }))
      : [],
  );
  const hasConflict = state.error?.code === "STATE_CONFLICT";
  const twice = writes.filter(({ superstep, key }, place) =>
    writes.slice(0, place).some((before) => before.superstep === superstep && before.key === key),
  );
  const initial = new Map(plan.state.map(({ name, initialJson }) => [name, initialJson]));
  const stale = given.flatMap(({ superstep, callKey, state: seen }) =>
    Object.entries(seen).flatMap(([key, valueJson]) => {
      const last = writes.findLast((write) => write.key === key && write.superstep < superstep);
      const expected = last?.valueJson ?? initial.get(key);
      return expected === valueJson ? [] : [`I10: call ${callKey} saw ${key} as ${valueJson}, and it was ${expected}`];
    }),
  );
  return [
    ...(hasConflict
      ? []
      : twice.map(({ key, superstep }) => `I10: ${key} was written twice in superstep ${superstep}`)),
    ...stale,
  ];
}

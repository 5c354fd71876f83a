import { WorkflowError } from "../errors.ts";
import type { Delivery } from "../wire/delivery.ts";
import { TOP, within } from "../wire/frame-path.ts";
import { DEFAULT_LIMITS, defaultOutcomeChars, type Plan, type PlanEdge } from "../wire/plan.ts";
import type { Address, Queued, QueuedCall, RunState } from "../wire/run-state.ts";
import { count, type Draft, type InFlight, indexIn, inFrame, record, replace, scopeOf } from "./draft.ts";
import { frameLimitsOf } from "./frame-limits.ts";
import { openFrame } from "./frames.ts";
import { keptValue, nodeOf, takesOneAtATime } from "./kept.ts";
import { takeItems } from "./maps.ts";
import { own } from "./own.ts";
import { compareOrders, orderOf, type PlanIndex } from "./plan-index.ts";
import { findRequest } from "./requests.ts";
import { asksCode } from "./route.ts";

/** Moves the next superstep's messages from the queue into flight, and makes their deliveries. */
export function deliver(draft: Draft): Delivery[] {
  const { state, plan } = draft;
  const taken = takeNext(draft, inOrder(plan, state.queue), plan.limits.maxCallsPerSuperstep);
  const ordinals = new Map<string, number>();
  state.inFlight = taken.map((item) => begin(draft, item, ordinals));
  return (state.inFlight as InFlight[]).map((call) => deliveryOf(draft, call));
}

/**
 * Earlier sent first, then the order of the plan, in which the executors of a sub-workflow stand at the place of its node; then
 * arrival. Items of maps come behind messages that were sent as early: what was begun goes on before more is begun.
 */
function inOrder(plan: Plan, queue: readonly Queued[]): Queued[] {
  if (queue.length === 1) return [...queue];
  const places = new Map(queue.map((item) => [item, orderOf(plan, item.frame ?? TOP, item.to)]));
  const placeOf = (item: Queued) => places.get(item) ?? [];
  const rankOf = ({ kind }: Queued) => (kind === "items" ? 1 : 0);
  return queue.toSorted(
    (one, other) =>
      one.sentIn - other.sentIn || rankOf(one) - rankOf(other) || compareOrders(placeOf(one), placeOf(other)),
  );
}

/**
 * Takes the first `max` items out of the queue; of several responses to one request only the first, since it may be the one
 * that counts, and of several calls of a node that takes one at a time as well.
 */
function takeNext(draft: Draft, queue: readonly Queued[], max: number): QueuedCall[] {
  const taken: QueuedCall[] = [];
  const left: Queued[] = [];
  const begun = new Set<string>();
  replace(draft, "queue", left);
  for (const item of queue) {
    const room = max - taken.length;
    const turn = turnOf(draft, item);
    const isNext = room > 0 && !(turn !== undefined && begun.has(turn));
    if (!isNext) left.push(item);
    else if (item.kind === "items") taken.push(...takeItems(draft, item, turn === undefined ? room : 1));
    else taken.push(item);
    if (isNext && turn !== undefined) begun.add(turn);
  }
  return taken;
}

/** Of all that has the same turn, only the first is taken; undefined where all of it may be. */
function turnOf(draft: Draft, item: Queued): string | undefined {
  if (item.kind === "response") return item.requestId;
  return takesOneAtATime(draft, item) ? nodeOf(item, item.to) : undefined;
}

/** Begins a call; that of a sub-workflow becomes the call of its start executor. */
function begin(draft: Draft, item: QueuedCall, ordinals: Map<string, number>): InFlight {
  const call = withCallKey(draft, item, ordinals);
  const { to: executorId, callKey, attempt, frame } = call;
  const isWorkflow = indexIn(draft, frame).executors.get(executorId)?.kind === "workflow";
  if (call.kind === "message" && isWorkflow) return begin(draft, openFrame(draft, call), ordinals);
  const type = call.kind === "compensation" ? "compensationStarted" : "executorStarted";
  record(draft, { type, ...inFrame(frame), executorId, callKey, attempt });
  // The response belongs to the call that asked: it is not counted as a call of its own.
  if (item.callKey === undefined && call.kind === "message") count(draft, call, executorId, "started");
  return call;
}

/** `{executor}-{superstep}-{ordinal}`, behind the path of its frame; a call that was put off keeps the key it had. */
function withCallKey({ state }: Draft, item: QueuedCall, ordinals: Map<string, number>): InFlight {
  if (item.callKey !== undefined) return { ...item, callKey: item.callKey };
  const place = within(item.frame ?? TOP, item.to);
  const ordinal = (ordinals.get(place) ?? 0) + 1;
  ordinals.set(place, ordinal);
  return { ...item, callKey: `${place}-${state.superstep}-${ordinal}` };
}

function deliveryOf(draft: Draft, item: InFlight): Delivery {
  const { state, plan } = draft;
  const { to: executorId, callKey, attempt, frame = TOP, lastErrorJson } = item;
  const index = indexIn(draft, frame);
  const call = callOf(state, item);
  return {
    runId: state.runId,
    workflow: index.graph.workflow,
    ...(frame !== TOP && { runWorkflow: plan.workflow, frame }),
    executorId,
    callKey,
    superstep: state.superstep,
    attempt,
    ...(lastErrorJson !== undefined && { lastErrorJson }),
    ...settingsOf(index, executorId),
    ...outcomeLimitOf(plan),
    ...(state.deadlineAtMs !== undefined && { deadlineAtMs: state.deadlineAtMs }),
    ...(frame !== TOP && frameLimitsOf(draft, frame)),
    call,
    state: declaredValues(draft, frame, executorId),
    // What undoes a call sends nothing: it needs none of the code on its edges.
    ...(item.kind === "compensation" ? { edges: [] } : routing(draft, addressOf(state, item), executorId)),
  };
}

/** A response belongs to the call that asked. */
function addressOf(state: RunState, item: InFlight): Address {
  if (item.kind === "message") return item;
  return (item.kind === "response" && findRequest(state, item.requestId)) || { frame: item.frame };
}

/** The edges whose code has a say in where the messages of a call go. */
function routing(draft: Draft, { frame, item }: Address, executorId: string) {
  const { outgoing, outputs } = indexIn(draft, frame);
  const outer = outerEdges(draft, frame, executorId);
  const isAsked = outer.some((level) => level.length > 0);
  return {
    edges: outgoing.get(executorId) ?? [],
    ...(item && { isItem: true as const }),
    ...(isAsked && { outer, ...(outputs.has(executorId) && { isOutput: true as const }) }),
  };
}

/** Where an output of an executor goes as a message of the node around it, level by level. An item of a map goes to its list. */
function outerEdges(draft: Draft, frame: string | undefined, executorId: string): PlanEdge[][] {
  const caller = frame === undefined ? undefined : own(draft.state.frames, frame)?.caller;
  const { outputs, executors } = indexIn(draft, frame);
  const mayGive = outputs.has(executorId) || executors.get(executorId)?.schemas.yields !== undefined;
  if (!caller || caller.item || !mayGive) return [];
  const edges = indexIn(draft, caller.frame).outgoing.get(caller.executorId) ?? [];
  return [edges.filter(asksCode), ...outerEdges(draft, caller.frame, caller.executorId)];
}

/** What the activity has to know of the run's plan; the deployed settings may be others. */
function settingsOf({ executors }: PlanIndex, executorId: string): Pick<Delivery, "timeoutMs" | "asksRetry"> {
  const { timeoutMs, retry } = executors.get(executorId) ?? {};
  return { ...(timeoutMs !== undefined && { timeoutMs }), ...(retry?.asksCode && { asksRetry: true }) };
}

/** Left out where it is what it is for most: it travels with every call. */
function outcomeLimitOf({ limits }: Plan): Pick<Delivery, "maxOutcomeChars"> {
  const { maxOutcomeChars = defaultOutcomeChars(limits) } = limits;
  return maxOutcomeChars === DEFAULT_LIMITS.maxStateChars ? {} : { maxOutcomeChars };
}

function callOf(state: RunState, item: QueuedCall): Delivery["call"] {
  if (item.kind === "message") return { kind: "message", from: item.from, valueJson: item.valueJson };
  if (item.kind === "compensation") {
    const { inputJson, outputJson } = item;
    return { kind: "compensation", inputJson, ...(outputJson !== undefined && { outputJson }) };
  }
  const { requestId, responseJson } = item;
  const request = findRequest(state, requestId);
  if (request) return { kind: "response", requestId, requestJson: request.requestJson, responseJson };
  throw new WorkflowError(
    "INTERNAL_ERROR",
    `A response to request "${requestId}" is queued, but the request is not open.`,
    "Report this as a defect of the engine.",
  );
}

function declaredValues(draft: Draft, frame: string, executorId: string): Record<string, string> {
  const executor = indexIn(draft, frame).executors.get(executorId);
  const { values } = scopeOf(draft, frame);
  const declared: Record<string, string> = {};
  for (const name of [...(executor?.reads ?? []), ...(executor?.writes ?? [])]) {
    const valueJson = own(values, name) ?? keptValue(draft, frame, name);
    if (valueJson !== undefined) declared[name] = valueJson;
  }
  return declared;
}

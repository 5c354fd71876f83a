import { WorkflowError } from "../errors.ts";
import type { Delivery } from "../wire/delivery.ts";
import { DEFAULT_LIMITS, defaultOutcomeChars, type Plan } from "../wire/plan.ts";
import type { Queued, RunState } from "../wire/run-state.ts";
import { count, type Draft, type InFlight, record } from "./draft.ts";
import { own } from "./own.ts";
import type { PlanIndex } from "./plan-index.ts";
import { findRequest } from "./requests.ts";

/** Moves the next superstep's messages from the queue into flight, and makes their deliveries. */
export function deliver(draft: Draft): Delivery[] {
  const { state, index, plan } = draft;
  const { taken, left } = split(inOrder(index, state.queue), plan.limits.maxCallsPerSuperstep);
  const inFlight = withCallKeys(taken, state.superstep);
  state.queue = left;
  state.inFlight = inFlight;
  return inFlight.map((item, place) => start(draft, item, taken[place]?.callKey === undefined));
}

/** Earlier sent first, then the order of the executors in the plan, then arrival. The queue is nearly so already. */
function inOrder({ order }: PlanIndex, queue: readonly Queued[]): Queued[] {
  if (queue.length === 1) return [...queue];
  const placeOf = ({ to }: Queued) => order.get(to) ?? 0;
  return queue.toSorted((one, other) => one.sentIn - other.sentIn || placeOf(one) - placeOf(other));
}

/** The first `max` items; of several responses to one request only the first, since it may be the one that counts. */
function split(queue: Queued[], max: number): { taken: Queued[]; left: Queued[] } {
  const taken: Queued[] = [];
  const left: Queued[] = [];
  const answered = new Set<string>();
  for (const item of queue) {
    const isNext = taken.length < max && !(item.kind === "response" && answered.has(item.requestId));
    if (isNext && item.kind === "response") answered.add(item.requestId);
    (isNext ? taken : left).push(item);
  }
  return { taken, left };
}

/** `{executor}-{superstep}-{ordinal}`; a call that was put off keeps the key it had. */
function withCallKeys(items: readonly Queued[], superstep: number): InFlight[] {
  const ordinals = new Map<string, number>();
  return items.map((item) => {
    if (item.callKey !== undefined) return { ...item, callKey: item.callKey };
    const ordinal = (ordinals.get(item.to) ?? 0) + 1;
    ordinals.set(item.to, ordinal);
    return { ...item, callKey: `${item.to}-${superstep}-${ordinal}` };
  });
}

function start(draft: Draft, item: InFlight, isFirstTime: boolean): Delivery {
  const { state, plan, index } = draft;
  const { to: executorId, callKey, attempt } = item;
  const type = item.kind === "compensation" ? "compensationStarted" : "executorStarted";
  record(draft, { type, executorId, callKey, attempt });
  // The response belongs to the call that asked: it is not counted as a call of its own.
  if (isFirstTime && item.kind === "message") count(draft, executorId, "started");
  return {
    runId: state.runId,
    workflow: plan.workflow,
    executorId,
    callKey,
    superstep: state.superstep,
    attempt,
    ...(item.lastErrorJson !== undefined && { lastErrorJson: item.lastErrorJson }),
    ...settingsOf(index, executorId),
    ...outcomeLimitOf(plan),
    ...(state.deadlineAtMs !== undefined && { deadlineAtMs: state.deadlineAtMs }),
    call: callOf(state, item),
    state: declaredValues(index, state, executorId),
    // What undoes a call sends nothing: it needs none of the code on its edges.
    edges: item.kind === "compensation" ? [] : (index.outgoing.get(executorId) ?? []),
  };
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

function callOf(state: RunState, item: Queued): Delivery["call"] {
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

function declaredValues(index: PlanIndex, { values }: RunState, executorId: string): Record<string, string> {
  const executor = index.executors.get(executorId);
  const declared: Record<string, string> = {};
  for (const name of [...(executor?.reads ?? []), ...(executor?.writes ?? [])]) {
    const valueJson = own(values, name);
    if (valueJson !== undefined) declared[name] = valueJson;
  }
  return declared;
}

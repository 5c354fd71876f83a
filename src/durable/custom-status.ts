import { nextAttemptsOf, notDeployedIn } from "../engine/run-status.ts";
import type { Plan } from "../wire/plan.ts";
import type { OpenRequest, RunState } from "../wire/run-state.ts";
import type { CustomStatus } from "../wire/status.ts";

/** The host refuses 16 KB of UTF-16, and fails the orchestration for it; this leaves room for what it adds. */
const MAX_CHARS = 7_000;
const MAX_REQUESTS = 20;

/** What is published of a run besides its state. */
export interface PublishedGeneration {
  readonly generation?: number | undefined;
  readonly createdAtMs?: number | undefined;
}

type StatusRequest = CustomStatus["requests"][number];

/**
 * A run's state as far as it fits into the custom status of its orchestration. What does not fit is left out (payloads
 * first, then requests beyond 20, then the counts), and `isComplete` says so: it is read from the history then.
 */
export function customStatusOf(
  plan: Plan,
  state: RunState,
  { generation = 1, createdAtMs }: PublishedGeneration = {},
): CustomStatus {
  // A request whose response is on its way to the port asks for nothing at the moment.
  const open = state.requests.filter(({ isAnswering }) => !isAnswering);
  const requests = open.slice(0, MAX_REQUESTS).map(withoutPayload);
  const counts = Object.fromEntries(
    Object.entries(state.counts).map(([id, { started, completed, failed }]) => [id, [started, completed, failed]]),
  ) as CustomStatus["counts"];
  const notDeployed = notDeployedIn(state);
  const status: CustomStatus = {
    format: 1,
    status: state.status,
    version: plan.fingerprint,
    inputHash: state.inputHash,
    ...(generation > 1 && { generation }),
    ...(createdAtMs !== undefined && { createdAtMs }),
    superstep: state.superstep,
    isComplete: true,
    ...(state.isCancelRequested && { isCancelRequested: true as const }),
    counts,
    ...(state.delayed.length > 0 && { nextAttempts: nextAttemptsOf(state) }),
    ...(notDeployed.length > 0 && { notDeployed }),
    requests,
    ...(state.usage && { usage: state.usage }),
    requestCount: open.length,
    outputCount: state.outputs.length,
  };
  const chars = JSON.stringify(status).length;
  if (chars > MAX_CHARS) {
    const { nextAttempts: _attempts, notDeployed: _executors, ...rest } = status;
    return { ...rest, counts: {}, isComplete: false };
  }
  const withPayloads = addPayloads(requests, open, MAX_CHARS - chars);
  // What could not be undone stands in the result of the run; until then the history has it.
  const isInResult = state.compensationErrors === undefined || state.status !== "running";
  const hasAll = isInResult && open.length === requests.length && withPayloads.every((one) => one.requestJson !== null);
  return { ...status, requests: withPayloads, isComplete: hasAll };
}

function withoutPayload({ requestId, frame, port, openedAtMs, deadlineAtMs }: OpenRequest): StatusRequest {
  return {
    requestId,
    port,
    ...(frame !== undefined && { frame }),
    requestJson: null,
    openedAtMs,
    ...(deadlineAtMs !== undefined && { deadlineAtMs }),
  };
}

/** Adds the payloads that fit, the oldest request first. */
function addPayloads(
  requests: readonly StatusRequest[],
  open: readonly OpenRequest[],
  roomChars: number,
): StatusRequest[] {
  let room = roomChars;
  return requests.map((request, index) => {
    const requestJson = open[index]?.requestJson ?? null;
    const chars = JSON.stringify(requestJson).length - "null".length;
    if (chars > room) return request;
    room -= chars;
    return { ...request, requestJson };
  });
}

import { WorkflowError } from "../errors.ts";
import { portsOf, workflowAt } from "../graph/nested.ts";
import type { RequestReference } from "../graph/runner.ts";
import type { PortNode } from "../graph/runtime.ts";
import type { OpenRequest } from "../wire/run-state.ts";
import type { LiveRun } from "./live-run.ts";

/** A port, or its id. */
export type PortReference = string | { readonly id: string };

const SEE_STATUS = "Read the run's status for the requests that are open.";

export function idOf(port: PortReference): string {
  return typeof port === "string" ? port : port.id;
}

/**
 * The next open request of a port, each one once. Waits while the run may still ask.
 *
 * @throws {WorkflowError} `RUN_ENDED`; `REQUEST_NOT_FOUND` when the workflow has no such port
 */
export async function handOut(run: LiveRun, portId: string): Promise<OpenRequest> {
  checkPort(run, portId);
  for (;;) {
    const request = run.unanswered().find(({ port, requestId }) => port === portId && !run.handedOut.has(requestId));
    if (request) {
      run.handedOut.add(request.requestId);
      return request;
    }
    if (run.isEnded) throw runEnded(run);
    await run.changes.next();
  }
}

/**
 * The open request that a response is for. A port that has not asked yet may do so while the run is at work: that is waited
 * for, so that answers can be given in the order in which they will be asked for. One that has asked is not: a second
 * answer to its first request must not become the answer to its next one.
 */
export async function findRequest(run: LiveRun, reference: PortReference | RequestReference): Promise<OpenRequest> {
  if (typeof reference === "object" && "requestId" in reference) return requestById(run, reference.requestId);
  const portId = idOf(reference);
  checkPort(run, portId);
  for (;;) {
    const [request, ...others] = run.unanswered().filter(({ port }) => port === portId);
    if (request && others.length > 0) throw ambiguous(portId, [request, ...others]);
    if (request) return request;
    if (run.isEnded) throw runEnded(run);
    if (run.isAsleep || hasAsked(run, portId)) throw requestClosed(run, `The request of port "${portId}"`);
    await run.changes.next();
  }
}

function hasAsked({ events }: LiveRun, portId: string): boolean {
  return events.some((event) => event.type === "requestOpened" && event.executorId === portId);
}

function requestById(run: LiveRun, requestId: string): OpenRequest {
  const request = run.unanswered().find((one) => one.requestId === requestId);
  if (request) return request;
  const wasOpened = run.events.some((event) => event.type === "requestOpened" && event.requestId === requestId);
  if (!wasOpened) throw notFound(run, `request "${requestId}"`);
  throw requestClosed(run, `Request "${requestId}"`);
}

export function isUnanswered(run: LiveRun, { requestId }: OpenRequest): boolean {
  return run.unanswered().some((request) => request.requestId === requestId);
}

/** The port that asked. */
export function portOf(run: LiveRun, { port, frame }: OpenRequest): PortNode {
  const node = workflowAt(run.workflow, frame)?.nodes.get(port);
  if (node?.kind === "port") return node;
  throw notFound(run, `port "${port}"`);
}

/** A port of a sub-workflow is known by its id as well. */
function checkPort(run: LiveRun, portId: string): void {
  if (!portsOf(run.workflow).some(({ id }) => id === portId)) throw notFound(run, `port "${portId}"`);
}

/** @returns `RUN_ENDED` when that is the reason, else `REQUEST_CLOSED` */
export function requestClosed(run: LiveRun, what: string): WorkflowError {
  if (run.isEnded) return runEnded(run);
  return new WorkflowError("REQUEST_CLOSED", `${what} is not open: it was answered, or not asked yet.`, SEE_STATUS);
}

function notFound(run: LiveRun, what: string): WorkflowError {
  return new WorkflowError("REQUEST_NOT_FOUND", `Run "${run.state.runId}" knows no ${what}.`, SEE_STATUS);
}

function ambiguous(portId: string, requests: readonly OpenRequest[]): WorkflowError {
  const ids = requests.map(({ requestId }) => requestId).join(", ");
  const whatIsWrong = `Port "${portId}" has ${requests.length} open requests: ${ids}.`;
  return new WorkflowError("REQUEST_AMBIGUOUS", whatIsWrong, "Answer one of them by { requestId }.");
}

function runEnded({ state }: LiveRun): WorkflowError {
  return new WorkflowError(
    "RUN_ENDED",
    `Run "${state.runId}" has ended, so it asks for nothing and takes nothing in any more.`,
    "Read its status, or start a new run.",
  );
}

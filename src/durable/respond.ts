import { checkResponse } from "../engine/invoke/check-value.ts";
import { wasRequestOpened } from "../engine/transitions.ts";
import { isWorkflowError, WorkflowError } from "../errors.ts";
import { workflowAt } from "../graph/nested.ts";
import type { PortNode, WorkflowNode } from "../graph/runtime.ts";
import { pollUntil, systemClock, type WaitClock } from "../remote/poll.ts";
import { placeOf, TOP } from "../wire/frame-path.ts";
import type { CustomStatus } from "../wire/status.ts";
import { AnswersUnderWay } from "./answers-under-way.ts";
import { customStatusOf, findRun, type RecordedRun, readRun, refuseEnded } from "./found-run.ts";
import { answerData, answerEvent, CANCEL_EVENT } from "./mail.ts";
import { runningCalls } from "./running-calls.ts";
import type { Instance, Instances } from "./sdk.ts";
import { SharedReads } from "./shared-reads.ts";

/** One open request: by its id, or by its port where that has only one. Both together have to agree. */
export interface RequestReference {
  readonly requestId?: string | undefined;
  /** The id of the port. */
  readonly eventName?: string | undefined;
}

export interface AnsweredRequest {
  readonly requestId: string;
  readonly eventName: string;
}

interface FoundRequest extends AnsweredRequest {
  /** Path of the frame that asks; undefined at the top. */
  readonly frame: string | undefined;
}

/**
 * Answers an open port request: checks the response and hands it to the run. The history decides between this response
 * and whatever else comes in at the same time; a response that does not fit leaves the run as it was.
 *
 * @param response - a value that JSON leaves as it is, in the shape of the port's `response` schema
 * @throws {WorkflowError} `RUN_NOT_FOUND`, `RUN_ENDED`, `REQUEST_NOT_FOUND`, `REQUEST_CLOSED` for a request that was answered
 *   or was not asked yet, `REQUEST_AMBIGUOUS` for a port with several open requests, `PORT_RESPONSE_INVALID`,
 *   `EXECUTOR_NOT_DEPLOYED` when the deployed workflow does not have the port any more
 * @see Durable Functions, "Handling external events": delivery is at least once, hence a name for each request
 */
export async function respondToRun(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  reference: RequestReference,
  response: unknown,
  clock: WaitClock = systemClock,
): Promise<AnsweredRequest> {
  const request = await openRequest(instances, workflow, runId, reference);
  const responseJson = await checkResponse(deployedPort(workflow, request), response, workflow.plan.limits);
  const isFirst = await answersUnderWay.raise(
    JSON.stringify([runId, request.requestId]),
    () => hasClosed(instances, workflow, runId, request, clock),
    () => instances.raiseEvent(runId, answerEvent(request.requestId), answerData(responseJson)),
  );
  if (!isFirst) throw closed(reference);
  const { requestId, eventName } = request;
  return { requestId, eventName };
}

const answersUnderWay = new AnswersUnderWay();
/** An answer shows after one episode of its run; beyond this, the history decides which one was first. */
const LONGEST_LOOK_MS = 1_000;

/** Looks until the request is closed, or the time is up. */
async function hasClosed(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  { requestId }: AnsweredRequest,
  clock: WaitClock,
): Promise<boolean> {
  const look = async () => {
    try {
      await openRequest(instances, workflow, runId, { requestId }, { isFresh: true });
      return false;
    } catch (error) {
      if (isWorkflowError(error) && error.code === "REQUEST_CLOSED") return true;
      throw error;
    }
  };
  return pollUntil(look, (isClosed) => isClosed, LONGEST_LOOK_MS, clock);
}

/**
 * The one open request that is meant.
 *
 * @param options - `isFresh`: what was read a moment ago does not count
 */
async function openRequest(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  reference: RequestReference,
  { isFresh = false } = {},
): Promise<FoundRequest> {
  const instance = await findRun(instances, workflow, runId);
  refuseEnded(instance);
  const published = publishedRequest(instance, reference);
  if (published) return published;
  const earlier = isFresh ? undefined : await openEarlier(instance, workflow, reference);
  return earlier ?? (await recordedRequest(instances, workflow, runId, reference));
}

/**
 * Asks a run to end. Its handlers in this process see their signal at once, those of other processes some seconds later;
 * then the run ends without waiting for any that goes on.
 *
 * @throws {WorkflowError} `RUN_NOT_FOUND`, `RUN_ENDED`
 */
export async function cancelRun(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  reason?: string,
): Promise<void> {
  refuseEnded(await findRun(instances, workflow, runId));
  const cancel = reason === undefined ? {} : { reason };
  await instances.raiseEvent(runId, CANCEL_EVENT, cancel);
  // Only now: what comes of a stopped call must find the cancel in the history.
  runningCalls.stop(runId, cancel);
}

function deployedPort(workflow: WorkflowNode, { eventName, frame = TOP }: FoundRequest): PortNode {
  const port = workflowAt(workflow, frame)?.nodes.get(eventName);
  if (port?.kind === "port") return port;
  throw new WorkflowError(
    "EXECUTOR_NOT_DEPLOYED",
    `The deployed workflow "${workflow.name}" has no port "${placeOf(frame, eventName)}", which the run asks.`,
    "Deploy the version of the app that has it, and answer again.",
  );
}

/** Looks a request up among those that the run published, which may not be all. */
function publishedRequest(instance: Instance, reference: RequestReference): FoundRequest | undefined {
  const published = customStatusOf(instance);
  if (!published) return undefined;
  // Named by its port, one of a list that is cut off might not be the only one.
  if (isCutOff(published) && reference.requestId === undefined) return undefined;
  const open = published.requests.map(({ requestId, port, frame }) => ({ requestId, eventName: port, frame }));
  return matchOf(open, reference);
}

function isCutOff({ requests, requestCount }: CustomStatus): boolean {
  return requests.length < requestCount;
}

function matchOf(open: readonly FoundRequest[], reference: RequestReference): FoundRequest | undefined {
  const matches = open.filter((request) => isMeant(request, reference));
  if (matches.length <= 1) return matches[0];
  const ids = matches.map(({ requestId }) => requestId).join(", ");
  throw new WorkflowError(
    "REQUEST_AMBIGUOUS",
    `Port "${reference.eventName}" has ${matches.length} open requests: ${ids}.`,
    "Answer one of them by its requestId.",
  );
}

function isMeant(request: AnsweredRequest, { requestId, eventName }: RequestReference): boolean {
  return (
    (requestId === undefined || requestId === request.requestId) &&
    (eventName === undefined || eventName === request.eventName)
  );
}

const reads = new SharedReads<RecordedRun>();

function openIn({ state }: Pick<RecordedRun, "state">): FoundRequest[] {
  return state.requests
    .filter(({ isAnswering }) => !isAnswering)
    .map(({ requestId, port, frame }) => ({ requestId, eventName: port, frame }));
}

/**
 * A request that a reading of the history showed as open a moment ago. A crowd that answers at once would read a long history
 * once for each of them. What was not open then may have been opened since; what is not open any more was answered through
 * another process, or timed out, and there the history decides all the same.
 */
async function openEarlier(
  instance: Instance,
  workflow: WorkflowNode,
  reference: RequestReference,
): Promise<FoundRequest | undefined> {
  if (reference.requestId === undefined) return undefined;
  const key = readingOf(workflow, instance.instanceId);
  const published = customStatusOf(instance);
  const seen = await (published && isCutOff(published) ? reads.recent(key) : reads.underWay(key));
  return seen && matchOf(openIn(seen), reference);
}

function readingOf({ name }: WorkflowNode, runId: string): string {
  return JSON.stringify([name, runId]);
}

/** Looks a request up in the run's history, which knows the closed ones too. */
async function recordedRequest(
  instances: Instances,
  workflow: WorkflowNode,
  runId: string,
  reference: RequestReference,
): Promise<FoundRequest> {
  const read = () => readRun(instances, workflow, runId);
  const { plan, state } = await reads.begin(readingOf(workflow, runId), read);
  const match = matchOf(openIn({ state }), reference);
  if (match) return match;
  const { requestId, eventName } = reference;
  const executors = [plan, ...(plan.workflows ?? [])].flatMap((graph) => graph.executors);
  const isPort = executors.some(({ id, kind }) => kind === "port" && id === eventName);
  const isKnown = requestId === undefined ? isPort : wasRequestOpened(state, requestId, eventName);
  throw isKnown ? closed(reference) : notFound(runId, reference);
}

function closed(reference: RequestReference): WorkflowError {
  return new WorkflowError(
    "REQUEST_CLOSED",
    `The ${nameOf(reference)} is not open: it was answered, or it has not been asked yet.`,
    "GET the run's status for the requests that are open.",
  );
}

function notFound(runId: string, reference: RequestReference): WorkflowError {
  return new WorkflowError(
    "REQUEST_NOT_FOUND",
    `Run "${runId}" never opened the ${nameOf(reference)}.`,
    "GET the run's status for the requests that are open.",
  );
}

function nameOf({ requestId, eventName }: RequestReference): string {
  return requestId === undefined ? `request of port "${eventName}"` : `request "${requestId}"`;
}

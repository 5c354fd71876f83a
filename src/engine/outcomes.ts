import type { ErrorData } from "../wire/error-data.ts";
import { TOP } from "../wire/frame-path.ts";
import type { CompletedResult, Outcome } from "../wire/outcome.ts";
import type { Address } from "../wire/run-state.ts";
import { sumOfUsage } from "../wire/usage.ts";
import { applyCompensation, keepForCompensation } from "./compensation.ts";
import { putOff, retry } from "./delays.ts";
import { charsOf, count, type Draft, errorOf, fail, halt, type InFlight, inFrame, ownedIn, record } from "./draft.ts";
import { applyFailed } from "./failures.ts";
import { own } from "./own.ts";
import { failRequest } from "./request-timeouts.ts";
import { closeRequest, findRequest, goOnWaiting, openRequest } from "./requests.ts";
import { applyReturned, giveOutput } from "./results.ts";
import { routeMessage } from "./route.ts";

/** State key, behind the path of its frame, then the call that wrote it in this superstep. */
export type Writers = Map<string, string>;

/** Takes in what one call produced. Every call ends with exactly one event that says how. */
export function applyOutcome(draft: Draft, item: InFlight, outcome: Outcome, writers: Writers): void {
  const { result } = outcome;
  if (outcome.usage) draft.state.usage = sumOfUsage(draft.state.usage, outcome.usage);
  if (result.status === "failed" && result.error.code === "EXECUTOR_NOT_DEPLOYED") {
    putOff(draft, item, result.error);
    return;
  }
  if (item.kind === "compensation") {
    if (result.status === "failed" && retry(draft, item, outcome, result)) draft.state.chars -= charsOf(item);
    else applyCompensation(draft, item, outcome);
    return;
  }
  draft.state.chars -= charsOf(item);
  switch (result.status) {
    case "completed":
      applyCompleted(draft, item, outcome, result, writers);
      break;
    case "requestOpened":
      openRequest(draft, item, item.to, result.requestJson, outcome.endedAtMs);
      break;
    case "responseRejected":
      if (item.kind === "response") applyRejection(draft, item, result.error);
      break;
    case "failed":
      if (!draft.state.isCancelRequested && retry(draft, item, outcome, result)) break;
      applyFailed(draft, item, outcome, result.error);
      break;
  }
}

function applyCompleted(
  draft: Draft,
  item: InFlight,
  { startedAtMs, endedAtMs, usage }: Outcome,
  result: CompletedResult,
  writers: Writers,
): void {
  const call = callOf(item);
  const { executorId } = call;
  // A response belongs to the call that asked, so its result goes where that one's does.
  const address: Address = item.kind === "response" ? (findRequest(draft.state, item.requestId) ?? item) : item;
  for (const { name, dataJson } of result.emitted) {
    record(draft, { type: "emitted", ...call, name, ...(dataJson !== undefined && { data: dataJson }) });
  }
  if (item.kind === "response") applyAnswer(draft, item);
  const returned = result.messages.find(({ origin }) => origin === "returned");
  const durationMs = endedAtMs - startedAtMs;
  record(draft, {
    type: "executorCompleted",
    ...call,
    durationMs,
    ...(usage && { usage }),
    ...(returned && { output: returned.valueJson }),
  });
  count(draft, item, executorId, "completed");
  keepForCompensation(draft, item, returned?.valueJson);
  applyWrites(draft, item, result.writes, writers);
  for (const [place, outputJson] of result.yielded.entries()) {
    giveOutput(draft, item.frame, executorId, outputJson, result.yieldedOuter?.[place]);
  }
  for (const message of result.messages) {
    if (message.origin === "sent") routeMessage(draft, item.frame, executorId, message, false);
  }
  applyReturned(draft, address, executorId, returned);
  const { frame = TOP } = item;
  if (result.haltRequested) halt(draft, frame, executorId);
}

function applyAnswer(draft: Draft, { frame, to: executorId, requestId, responseJson }: Response): void {
  record(draft, { type: "requestAnswered", ...inFrame(frame), executorId, requestId, response: responseJson });
  closeRequest(draft, requestId);
}

type Response = InFlight & { kind: "response" };

function applyRejection(draft: Draft, item: Response, error: ErrorData): void {
  const { frame, to: executorId, requestId } = item;
  goOnWaiting(draft, requestId);
  record(draft, { type: "responseRejected", ...inFrame(frame), executorId, requestId, error });
  // The deployed port takes the run's own answer no more, and another timeout would come to the same.
  const request = item.isTimeout && findRequest(draft.state, requestId);
  if (request && !request.isAnswering) failRequest(draft, request);
}

function applyWrites(
  draft: Draft,
  { frame = TOP, callKey }: InFlight,
  writes: Readonly<Record<string, string>>,
  writers: Writers,
): void {
  for (const [key, valueJson] of Object.entries(writes)) {
    const written = `${frame} ${key}`;
    const writer = writers.get(written);
    if (writer !== undefined) {
      const whatIsWrong = `Calls ${writer} and ${callKey} both wrote the state key "${key}" in superstep ${draft.state.superstep}.`;
      fail(
        draft,
        frame,
        errorOf("STATE_CONFLICT", whatIsWrong, "Let one of them write it, or put one after the other."),
      );
      continue;
    }
    writers.set(written, callKey);
    const values = ownedIn(draft, frame, "values");
    draft.state.chars += valueJson.length - (own(values, key)?.length ?? 0);
    values[key] = valueJson;
  }
}

function callOf({ frame, to: executorId, callKey, attempt }: InFlight) {
  return { ...inFrame(frame), executorId, callKey, attempt };
}

import type { ErrorData } from "../wire/error-data.ts";
import type { CompletedResult, Outcome, SentMessage } from "../wire/outcome.ts";
import { sumOfUsage } from "../wire/usage.ts";
import { applyCompensation, keepForCompensation } from "./compensation.ts";
import { putOff, retry } from "./delays.ts";
import { charsOf, count, type Draft, errorOf, fail, type InFlight, owned, record } from "./draft.ts";
import { applyFailed } from "./failures.ts";
import { own } from "./own.ts";
import { failRequest } from "./request-timeouts.ts";
import { closeRequest, findRequest, goOnWaiting, openRequest } from "./requests.ts";
import { routeMessage } from "./route.ts";

/** State key, then the call that wrote it in this superstep. */
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
      openRequest(draft, item.to, result.requestJson, outcome.endedAtMs);
      break;
    case "responseRejected":
      if (item.kind === "response") applyRejection(draft, item, result.error);
      break;
    case "failed":
      if (!draft.state.isCancelRequested && retry(draft, item, outcome, result)) break;
      applyFailed(draft, item, outcome, { ...result.error, executorId: item.to });
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
  for (const { name, dataJson } of result.emitted) {
    record(draft, { type: "emitted", ...call, name, ...(dataJson !== undefined && { data: dataJson }) });
  }
  if (item.kind === "response") applyAnswer(draft, executorId, item.requestId, item.responseJson);
  const returned = result.messages.find(({ origin }) => origin === "returned");
  const durationMs = endedAtMs - startedAtMs;
  record(draft, {
    type: "executorCompleted",
    ...call,
    durationMs,
    ...(usage && { usage }),
    ...(returned && { output: returned.valueJson }),
  });
  count(draft, executorId, "completed");
  keepForCompensation(draft, item, returned?.valueJson);
  applyWrites(draft, call.callKey, result.writes, writers);
  for (const outputJson of result.yielded) addOutput(draft, executorId, outputJson);
  for (const message of result.messages) applyMessage(draft, executorId, message);
  if (result.haltRequested) draft.haltedBy ??= executorId;
}

function applyAnswer(draft: Draft, executorId: string, requestId: string, response: string): void {
  record(draft, { type: "requestAnswered", executorId, requestId, response });
  closeRequest(draft, requestId);
}

function applyRejection(draft: Draft, item: InFlight & { kind: "response" }, error: ErrorData): void {
  const { to: executorId, requestId } = item;
  goOnWaiting(draft, requestId);
  record(draft, { type: "responseRejected", executorId, requestId, error });
  // The deployed port takes the run's own answer no more, and another timeout would come to the same.
  const request = item.isTimeout && findRequest(draft.state, requestId);
  if (request && !request.isAnswering) failRequest(draft, request);
}

function applyMessage(draft: Draft, executorId: string, message: SentMessage): void {
  const isOutput = message.origin === "returned" && draft.index.outputs.has(executorId);
  if (isOutput) addOutput(draft, executorId, message.valueJson);
  routeMessage(draft, executorId, message, isOutput);
}

function addOutput(draft: Draft, executorId: string, outputJson: string): void {
  owned(draft, "outputs").push({ executorId, outputJson });
  draft.state.chars += outputJson.length;
  record(draft, { type: "runOutput", executorId, output: outputJson });
}

function applyWrites(draft: Draft, callKey: string, writes: Readonly<Record<string, string>>, writers: Writers): void {
  for (const [key, valueJson] of Object.entries(writes)) {
    const writer = writers.get(key);
    if (writer !== undefined) {
      const whatIsWrong = `Calls ${writer} and ${callKey} both wrote the state key "${key}" in superstep ${draft.state.superstep}.`;
      fail(draft, errorOf("STATE_CONFLICT", whatIsWrong, "Let one of them write it, or put one after the other."));
      continue;
    }
    writers.set(key, callKey);
    const values = owned(draft, "values");
    draft.state.chars += valueJson.length - (own(values, key)?.length ?? 0);
    values[key] = valueJson;
  }
}

function callOf({ to: executorId, callKey, attempt }: InFlight) {
  return { executorId, callKey, attempt };
}

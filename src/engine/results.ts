import type { ErrorData } from "../wire/error-data.ts";
import { TOP } from "../wire/frame-path.ts";
import type { Routes, SentMessage } from "../wire/outcome.ts";
import type { Address } from "../wire/run-state.ts";
import { type Draft, enqueue, fail, indexIn, inFrame, owned, ownedFrame, record } from "./draft.ts";
import { failItem, fillPlace } from "./maps.ts";
import { routeMessage } from "./route.ts";

/**
 * Where the result of a call goes. Every call has a return address: an item of a map returns to its place in the list of
 * results, every other call returns along the edges of its executor. What it outputs is an output of its frame: at the top
 * that is an output of the run; in a sub-workflow it is a message of the node that stands for it, which has an address of
 * its own.
 */

/** What a call returned; undefined for nothing. */
export function applyReturned(draft: Draft, address: Address, executorId: string, message: SentMessage | undefined) {
  const isOutput = message !== undefined && indexIn(draft, address.frame).outputs.has(executorId);
  if (isOutput) giveOutput(draft, address.frame, executorId, message.valueJson, message.outer);
  // Nothing is null in JSON: a list has no empty places.
  if (address.item) fillPlace(draft, address, executorId, message?.valueJson ?? "null");
  else if (message) routeMessage(draft, address.frame, executorId, message, isOutput);
}

/** @param outer - the answers of user code for the edges around the sub-workflow, innermost first */
export function giveOutput(
  draft: Draft,
  frame: string = TOP,
  executorId: string,
  outputJson: string,
  [routes = {}, ...outer]: readonly Routes[] = [],
): void {
  if (frame === TOP) {
    owned(draft, "outputs").push({ executorId, outputJson });
    draft.state.chars += outputJson.length;
    record(draft, { type: "runOutput", executorId, output: outputJson });
    return;
  }
  const open = ownedFrame(draft, frame);
  draft.state.chars += outputJson.length - (open.outputJson?.length ?? 0);
  open.outputJson = outputJson;
  const { caller } = open;
  // An item has one result, and that is the last output: it is known when the frame ends.
  if (caller.item) return;
  const isOutput = indexIn(draft, caller.frame).outputs.has(caller.executorId);
  if (isOutput) giveOutput(draft, caller.frame, caller.executorId, outputJson, outer);
  const message: SentMessage = { valueJson: outputJson, origin: "returned", routes };
  routeMessage(draft, caller.frame, caller.executorId, message, isOutput);
}

/**
 * A call that has failed for good: its error edges take the failure, and a map counts it. With neither, the frame fails.
 *
 * @param inputJson - what the call was made with
 */
export function sendFailure(
  draft: Draft,
  address: Address,
  executorId: string,
  inputJson: string,
  error: ErrorData,
): void {
  const { frame = TOP } = address;
  const edges = indexIn(draft, frame).errorEdges.get(executorId) ?? [];
  const { stack: _stack, ...data } = error;
  const valueJson = `{"executorId":${JSON.stringify(executorId)},"input":${inputJson},"error":${JSON.stringify(data)}}`;
  for (const { to } of edges) enqueue(draft, { frame, to, from: executorId, valueJson });
  const isTaken = edges.length > 0;
  if (address.item) failItem(draft, address, error, isTaken);
  else if (!isTaken) fail(draft, frame, error);
}

/** The error of a call, with where it happened. */
export function errorAt({ frame }: Address, executorId: string, error: ErrorData): ErrorData {
  return { ...error, executorId, ...inFrame(frame) };
}

import { expect } from "vitest";
import type { RunEvent } from "../../src/index.ts";
import type { RunState } from "../../src/wire/run-state.ts";

/** What holds for the state of any run, between any two supersteps: the characters it counts are those it holds. */
export function checkState(state: RunState): void {
  expect(state.chars, `characters held in superstep ${state.superstep}`).toBe(textsIn(state).join("").length);
  for (const [place, { started, completed, failed }] of Object.entries(state.counts)) {
    expect(completed + failed, `calls of ${place} that have ended`).toBeLessThanOrEqual(started);
  }
}

function textsIn(state: RunState): string[] {
  const calls = [...state.queue, ...(state.held ?? []), ...state.inFlight, ...state.delayed.map(({ item }) => item)];
  const barriers = [state.barriers, ...Object.values(state.frames).map((frame) => frame.barriers)];
  return [
    ...calls.flatMap(textsOf),
    ...barriers.flatMap((one) => Object.values(one).flatMap((barrier) => Object.values(barrier).flat())),
    ...state.requests.map(({ requestJson }) => requestJson),
    ...Object.values(state.values),
    ...[state, ...Object.values(state.frames)].flatMap(({ kept = {} }) => Object.values(kept).flatMap(Object.values)),
    ...state.outputs.map(({ outputJson }) => outputJson),
    ...(state.compensable ?? []).flatMap(({ inputJson, outputJson = "" }) => [inputJson, outputJson]),
    ...Object.values(state.frames).flatMap(({ values, caller, outputJson = "" }) => [
      ...Object.values(values),
      caller.inputJson ?? "",
      outputJson,
    ]),
    ...Object.values(state.maps).flatMap(({ waiting, results }) => [
      ...waiting.flat(),
      ...results.flat().map(([, resultJson]) => resultJson),
    ]),
  ];
}

function textsOf(call: RunState["queue"][number]): string[] {
  if (call.kind === "items") return [];
  const { lastErrorJson = "" } = call;
  if (call.kind === "message") return [call.valueJson, lastErrorJson];
  if (call.kind === "response") return [call.responseJson, lastErrorJson];
  return [call.inputJson, call.outputJson ?? "", lastErrorJson];
}

/** Of a run that has ended: its events are numbered without a gap, and it ends once. */
export function checkEvents(events: readonly RunEvent[]): void {
  expect(events.map(({ number }) => number)).toEqual(events.map((_event, place) => place + 1));
  const ends = events.filter(({ type }) => ["runCompleted", "runFailed", "runCancelled"].includes(type));
  expect(ends).toHaveLength(1);
}

import { expect, it } from "vitest";
import { parseHistory } from "./run-history.ts";

const outcome = {
  executorId: "A",
  callKey: "A-1-1",
  superstep: 1,
  attempt: 1,
  startedAtMs: 1,
  endedAtMs: 2,
  result: { status: "requestOpened", requestJson: '"2026-11-23T08:00:00Z"' },
};
const Timestamp = "2026-11-23T08:00:00.1234567Z";
const atMs = Date.parse("2026-11-23T08:00:00.123Z");

it("keeps what matters to a run, in the order of the history", () => {
  expect(
    parseHistory([
      { EventType: "ExecutionStarted", Timestamp, FunctionName: "dafx-A", Input: "{}" },
      { EventType: "TaskCompleted", Timestamp, ScheduledTime: Timestamp, FunctionName: "dafx-A-A", Result: outcome },
      { EventType: "TaskScheduled", Timestamp, Name: "dafx-A-B" },
      { EventType: "TimerCreated", Timestamp, FireAt: Timestamp },
      { EventType: "TimerFired", Timestamp, FireAt: "2026-11-23T08:01:00Z" },
      { EventType: "EventRaised", Timestamp, Name: "cancel", Input: '{"reason":"x"}' },
      { EventType: "ExecutionCompleted", Timestamp, OrchestrationStatus: "Completed", Result: null },
      { EventType: "SomethingNewer", Timestamp },
    ]),
  ).toEqual([
    { kind: "started", atMs },
    { kind: "outcome", atMs, outcome },
    { kind: "timerFired", atMs, dueAtMs: Date.parse("2026-11-23T08:01:00Z") },
    { kind: "raised", atMs, name: "cancel", data: { reason: "x" } },
    { kind: "ended", atMs },
  ]);
});

it("reads results and data that an older extension left as text, and those a newer one parsed", () => {
  const facts = parseHistory([
    { EventType: "TaskCompleted", Timestamp, Result: JSON.stringify(outcome) },
    { EventType: "EventRaised", Timestamp, Name: "response-ask-1", Input: { responseJson: "1" } },
    { EventType: "EventRaised", Timestamp, Name: "stray", Input: "no JSON" },
    { EventType: "EventRaised", Timestamp, Name: "empty" },
  ]);
  expect(facts).toEqual([
    { kind: "outcome", atMs, outcome },
    { kind: "raised", atMs, name: "response-ask-1", data: { responseJson: "1" } },
    { kind: "raised", atMs, name: "stray", data: undefined },
    { kind: "raised", atMs, name: "empty", data: undefined },
  ]);
});

it("finds the reason of a lost call in either of its places", () => {
  const lost = { EventType: "TaskFailed", Timestamp, FunctionName: "dafx-A-A" };
  expect(
    parseHistory([
      { ...lost, Reason: "Activity function 'dafx-A-A' failed:  gone", Details: "…" },
      { ...lost, Reason: null, FailureDetails: { ErrorMessage: "gone" } },
      lost,
    ]).map((fact) => fact.kind === "lost" && fact.reason),
  ).toEqual(["Activity function 'dafx-A-A' failed:  gone", "gone", ""]);
});

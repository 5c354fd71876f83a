import { describe, expect, it } from "vitest";
import { renderHistoryEvents } from "./render-history-events.ts";
import type { HistoryEvent } from "./task-hub.ts";

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
const common = (EventType: number, EventId: number, seconds: number) => ({
  EventType,
  EventId,
  IsPlayed: true,
  Timestamp: at(seconds),
});

const history: readonly HistoryEvent[] = [
  common(12, -1, 0),
  {
    ...common(0, -1, 0),
    Name: "Main",
    Version: "",
    Input: '{"n":1}',
    OrchestrationInstance: { InstanceId: "i", ExecutionId: "e" },
    ParentInstance: null,
    Tags: null,
    ScheduledStartTime: null,
    Generation: null,
  },
  { ...common(4, 0, 1), Name: "Say", Version: "", Input: null, Tags: null },
  { ...common(4, 1, 1), Name: "Never", Version: "", Input: null, Tags: null },
  common(13, -1, 1),
  common(12, -1, 2),
  { ...common(5, -1, 3), TaskScheduledId: 0, Result: '{"said":"hi"}' },
  { ...common(10, 2, 3), FireAt: at(60) },
  { ...common(7, 3, 3), Name: "Child", Version: "", InstanceId: "e:3", Input: null },
  common(13, -1, 3),
  common(12, -1, 60),
  { ...common(11, -1, 60), TimerId: 2, FireAt: at(60) },
  { ...common(9, -1, 61), TaskScheduledId: 3, Reason: "why", Details: "where" },
  { ...common(15, -1, 62), Name: "Go", Input: "1" },
  {
    ...common(1, 4, 63),
    OrchestrationStatus: 3,
    Result: "Orchestrator function 'Main' failed: why",
    FailureDetails: null,
  },
  common(13, -1, 63),
];

describe("historyEvents of the status", () => {
  it("join each outcome with what was scheduled for it, and leave the framework's own events out", () => {
    expect(renderHistoryEvents(history, { showHistoryOutput: true, showInput: true })).toEqual([
      {
        EventType: "ExecutionStarted",
        Timestamp: at(0),
        FunctionName: "Main",
        Input: '{"n":1}',
        ScheduledStartTime: null,
        Generation: null,
      },
      { EventType: "TaskScheduled", Timestamp: at(1), Name: "Never", Input: null, Tags: null },
      {
        EventType: "TaskCompleted",
        Timestamp: at(3),
        Result: { said: "hi" },
        ScheduledTime: at(1),
        FunctionName: "Say",
        Input: null,
      },
      { EventType: "TimerCreated", Timestamp: at(3), FireAt: at(60) },
      { EventType: "TimerFired", Timestamp: at(60), FireAt: at(60) },
      {
        EventType: "SubOrchestrationInstanceFailed",
        Timestamp: at(61),
        Reason: "why",
        Details: "where",
        ScheduledTime: at(3),
        FunctionName: "Child",
        Input: null,
      },
      { EventType: "EventRaised", Timestamp: at(62), Name: "Go", Input: "1" },
      {
        EventType: "ExecutionCompleted",
        Timestamp: at(63),
        OrchestrationStatus: "Failed",
        Result: "Orchestrator function 'Main' failed: why",
        FailureDetails: null,
      },
    ]);
  });

  it("leave out results and inputs that nobody asked for", () => {
    const rendered = renderHistoryEvents(history, { showHistoryOutput: false, showInput: false });
    expect(rendered.filter((event) => "Input" in event || "Result" in event)).toEqual([]);
    expect(rendered[5]).toMatchObject({ Reason: "why", FunctionName: "Child" });
  });
});

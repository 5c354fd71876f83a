import { expect, it } from "vitest";
import { orchestratorStarted, playedText, taskCompleted } from "./hub-event.ts";
import { timeSpan, triggerJson } from "./trigger.ts";

const settings = { schema: 3, longestTimerMs: 6 * 86_400_000, timerLegMs: 3 * 86_400_000, httpPollMs: 30_000 } as const;
const atMs = Date.UTC(2026, 0, 1);

it("tells the orchestrator its whole history, with old events played and new ones not", () => {
  const past = playedText(taskCompleted(0, '{"IsPlayed":false}', atMs).text);
  const parts = {
    past,
    fresh: [orchestratorStarted(atMs)],
    inputJson: '{"a":1}',
    instanceId: "i",
    parentInstanceId: "p",
  };
  expect(JSON.parse(triggerJson(parts, settings))).toEqual({
    history: [
      {
        EventType: 5,
        EventId: -1,
        IsPlayed: true,
        Timestamp: "2026-01-01T00:00:00.000Z",
        TaskScheduledId: 0,
        Result: '{"IsPlayed":false}',
      },
      { EventType: 12, EventId: -1, IsPlayed: false, Timestamp: "2026-01-01T00:00:00.000Z" },
    ],
    input: { a: 1 },
    instanceId: "i",
    isReplaying: true,
    parentInstanceId: "p",
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: "3.00:00:00",
    maximumShortTimerDuration: "6.00:00:00",
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  });
});

it("tells a first episode that nothing was played, and an input that was not given as null", () => {
  const parts = {
    past: "",
    fresh: [orchestratorStarted(atMs)],
    inputJson: null,
    instanceId: "i",
    parentInstanceId: null,
  };
  expect(JSON.parse(triggerJson(parts, settings))).toMatchObject({
    isReplaying: false,
    input: null,
    parentInstanceId: null,
  });
});

it.each([
  [0, "0.00:00:00"],
  [90_061_000, "1.01:01:01"],
  [150, "0.00:00:00.1500000"],
])("writes %i ms as %s", (durationMs, text) => {
  expect(timeSpan(durationMs)).toBe(text);
});

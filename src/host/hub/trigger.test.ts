import { expect, it } from "vitest";
import { orchestratorStarted, taskCompleted } from "./hub-event.ts";
import { orchestrationTrigger, timeSpan } from "./trigger.ts";

const settings = { schema: 3, longestTimerMs: 6 * 86_400_000, timerLegMs: 3 * 86_400_000, httpPollMs: 30_000 } as const;
const atMs = Date.UTC(2026, 0, 1);

it("tells the orchestrator its whole history, with old events played and new ones not", () => {
  const { value } = taskCompleted(0, '{"IsPlayed":false}', atMs);
  const parts = {
    past: [{ value, atMs }],
    fresh: [orchestratorStarted(atMs)],
    inputJson: '{"a":1}',
    instanceId: "i",
    parentInstanceId: "p",
  };
  expect(JSON.parse(orchestrationTrigger(parts, settings).json)).toEqual({
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
    past: [],
    fresh: [orchestratorStarted(atMs)],
    inputJson: null,
    instanceId: "i",
    parentInstanceId: null,
  };
  expect(JSON.parse(orchestrationTrigger(parts, settings).json)).toMatchObject({
    isReplaying: false,
    input: null,
    parentInstanceId: null,
  });
});

it.each([
  '{"a":1}',
  '{"when":{"Timestamp":"2026-01-01T00:00:00.000Z"}}',
  '{"\\u0054imestamp":"2026-01-01T00:00:00.000Z"}',
  null,
])("hands over what the SDK makes of the text, dates and all, with the input %s", (inputJson) => {
  const { value } = taskCompleted(0, '"done"', atMs);
  const past = [{ value, atMs }];
  const parts = { past, fresh: [orchestratorStarted(atMs)], inputJson, instanceId: "i", parentInstanceId: null };
  const trigger = orchestrationTrigger(parts, settings);
  const fields = Object.getOwnPropertyNames;
  const ours = trigger.toValue() as Record<string, unknown>;
  const theirs = JSON.parse(trigger.json) as Record<string, unknown>;
  datesIn(ours);
  datesIn(theirs);
  expect(fields(ours).sort()).toEqual(fields(theirs).sort());
  for (const field of fields(theirs)) expect([field, ours[field]]).toEqual([field, theirs[field]]);
});

it("hands over an object of its own each time", () => {
  const { value } = taskCompleted(0, '"done"', atMs);
  const parts = { past: [{ value, atMs }], fresh: [], inputJson: '{"a":1}', instanceId: "i", parentInstanceId: null };
  const trigger = orchestrationTrigger(parts, settings);
  const first = trigger.toValue() as { history: { Timestamp: Date }[]; input: { a: number } };
  first.input.a = 2;
  first.history[0]?.Timestamp.setFullYear(1999);
  expect(trigger.toValue()).toHaveProperty("input", { a: 1 });
  expect(trigger.toValue()).toHaveProperty("history.0.Timestamp", new Date(atMs));
});

/** As the SDK does it before an episode. */
function datesIn(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const fields = value as Record<string, unknown>;
  if (typeof fields.Timestamp === "string") fields.Timestamp = new Date(fields.Timestamp);
  for (const field of Object.values(fields)) datesIn(field);
}

it.each([
  [0, "0.00:00:00"],
  [90_061_000, "1.01:01:01"],
  [150, "0.00:00:00.1500000"],
])("writes %i ms as %s", (durationMs, text) => {
  expect(timeSpan(durationMs)).toBe(text);
});

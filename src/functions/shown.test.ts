import { expect, it } from "vitest";
import type { RunEvent } from "../wire/run-event.ts";
import { withoutStack } from "./shown.ts";

const error = {
  name: "Error",
  code: "HANDLER_FAILED",
  message: "No",
  retryable: true,
  causes: [],
  issues: [],
  stack: "Error: No\n    at handle (file:///srv/app/orders.js:1:1)",
};

it("tells callers what failed, and not where the files of the machine lie", () => {
  const event: RunEvent = { number: 1, at: "2026-11-23T10:00:00.000Z", superstep: 1, type: "runFailed", error };
  expect(JSON.stringify(withoutStack(event))).not.toContain("/srv/app");
  expect(withoutStack(event)).toMatchObject({ type: "runFailed", error: { code: "HANDLER_FAILED", message: "No" } });
});

it("leaves what has no error as it is", () => {
  const event: RunEvent = { number: 2, at: "2026-11-23T10:00:00.000Z", superstep: 1, type: "runCompleted" };
  expect(withoutStack(event)).toBe(event);
});

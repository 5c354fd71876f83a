import { describe, expect, it } from "vitest";
import type { Plan } from "../wire/plan.ts";
import type { RunState } from "../wire/run-state.ts";
import { customStatus } from "../wire/status.ts";
import { customStatusOf } from "./custom-status.ts";

const plan = { fingerprint: "0123456789abcdef" } as Plan;

function stateWith({ requests = [] as string[], executors = 2 }): RunState {
  return {
    format: 1,
    runId: "expense-1",
    status: "running",
    startedAtMs: 1_000,
    inputHash: "a".repeat(64),
    seed: "b".repeat(32),
    superstep: 2,
    queue: [],
    inFlight: [],
    barriers: {},
    requests: requests.map((requestJson, index) => ({
      requestId: `managerapproval-${index}-0123abcd`,
      port: "ManagerApproval",
      requestJson,
      openedAtMs: 2_000,
      superstep: 2,
      isAnswering: false,
    })),
    delayed: [],
    values: {},
    frames: {},
    maps: {},
    outputs: [],
    counts: Object.fromEntries(
      Array.from({ length: executors }, (_, index) => [`Executor${index}`, { started: 3, completed: 2, failed: 0 }]),
    ),
    requestsOpened: requests.length,
    messagesDropped: 0,
    chars: 0,
    nextEventNumber: 9,
  };
}

const sizeOf = (value: unknown) => JSON.stringify(value).length;

describe("the custom status", () => {
  it("leaves what could not be undone to the history, until it stands in the result", () => {
    const compensationErrors = [{ executorId: "Hotel", callKey: "Hotel-1-1-compensation", code: "X", message: "No." }];
    const state = { ...stateWith({}), compensationErrors };
    expect(customStatusOf(plan, state).isComplete).toBe(false);
    expect(customStatusOf(plan, { ...state, status: "failed" }).isComplete).toBe(true);
  });

  it("tells all of a small run", () => {
    expect(customStatusOf(plan, stateWith({ requests: ['{"amount":1500}'] }))).toEqual({
      format: 1,
      status: "running",
      version: "0123456789abcdef",
      inputHash: "a".repeat(64),
      superstep: 2,
      isComplete: true,
      counts: { Executor0: [3, 2, 0], Executor1: [3, 2, 0] },
      requests: [
        {
          requestId: "managerapproval-0-0123abcd",
          port: "ManagerApproval",
          requestJson: '{"amount":1500}',
          openedAtMs: 2_000,
        },
      ],
      requestCount: 1,
      outputCount: 0,
    });
  });

  it("leaves out a payload that does not fit, and keeps those that do", () => {
    const status = customStatusOf(plan, stateWith({ requests: ['"small"', JSON.stringify("x".repeat(8_000)), "1"] }));
    expect(status.requests.map(({ requestJson }) => requestJson)).toEqual(['"small"', null, "1"]);
    expect(status.isComplete).toBe(false);
    expect(customStatus.safeParse(status).success).toBe(true);
  });

  it("names 20 of 300 open requests, and says how many there are", () => {
    const status = customStatusOf(plan, stateWith({ requests: Array(300).fill("1") }));
    expect(status.requests).toHaveLength(20);
    expect(status.requestCount).toBe(300);
    expect(status.isComplete).toBe(false);
    expect(sizeOf(status)).toBeLessThan(7_000);
  });

  it("drops the counts of 1,000 executors rather than the open requests", () => {
    const status = customStatusOf(plan, stateWith({ requests: Array(20).fill("1"), executors: 1_000 }));
    expect(status.counts).toEqual({});
    expect(status.requests).toHaveLength(20);
    expect(status.isComplete).toBe(false);
  });

  it.each([1, 10, 19, 20, 21])("stays under 7,000 characters with %i requests of every size", (count) => {
    for (let size = 0; size < 2_000; size += 97) {
      const status = customStatusOf(plan, stateWith({ requests: Array(count).fill(JSON.stringify('"'.repeat(size))) }));
      expect(sizeOf(status)).toBeLessThanOrEqual(7_000);
    }
  });
});

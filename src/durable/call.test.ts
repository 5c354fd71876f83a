import { describe, expect, it } from "vitest";
import type { Delivery } from "../wire/delivery.ts";
import { activityCall, activityInput } from "./call.ts";

const delivery = (runId: string): Delivery => ({
  runId,
  workflow: "CancelOrder",
  executorId: "SendEmail",
  callKey: "SendEmail-3-1",
  superstep: 3,
  attempt: 1,
  call: { kind: "message", from: "OrderCancel", valueJson: '"2026-11-23T10:00:00.000Z"' },
  state: {},
  edges: [],
});

describe("the input of an activity", () => {
  it.each(["order-1", '"quoted"', "2026-11-23T10:00:00.000Z", "run run 1"])("keeps the run id %s as it is", (runId) => {
    const read = activityCall.parse(JSON.parse(JSON.stringify(activityInput(delivery(runId)))));
    expect(read).toEqual(delivery(runId));
  });

  it("holds no text that a host could take for a date, or for JSON of its own", () => {
    const texts: string[] = [];
    JSON.stringify(activityInput(delivery("2026-11-23T10:00:00.000Z")), (_key, value) => {
      if (typeof value === "string") texts.push(value);
      return value;
    });
    expect(texts).toContain("run 2026-11-23T10:00:00.000Z");
    expect(texts.filter((text) => !Number.isNaN(Date.parse(text)) && /^\d{4}-/.test(text))).toEqual([]);
  });
});

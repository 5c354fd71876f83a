import { describe, expect, it } from "vitest";
import type { InstanceView } from "../hub/task-hub.ts";
import { statusJson } from "./durable-status.ts";

const instance: InstanceView = {
  instanceId: 'quo"ted',
  name: "sequence",
  runtimeStatus: "Completed",
  inputJson: '{"a": 1}',
  customStatusJson: null,
  output: '"done"',
  createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  updatedAtMs: Date.UTC(2026, 0, 2, 3, 4, 6, 999),
};

describe("the status of an instance", () => {
  it("is the extension's shape, with times cut to seconds", () => {
    expect(JSON.parse(statusJson(instance, true))).toEqual({
      name: "sequence",
      instanceId: 'quo"ted',
      runtimeStatus: "Completed",
      input: { a: 1 },
      customStatus: null,
      output: "done",
      createdTime: "2026-01-02T03:04:05Z",
      lastUpdatedTime: "2026-01-02T03:04:06Z",
    });
  });

  it("holds the history when asked, and no input when not asked", () => {
    const status = JSON.parse(statusJson(instance, false, '[{"EventType":"ExecutionStarted"}]'));
    expect([status.input, status.historyEvents]).toEqual([null, [{ EventType: "ExecutionStarted" }]]);
  });

  it.each([
    ["a plain text", "Orchestrator function 'x' failed: y", "Orchestrator function 'x' failed: y"],
    ["a text that is JSON", "42", 42],
    ["nothing", null, null],
  ])("gives %s as the output of a failure", (_, output, expected) => {
    expect(JSON.parse(statusJson({ ...instance, runtimeStatus: "Failed", output }, true)).output).toEqual(expected);
  });
});

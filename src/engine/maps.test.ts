import { describe, expect, it } from "vitest";
import { completed, failed, mapOver, onError, planOf, returned, ScriptedRun } from "../../test/support/scripted-run.ts";
import type { MapState } from "../wire/run-state.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const square = completed({ messages: [returned(1)] });

function begun(items: number, limits = {}): ScriptedRun {
  const plan = planOf({ executors: ["List", "Each", "Join"], edges: [mapOver("List", "Each", "Join")], limits });
  const run = new ScriptedRun(plan);
  run.step({ List: completed({ messages: [returned(numbers(items))] }) });
  return run;
}

function mapOf({ state }: ScriptedRun): MapState {
  const map = state.maps["1"];
  if (!map) throw new Error("The map has ended.");
  return map;
}

describe("a map over a long list", () => {
  it("goes through it in windows, and joins all results", () => {
    const run = begun(10_000);
    const windows = [];
    while (Object.keys(run.state.maps).length > 0) windows.push(run.step({ Each: square }).length);
    expect(windows).toEqual(Array.from({ length: 100 }, () => 100));
    const [join] = run.take();
    expect(join?.call).toMatchObject({ valueJson: JSON.stringify(numbers(10_000).map(() => 1)) });
  });

  it("copies a piece of it in a superstep, and never the whole", () => {
    const run = begun(1_000);
    for (let window = 0; window < 5; window++) run.step({ Each: square });
    const before = mapOf(run);
    run.step({ Each: square });
    const after = mapOf(run);
    expect([before.waiting.length, after.waiting.length]).toEqual([5, 4]);
    after.waiting.forEach((piece, place) => {
      expect(piece).toBe(before.waiting[place + 1]);
    });
    expect([before.results.length, after.results.length]).toEqual([5, 6]);
    before.results.slice(0, -1).forEach((piece, place) => {
      expect(after.results[place]).toBe(piece);
    });
  });

  it("hands an executor its item alone", () => {
    const run = begun(1_000);
    const deliveries = run.take();
    expect(deliveries).toHaveLength(100);
    expect(deliveries[7]).toMatchObject({ isItem: true, call: { valueJson: "7", from: "List" } });
    expect(JSON.stringify(deliveries[7]).length).toBeLessThan(300);
  });

  it("puts results in the order of the items, in whichever order they come", () => {
    const run = begun(3, { maxCallsPerSuperstep: 10 });
    const outcomes = run.take().map((delivery) => {
      const value = delivery.call.kind === "message" ? Number(delivery.call.valueJson) * 10 : 0;
      return { ...delivery, startedAtMs: 0, endedAtMs: 5, result: completed({ messages: [returned(value)] }) };
    });
    run.apply(outcomes.reverse());
    expect(run.take()[0]?.call).toMatchObject({ valueJson: "[0,10,20]" });
  });

  it("lets other messages go before its next items, and they it", () => {
    const plan = planOf({
      executors: ["List", "Each", "Join", "Busy"],
      edges: [
        mapOver("List", "Each", "Join"),
        { kind: "direct", id: "b", from: "List", to: "Busy", isConditional: false },
        { kind: "direct", id: "l", from: "Busy", to: "Busy", isConditional: false },
      ],
      limits: { maxCallsPerSuperstep: 2 },
    });
    const run = new ScriptedRun(plan);
    run.step({ List: completed({ messages: [returned(numbers(4))] }) });
    const busy = completed({ messages: [returned(0), returned(0)] });
    const steps = [1, 2, 3, 4, 5].map(() => run.step({ Each: square, Busy: busy }));
    expect(steps.flat().filter((id) => id === "Each")).toHaveLength(4);
    expect(steps.flat().filter((id) => id === "Busy").length).toBeGreaterThan(3);
  });
});

describe("a map that cannot come to what it promises", () => {
  it("ends with its superstep, and closes what its other items still asked for or were put off for", () => {
    const plan = planOf({
      executors: ["List", "Port", "Join", "Sorry"],
      ports: ["Port"],
      edges: [mapOver("List", "Port", "Join"), onError("Port", "Sorry")],
    });
    const run = new ScriptedRun(plan);
    run.step({ List: completed({ messages: [returned([1, 2, 3])] }) });
    run.step({
      Port: ({ callKey }) => {
        if (callKey === "Port-2-1") return failed("broken");
        if (callKey === "Port-2-2") return { status: "requestOpened", requestJson: "2" };
        return failed("gone", "EXECUTOR_NOT_DEPLOYED");
      },
    });
    expect(run.state).toMatchObject({ maps: {}, requests: [], delayed: [] });
    expect(run.eventsOf("requestClosed")).toMatchObject([{ executorId: "Port" }]);
    expect(run.eventsOf("executorGivenUp")).toMatchObject([{ callKey: "Port-2-3" }]);
    expect(run.run()).toEqual([["Sorry"]]);
    expect(run.state).toMatchObject({ status: "completed", counts: { Port: { started: 3, completed: 0, failed: 3 } } });
  });
});

describe("a list that a map cannot take", () => {
  it.each([
    ["no list", { a: 1 }, "MAP_NO_LIST"],
    ["too many items", numbers(4), "MAP_TOO_WIDE"],
  ])("fails the run: %s", (_what, value, code) => {
    const plan = planOf({
      executors: ["List", "Each", "Join"],
      edges: [mapOver("List", "Each", "Join")],
      limits: { maxMapItems: 3 },
    });
    const run = new ScriptedRun(plan);
    run.step({ List: completed({ messages: [returned(value)] }) });
    expect(run.state).toMatchObject({ status: "failed", error: { code }, maps: {} });
  });
});

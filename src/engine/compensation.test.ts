import { describe, expect, it } from "vitest";
import { completed, direct, failed, planOf, returned, ScriptedRun } from "../../test/support/scripted-run.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { Limits, Plan } from "../wire/plan.ts";

/** `A`, `B` and `Loop` can be undone. */
function undoable(edges: [string, string][], limits: Partial<Limits> = {}): Plan {
  const plan = planOf({
    executors: ["A", "B", "C"],
    ports: ["C"],
    edges: edges.map(([from, to]) => direct(from, to)),
    limits,
  });
  const executors = plan.executors.map((one) => (one.id === "C" ? one : { ...one, compensates: true as const }));
  return { ...plan, executors };
}

const chain: [string, string][] = [
  ["A", "B"],
  ["B", "C"],
];
const sends = (delivery: Delivery) =>
  delivery.call.kind === "compensation"
    ? completed()
    : completed({ messages: [returned(`from ${delivery.executorId}`)] });
const undone = (run: ScriptedRun) => run.eventsOf("compensationCompleted").map(({ callKey }) => callKey);

describe("undoing what a run has done", () => {
  it("gives each call its input and its output, and nothing of its edges", () => {
    const run = new ScriptedRun(undoable(chain), "in");
    run.step({ A: sends });
    run.step({ B: failed("no") });
    expect(run.state.status).toBe("running");
    expect(run.take()).toMatchObject([
      {
        executorId: "A",
        callKey: "A-1-1-compensation",
        attempt: 1,
        call: { kind: "compensation", inputJson: '"in"', outputJson: '"from A"' },
        edges: [],
      },
    ]);
  });

  it("leaves a run without anything to hold, and with the failure it had", () => {
    const run = new ScriptedRun(undoable(chain), "in");
    run.run({ A: sends, B: sends, C: failed("no", "E_FIRST") });
    expect(undone(run)).toEqual(["B-2-1-compensation", "A-1-1-compensation"]);
    expect(run.state).toMatchObject({ status: "failed", error: { code: "E_FIRST" }, chars: 0, queue: [], delayed: [] });
    expect(run.events.at(-1)).toMatchObject({ type: "runFailed", error: { code: "E_FIRST" } });
  });

  it("keeps what could not be undone, in short: the first 20 of it", () => {
    const run = new ScriptedRun(undoable([["A", "A"]], { maxSupersteps: 25 }), "in");
    const stuck = (delivery: Delivery) =>
      delivery.call.kind === "compensation" ? failed("x".repeat(2_000), "STUCK") : sends(delivery);
    run.run({ A: stuck });
    expect(run.eventsOf("compensationFailed")).toHaveLength(25);
    const { compensationErrors = [], error } = run.state;
    expect(error?.code).toBe("MAX_SUPERSTEPS");
    expect(compensationErrors).toHaveLength(20);
    expect(compensationErrors[0]).toEqual({
      executorId: "A",
      callKey: "A-25-1-compensation",
      code: "STUCK",
      message: `${"x".repeat(999)}…`,
    });
  });

  it("happens also when a loop has reached its limit", () => {
    const run = new ScriptedRun(undoable([["A", "A"]], { maxSupersteps: 3 }), "in");
    run.run({ A: sends });
    expect(run.state).toMatchObject({ status: "failed", superstep: 6, error: { code: "MAX_SUPERSTEPS" } });
    expect(undone(run)).toEqual(["A-3-1-compensation", "A-2-1-compensation", "A-1-1-compensation"]);
    expect(run.eventsOf("messageDropped")).toMatchObject([{ executorId: "A", reason: "runEnded" }]);
  });

  it("is not changed by answers, a cancel or the time limit of the run", () => {
    const run = new ScriptedRun({ ...undoable(chain), timeoutMs: 1_000 }, "in");
    run.run({ A: sends, B: sends, C: { status: "requestOpened", requestJson: '"?"' } });
    const requestId = run.state.requests[0]?.requestId ?? "";
    run.cancel("first");
    expect(run.state).toMatchObject({ status: "running", requests: [] });
    run.respond(requestId, "late");
    run.cancel("second");
    run.wake(2_000);
    run.run({ A: sends, B: sends });
    expect(run.eventsOf("responseIgnored")).toMatchObject([{ requestId }]);
    expect(run.eventsOf("runCancelled")).toMatchObject([{ reason: "first" }]);
    expect(run.events.at(-1)?.type).toBe("runCancelled");
  });

  it("counts the calls that it keeps among what the run holds", () => {
    const run = new ScriptedRun(undoable([["A", "C"]]), "in");
    run.step({ A: sends });
    expect(run.state.chars).toBe('"in"'.length + '"from A"'.length + '"from A"'.length);
  });
});

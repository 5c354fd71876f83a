import { describe, expect, it } from "vitest";
import { completed, direct, failed, onError, planOf, returned, ScriptedRun } from "../../test/support/scripted-run.ts";
import type { OutcomeResult } from "../wire/outcome.ts";
import type { Plan, PlanExecutor } from "../wire/plan.ts";
import { isWaiting, nextWake } from "./transitions.ts";

const asks: OutcomeResult = { status: "requestOpened", requestJson: '"?"' };
const takes = completed({ messages: [returned("answered")] });
const error = { name: "E", code: "PORT_RESPONSE_INVALID", message: "no", retryable: false, causes: [], issues: [] };
const rejects: OutcomeResult = { status: "responseRejected", error };

/** `Ask` asks for 100 ms; the scripted call ends at 5, so a request is due at 105. */
function planWith(more: Partial<PlanExecutor["requestTimeout"]> = {}): Plan {
  const plan = planOf({
    executors: ["Ask", "Boss", "End"],
    ports: ["Ask", "Boss"],
    edges: [direct("Ask", "End"), direct("Boss", "End")],
    outputs: ["End"],
  });
  const requestTimeout = { afterMs: 100, ...more };
  return { ...plan, executors: plan.executors.map((one) => (one.id === "Ask" ? { ...one, requestTimeout } : one)) };
}

function open(plan: Plan) {
  const run = new ScriptedRun(plan, "?");
  run.step({ Ask: asks });
  const requestId = run.state.requests[0]?.requestId ?? "";
  return { run, requestId };
}
const ends = (run: ScriptedRun) => run.events.map(({ type }) => type);

describe("an answer and a timeout", () => {
  const plan = planWith({ respondWithJson: '"late"' });

  it("wait for each other, and the run is woken at the deadline", () => {
    const { run } = open(plan);
    expect(isWaiting(run.state)).toBe(true);
    expect(nextWake(run.state)).toBe(105);
    run.wake(104);
    expect(run.step()).toEqual([]);
    run.wake(105);
    expect(run.take()).toMatchObject([{ call: { kind: "response", responseJson: '"late"' } }]);
  });

  it("the answer wins when it was taken in first", () => {
    const { run, requestId } = open(plan);
    run.respond(requestId, "mine");
    run.wake(200);
    expect(run.take()).toMatchObject([{ call: { responseJson: '"mine"' } }]);
    expect(ends(run)).not.toContain("requestTimedOut");
  });

  it("the timeout wins when it was taken in first, and the answer is ignored", () => {
    const { run, requestId } = open(plan);
    run.wake(105);
    run.respond(requestId, "mine");
    run.run({ Ask: takes, End: takes });
    expect(run.state.status).toBe("completed");
    expect(run.eventsOf("requestTimedOut")).toMatchObject([{ executorId: "Ask", requestId, followedBy: "response" }]);
    expect(run.eventsOf("requestAnswered")).toMatchObject([{ response: '"late"' }]);
    expect(run.eventsOf("responseIgnored")).toMatchObject([{ requestId }]);
  });

  it("the timeout comes after an answer that does not fit", () => {
    const { run, requestId } = open(plan);
    run.respond(requestId, "mine");
    run.wake(200);
    run.step({ Ask: rejects });
    expect(nextWake(run.state)).toBe(105);
    run.wake(200);
    expect(run.take()).toMatchObject([{ call: { responseJson: '"late"' } }]);
  });
});

it("a response of its own that the deployed port does not take fails the request, once", () => {
  const { run } = open(planWith({ respondWithJson: '"late"' }));
  run.wake(105);
  run.step({ Ask: rejects });
  expect(run.state).toMatchObject({ status: "failed", error: { code: "REQUEST_TIMED_OUT", executorId: "Ask" } });
});

it("a valid answer behind such a response still counts", () => {
  const { run, requestId } = open(planWith({ respondWithJson: '"late"' }));
  run.wake(105);
  run.respond(requestId, "mine");
  run.step({ Ask: rejects });
  run.run({ Ask: takes, End: takes });
  expect(run.state.status).toBe("completed");
});

it("an escalation asks the next port the same, and closes the request", () => {
  const { run, requestId } = open(planWith({ escalateTo: "Boss" }));
  run.wake(105);
  expect(run.state.requests).toEqual([]);
  expect(run.take()).toMatchObject([{ executorId: "Boss", call: { kind: "message", from: "Ask", valueJson: '"?"' } }]);
  run.respond(requestId, "mine");
  expect(run.events.at(-1)).toMatchObject({ type: "responseIgnored", requestId });
});

it("without either the run fails, and what it held is let go", () => {
  const { run } = open(planWith());
  run.wake(105);
  expect(run.state).toMatchObject({ status: "failed", requests: [], chars: 0, error: { code: "REQUEST_TIMED_OUT" } });
  expect(run.state.counts.Ask).toEqual({ started: 1, completed: 0, failed: 1 });
});

it("a port that cannot send its response on has used up its request", () => {
  const plan = planWith();
  const { run, requestId } = open({
    ...plan,
    edges: [...plan.edges, onError("Ask", "End")],
  });
  run.respond(requestId, "mine");
  run.step({ Ask: failed("no way on", "CONDITION_FAILED") });
  expect(run.state.requests).toEqual([]);
  const [delivery] = run.take();
  expect(JSON.parse(delivery?.call.kind === "message" ? delivery.call.valueJson : "null")).toMatchObject({
    executorId: "Ask",
    input: "?",
    error: { code: "CONDITION_FAILED" },
  });
});

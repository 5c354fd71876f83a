import { describe, expect, it } from "vitest";
import {
  completed,
  direct,
  failed,
  fanOut,
  outcomeOf,
  planOf,
  returned,
  ScriptedRun,
} from "../../test/support/scripted-run.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { OutcomeResult } from "../wire/outcome.ts";
import { isWaiting } from "./transitions.ts";

const plan = planOf({ executors: ["Ask", "Then"], ports: ["Ask"], edges: [direct("Ask", "Then")], outputs: ["Then"] });
const rejected: OutcomeResult = {
  status: "responseRejected",
  error: {
    name: "WorkflowError",
    code: "PORT_RESPONSE_INVALID",
    message: "no",
    retryable: false,
    causes: [],
    issues: [],
  },
};

/** Asks what it is sent, refuses the response "bad", and sends any other on. */
function port({ call }: Delivery): OutcomeResult {
  if (call.kind === "message") return { status: "requestOpened", requestJson: call.valueJson };
  if (call.kind !== "response") throw new Error("A port undoes nothing.");
  return call.responseJson === '"bad"' ? rejected : completed({ messages: [returned(JSON.parse(call.responseJson))] });
}
const script = { Ask: port, Then: (delivery: Delivery) => completed({ messages: [returned(delivery.call)] }) };

function askedRun() {
  const run = new ScriptedRun(plan, "May I?");
  run.run(script);
  const requestId = run.state.requests[0]?.requestId ?? "";
  return { run, requestId };
}

describe("a port request", () => {
  it("is open until it is answered; the run waits", () => {
    const { run, requestId } = askedRun();
    expect(run.state.requests).toMatchObject([{ port: "Ask", requestJson: '"May I?"', isAnswering: false }]);
    expect(requestId).toMatch(/^ask-1-[0-9a-f]{8}$/);
    expect(isWaiting(run.state)).toBe(true);
    run.respond(requestId, "yes");
    expect(run.state.requests).toMatchObject([{ isAnswering: true }]);
    expect(run.run(script)).toEqual([["Ask"], ["Then"]]);
    expect(run.state).toMatchObject({ status: "completed", requests: [] });
    expect(run.events.map(({ type }) => type)).toEqual([
      "runStarted",
      "executorStarted",
      "requestOpened",
      "executorStarted",
      "requestAnswered",
      "executorCompleted",
      "executorStarted",
      "executorCompleted",
      "runOutput",
      "runCompleted",
    ]);
  });

  it("has an id that comes from seed, run and counter", () => {
    const { requestId } = askedRun();
    expect(requestId).toBe("ask-1-10fa55de");
  });

  it("is one call of its port, with the response that belongs to it", () => {
    const { run, requestId } = askedRun();
    expect(run.state.counts).toEqual({ Ask: { started: 1, completed: 0, failed: 0 } });
    run.respond(requestId, "yes");
    run.step(script);
    expect(run.state.counts.Ask).toEqual({ started: 1, completed: 1, failed: 0 });
  });

  it("hands the port the request beside the response", () => {
    const { run, requestId } = askedRun();
    run.respond(requestId, "yes");
    expect(run.take()[0]?.call).toEqual({
      kind: "response",
      requestId,
      requestJson: '"May I?"',
      responseJson: '"yes"',
    });
  });

  it("holds up no other branch", () => {
    const run = new ScriptedRun(
      planOf({
        executors: ["Start", "Ask", "Work"],
        ports: ["Ask"],
        edges: [fanOut("Start", ["Ask", "Work"]), direct("Work", "Work")],
      }),
    );
    const busy = {
      Start: completed({ messages: [returned(1)] }),
      Ask: port,
      Work: completed({ messages: [returned(1)] }),
    };
    expect([run.step(busy), run.step(busy), run.step(busy), run.step(busy)]).toEqual([
      ["Start"],
      ["Ask", "Work"],
      ["Work"],
      ["Work"],
    ]);
    expect(run.state.requests).toHaveLength(1);
  });
});

describe("a response that does not fit", () => {
  it("leaves the request open", () => {
    const { run, requestId } = askedRun();
    run.respond(requestId, "bad");
    run.run(script);
    expect(run.state.requests).toMatchObject([{ requestId, isAnswering: false }]);
    expect(run.eventsOf("responseRejected")).toMatchObject([{ executorId: "Ask", requestId }]);
    run.respond(requestId, "good");
    run.run(script);
    expect(run.state.status).toBe("completed");
  });

  it("does not lose the valid one that came behind it", () => {
    const { run, requestId } = askedRun();
    run.respond(requestId, "bad");
    run.respond(requestId, "good");
    expect(run.run(script)).toEqual([["Ask"], ["Ask"], ["Then"]]);
    expect(run.eventsOf("requestAnswered")).toMatchObject([{ response: '"good"' }]);
    expect(run.eventsOf("responseIgnored")).toEqual([]);
  });
});

it("fails a run that a response makes hold too much text, before its port is called", () => {
  const run = new ScriptedRun(planOf({ executors: ["Ask"], ports: ["Ask"], limits: { maxStateChars: 20 } }), "May I?");
  run.run(script);
  run.respond(run.state.requests[0]?.requestId ?? "", "no, not today");
  expect(run.state).toMatchObject({ status: "failed", error: { code: "STATE_TOO_LARGE" }, requests: [] });
  expect(run.state.error?.message).toContain("holds 23 characters");
  expect(run.step(script)).toEqual([]);
});

describe("a response too many", () => {
  it("is ignored when one before it was taken, and the run says so", () => {
    const { run, requestId } = askedRun();
    run.respond(requestId, "first");
    run.respond(requestId, "second");
    expect(run.run(script)).toEqual([["Ask"], ["Then"]]);
    expect(run.eventsOf("requestAnswered")).toMatchObject([{ response: '"first"' }]);
    expect(run.eventsOf("responseIgnored")).toMatchObject([{ requestId }]);
    expect(run.state.queue).toEqual([]);
  });

  it("is ignored when there is no such request", () => {
    const { run } = askedRun();
    run.respond("ask-9-00000000", "yes");
    expect(run.eventsOf("responseIgnored")).toMatchObject([{ requestId: "ask-9-00000000" }]);
    expect(run.state.queue).toEqual([]);
  });

  it("changes nothing in a run that has ended", () => {
    const { run, requestId } = askedRun();
    run.cancel();
    const { state } = run;
    run.respond(requestId, "yes");
    expect(run.state).toBe(state);
  });
});

it("closes open requests when the run ends", () => {
  const run = new ScriptedRun(
    planOf({ executors: ["Start", "Ask"], ports: ["Ask"], edges: [fanOut("Start", ["Ask", "Start"])] }),
  );
  run.step({ Start: completed({ messages: [returned(1)] }) });
  run.step({ Start: completed({ messages: [returned(1)] }), Ask: port });
  expect(run.state.requests).toHaveLength(1);
  run.step({ Start: failed("no"), Ask: port });
  expect(run.state).toMatchObject({ status: "failed", requests: [] });
});

it("delivers a response that was put off once the port is there again", () => {
  const { run, requestId } = askedRun();
  run.respond(requestId, "yes");
  run.step({ Ask: failed("gone", "EXECUTOR_NOT_DEPLOYED") });
  expect(run.state.requests).toMatchObject([{ isAnswering: true }]);
  run.wake(60_000);
  const [delivery] = run.take();
  expect(delivery?.callKey).toBe("Ask-2-1");
  if (delivery) run.apply([outcomeOf(delivery, port(delivery))]);
  expect(run.eventsOf("requestAnswered")).toHaveLength(1);
});

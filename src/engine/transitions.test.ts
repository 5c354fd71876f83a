import { describe, expect, it } from "vitest";
import {
  completed,
  conditional,
  direct,
  failed,
  fanIn,
  fanOut,
  outcomeOf,
  planOf,
  returned,
  ScriptedRun,
  sent,
  switchOf,
} from "../../test/support/scripted-run.ts";
import { isWaiting, nextWake, takeDeliveries } from "./transitions.ts";

const returns = (value: unknown) => completed({ messages: [returned(value)] });

describe("supersteps", () => {
  it("go as the walkthrough shows: queue, calls, barrier", () => {
    const run = new ScriptedRun(
      planOf({
        executors: ["Start", "Left", "Right", "Further", "Join"],
        edges: [fanOut("Start", ["Left", "Right"]), direct("Right", "Further"), fanIn(["Left", "Further"], "Join")],
        outputs: ["Join"],
      }),
    );
    const script = {
      Start: returns(1),
      Left: returns("l"),
      Right: returns("r"),
      Further: returns("f"),
      Join: returns(0),
    };
    expect(run.state.queue.map(({ to }) => to)).toEqual(["Start"]);
    expect(run.step(script)).toEqual(["Start"]);
    expect(run.state.queue.map(({ to }) => to)).toEqual(["Left", "Right"]);
    expect(run.step(script)).toEqual(["Left", "Right"]);
    expect(run.state.queue.map(({ to }) => to)).toEqual(["Further"]);
    expect(run.state.barriers).toEqual({ "[Left,Further]->Join": { Left: ['"l"'] } });
    expect(run.step(script)).toEqual(["Further"]);
    expect(run.state.queue).toMatchObject([{ to: "Join", from: "Join", valueJson: '["l","f"]' }]);
    expect(run.state.barriers).toEqual({});
    expect(run.step(script)).toEqual(["Join"]);
    expect(run.state.status).toBe("completed");
    expect(run.outputs).toEqual([0]);
  });

  it("call in the order of the plan, whatever order the messages were sent in", () => {
    const run = new ScriptedRun(
      planOf({ executors: ["Start", "A", "B"], edges: [direct("Start", "B"), direct("Start", "A")] }),
    );
    expect(run.run({ Start: completed({ messages: [sent(1), sent(2)] }) })).toEqual([["Start"], ["A", "A", "B", "B"]]);
  });

  it("give each call a key of executor, superstep and ordinal", () => {
    const run = new ScriptedRun(planOf({ executors: ["Start", "A"], edges: [direct("Start", "A")] }));
    run.step({ Start: completed({ messages: [sent(1), sent(2)] }) });
    expect(run.take().map(({ callKey }) => callKey)).toEqual(["A-2-1", "A-2-2"]);
  });

  it("deliver at most as many messages as the limit says, and keep the rest in order", () => {
    const run = new ScriptedRun(
      planOf({ executors: ["Start", "A"], edges: [direct("Start", "A")], limits: { maxCallsPerSuperstep: 2 } }),
    );
    const seen: unknown[] = [];
    const A = ({ call }: { call: object }) => {
      seen.push(Reflect.get(call, "valueJson"));
      return completed();
    };
    const start = completed({ messages: [sent(1), sent(2), sent(3), sent(4), sent(5)] });
    expect(run.run({ Start: start, A })).toEqual([["Start"], ["A", "A"], ["A", "A"], ["A"]]);
    expect(seen).toEqual(["1", "2", "3", "4", "5"]);
  });

  it("deliver what was sent earlier first, also to executors that come later in the plan", () => {
    const run = new ScriptedRun(
      planOf({
        executors: ["Start", "A", "B"],
        edges: [fanOut("Start", ["A", "B"]), direct("A", "A")],
        limits: { maxCallsPerSuperstep: 1 },
      }),
    );
    const script = { Start: returns(1), A: returns(1) };
    run.step(script);
    expect([run.step(script), run.step(script), run.step(script)]).toEqual([["A"], ["B"], ["A"]]);
  });

  it("hand an executor its declared state and its own edges, and nothing else", () => {
    const run = new ScriptedRun(
      planOf({
        executors: ["Start", "A", "Join"],
        edges: [direct("Start", "A"), fanIn(["Start", "A"], "Join")],
        state: { seen: "1", secret: "2", total: "3" },
        reads: { Start: ["seen"] },
        writes: { Start: ["total"] },
      }),
    );
    const [delivery] = run.take();
    expect(delivery?.state).toEqual({ seen: "1", total: "3" });
    expect(delivery?.edges.map(({ id }) => id)).toEqual(["Start->A", "[Start,A]->Join"]);
  });

  it("leave the state they started from as it was", () => {
    const run = new ScriptedRun(planOf({ executors: ["Start", "A"], edges: [direct("Start", "A")], outputs: ["A"] }));
    const before = run.state;
    const copy = structuredClone(before);
    run.run({ Start: returns(1), A: returns(2) });
    expect(before).toEqual(copy);
  });
});

describe("routes", () => {
  const called = (edges: Parameters<typeof planOf>[0]["edges"], message: ReturnType<typeof sent>) => {
    const run = new ScriptedRun(planOf({ executors: ["Start", "A", "B", "C"], edges: edges ?? [] }));
    run.step({ Start: completed({ messages: [message] }) });
    return run.step();
  };

  it("follow a condition as it was answered", () => {
    const edges = [conditional("Start", "A"), conditional("Start", "B")];
    expect(called(edges, sent(1, { routes: { "Start?A": false, "Start?B": true } }))).toEqual(["B"]);
  });

  it("follow the case of a switch, or its default", () => {
    const edges = [switchOf("Start", ["A", "B"], "C")];
    expect(called(edges, sent(1, { routes: { "Start?[A,B]": 1 } }))).toEqual(["B"]);
    expect(called(edges, sent(1, { routes: { "Start?[A,B]": -1 } }))).toEqual(["C"]);
  });

  it("follow a selector, in the order of the plan", () => {
    const edges = [fanOut("Start", ["A", "B", "C"], true)];
    expect(called(edges, sent(1, { routes: { "Start->[A,B,C]": ["C", "A"] } }))).toEqual(["A", "C"]);
  });

  it("go to the named target only", () => {
    expect(called([fanOut("Start", ["A", "B"]), direct("Start", "C")], sent(1, { to: "B" }))).toEqual(["B"]);
  });
});

describe("messages no edge takes", () => {
  it("are recorded", () => {
    const run = new ScriptedRun(planOf({ executors: ["Start", "A"], edges: [switchOf("Start", ["A"], null)] }));
    run.run({ Start: completed({ messages: [sent("x", { routes: { "Start?[A]": -1 } })] }) });
    expect(run.eventsOf("messageDropped")).toMatchObject([
      { executorId: "Start", message: '"x"', reason: "noEdgeTookIt", superstep: 1 },
    ]);
    expect(run.state).toMatchObject({ status: "completed", messagesDropped: 1 });
  });

  it("are not lost when they are outputs", () => {
    const run = new ScriptedRun(planOf({ executors: ["Start"], outputs: ["Start"] }));
    run.run({ Start: completed({ messages: [sent("lost"), returned("kept")] }) });
    expect(run.eventsOf("messageDropped").map(({ message }) => message)).toEqual(['"lost"']);
    expect(run.outputs).toEqual(["kept"]);
  });
});

describe("outputs", () => {
  it("are what is yielded, then what output executors return, in order", () => {
    const run = new ScriptedRun(
      planOf({ executors: ["Start", "A"], edges: [direct("Start", "A")], outputs: ["Start", "A"] }),
    );
    run.run({ Start: completed({ messages: [returned(2)], yielded: ["1"] }), A: returns(3) });
    expect(run.outputs).toEqual([1, 2, 3]);
    expect(run.eventsOf("runOutput").map(({ executorId, output }) => [executorId, output])).toEqual([
      ["Start", "1"],
      ["Start", "2"],
      ["A", "3"],
    ]);
  });

  it("may be missing: a run with nothing left to do is complete", () => {
    const run = new ScriptedRun(planOf({ executors: ["Start"] }));
    run.run();
    expect(run.state).toMatchObject({ status: "completed", outputs: [] });
    expect(run.events.map(({ type }) => type)).toEqual([
      "runStarted",
      "executorStarted",
      "executorCompleted",
      "runCompleted",
    ]);
  });
});

describe("state", () => {
  const plan = planOf({
    executors: ["Start", "A", "B"],
    edges: [fanOut("Start", ["A", "B"])],
    state: { total: "0" },
    reads: { B: ["total"] },
    writes: { Start: ["total"], A: ["total"] },
  });

  it("is seen by others in the next superstep", () => {
    const run = new ScriptedRun(plan);
    run.step({ Start: completed({ messages: [returned(1)], writes: { total: "7" } }) });
    expect(run.take().find(({ executorId }) => executorId === "B")?.state).toEqual({ total: "7" });
  });

  it("refuses two writers in one superstep, and names both", () => {
    const run = new ScriptedRun(plan);
    run.run({ Start: returns(1), A: completed({ writes: { total: "1" } }), B: completed({ writes: { total: "2" } }) });
    expect(run.state).toMatchObject({ status: "failed", error: { code: "STATE_CONFLICT" } });
    expect(run.state.error?.message).toContain('Calls A-2-1 and B-2-1 both wrote the state key "total"');
  });
});

describe("a halt", () => {
  it("ends the run as completed after its superstep, and records what is left", () => {
    const run = new ScriptedRun(
      planOf({
        executors: ["Start", "A", "B", "Join"],
        edges: [fanOut("Start", ["A", "B"]), direct("A", "A"), fanIn(["A", "B"], "Join")],
      }),
    );
    run.run({ Start: returns(1), A: returns("again"), B: completed({ haltRequested: true }) });
    expect(run.state).toMatchObject({ status: "completed", queue: [], barriers: {}, chars: 0 });
    expect(run.eventsOf("messageDropped").map(({ message, reason }) => [message, reason])).toEqual([
      ['"again"', "runEnded"],
      ['"again"', "runEnded"],
    ]);
    expect(run.eventsOf("runCompleted")).toMatchObject([{ haltedBy: "B" }]);
  });

  it.each([
    ["Halts", "Fails"],
    ["Fails", "Halts"],
  ])("covers up no failure of its superstep, in the order %s, %s", (first, second) => {
    const run = new ScriptedRun(
      planOf({ executors: ["Start", first, second], edges: [fanOut("Start", [first, second])] }),
    );
    run.run({ Start: returns(1), Halts: completed({ haltRequested: true }), Fails: failed("no") });
    expect(run.state).toMatchObject({ status: "failed", error: { message: "no", executorId: "Fails" } });
    expect(run.eventsOf("runCompleted")).toEqual([]);
  });
});

describe("a failure", () => {
  it("fails the run with the first failure in the order of delivery, after every outcome was recorded", () => {
    const run = new ScriptedRun(planOf({ executors: ["Start", "A", "B"], edges: [fanOut("Start", ["A", "B"])] }));
    run.step({ Start: returns(1) });
    const [a, b] = run.take();
    if (!a || !b) throw new Error("Two calls were expected.");
    run.apply([outcomeOf(b, failed("second")), outcomeOf(a, failed("first", "E_FIRST"))]);
    expect(run.eventsOf("executorFailed").map(({ executorId }) => executorId)).toEqual(["A", "B"]);
    expect(run.state.error).toMatchObject({ executorId: "A", message: "first", code: "E_FIRST" });
    expect(run.events.at(-1)).toMatchObject({ type: "runFailed", error: { executorId: "A" } });
  });

  it("shows when a shell has no outcome for a call", () => {
    const run = new ScriptedRun(planOf({ executors: ["Start"] }));
    run.take();
    run.apply([]);
    expect(run.state).toMatchObject({ status: "failed", error: { code: "ACTIVITY_LOST", executorId: "Start" } });
  });
});

describe("an executor that is not deployed", () => {
  const gone = failed("gone", "EXECUTOR_NOT_DEPLOYED");
  const plan = planOf({ executors: ["Start", "A"], edges: [direct("Start", "A")], outputs: ["A"] });

  it("is called again after a minute, then twice as long each time, up to an hour, with the same key and attempt", () => {
    const run = new ScriptedRun(plan);
    const waits: number[] = [];
    run.run({ Start: returns(1), A: gone });
    for (let time = 0; time < 8; time++) {
      expect(isWaiting(run.state)).toBe(true);
      const due = nextWake(run.state) ?? Number.NaN;
      waits.push((due - run.nowMs) / 60_000);
      run.wake(due - 1);
      expect(run.step()).toEqual([]);
      run.wake(due);
      run.step({ A: gone });
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(new Set(run.eventsOf("executorDelayed").map(({ callKey }) => callKey))).toEqual(new Set(["A-2-1"]));
    run.wake(nextWake(run.state) ?? 0);
    expect(run.take()).toMatchObject([{ callKey: "A-2-1", attempt: 1, superstep: 11, call: { valueJson: "1" } }]);
  });

  it("counts one call, however often it was put off", () => {
    const run = new ScriptedRun(plan);
    run.run({ Start: returns(1), A: gone });
    run.wake(60_000);
    run.run({ A: returns("there") });
    expect(run.state.counts).toEqual({
      Start: { started: 1, completed: 1, failed: 0 },
      A: { started: 1, completed: 1, failed: 0 },
    });
    expect(run.outputs).toEqual(["there"]);
  });
});

describe("cancel", () => {
  const plan = planOf({ executors: ["Start", "A"], edges: [direct("Start", "A")], outputs: ["Start"] });

  it("ends a run at once between two supersteps", () => {
    const run = new ScriptedRun(plan);
    run.cancel("not needed");
    expect(run.state).toMatchObject({ status: "cancelled", cancelReason: "not needed" });
    expect(run.events.at(-1)).toMatchObject({ type: "runCancelled", reason: "not needed" });
    expect(run.step()).toEqual([]);
  });

  it("records the results of calls in flight and delivers nothing more", () => {
    const run = new ScriptedRun(plan);
    const [start] = run.take();
    run.cancel();
    expect(run.state.status).toBe("running");
    if (start) run.apply([outcomeOf(start, returns("done"))]);
    expect(run.state.status).toBe("cancelled");
    expect(run.outputs).toEqual(["done"]);
    expect(run.step()).toEqual([]);
  });

  it("comes before the failures it causes", () => {
    const run = new ScriptedRun(plan);
    const [start] = run.take();
    run.cancel();
    if (start) run.apply([outcomeOf(start, failed("This operation was aborted"))]);
    expect(run.state.status).toBe("cancelled");
    expect(run.eventsOf("executorFailed")).toHaveLength(1);
  });

  it("leaves an ended run as it is", () => {
    const run = new ScriptedRun(planOf({ executors: ["Start"] }));
    run.run();
    const { state } = run;
    run.cancel();
    expect(run.state).toBe(state);
  });
});

describe("limits", () => {
  it("fail a run that takes too many supersteps", () => {
    const run = new ScriptedRun(
      planOf({ executors: ["Start"], edges: [direct("Start", "Start")], limits: { maxSupersteps: 3 } }),
    );
    run.run({ Start: returns(1) });
    expect(run.state).toMatchObject({ status: "failed", superstep: 3, error: { code: "MAX_SUPERSTEPS" } });
  });

  it("let a run take exactly as many supersteps as they say", () => {
    const run = new ScriptedRun(planOf({ executors: ["Start"], limits: { maxSupersteps: 1 } }));
    run.run();
    expect(run.state.status).toBe("completed");
  });

  it("fail a run that holds too much text", () => {
    const run = new ScriptedRun(
      planOf({ executors: ["Start", "A"], edges: [direct("Start", "A")], limits: { maxStateChars: 10 } }),
    );
    run.run({ Start: returns("123456789") });
    expect(run.state).toMatchObject({ status: "failed", error: { code: "STATE_TOO_LARGE" } });
    expect(run.state.error?.message).toContain("11 characters");
  });

  it("fail a run whose input alone is too much", () => {
    const run = new ScriptedRun(planOf({ executors: ["Start"], limits: { maxStateChars: 3 } }), "abcd");
    expect(run.state.error?.code).toBe("STATE_TOO_LARGE");
    expect(run.events.map(({ type }) => type)).toEqual(["runStarted", "runFailed"]);
  });
});

it("does not begin a superstep when nothing is queued", () => {
  const run = new ScriptedRun(planOf({ executors: ["Start"], ports: ["Start"] }));
  run.step({ Start: { status: "requestOpened", requestJson: "1" } });
  expect(takeDeliveries(run.plan, run.state, 0)).toEqual({ state: run.state, events: [], deliveries: [] });
});

it("takes executors and state keys for what they are when they are named like members of every object", () => {
  const run = new ScriptedRun(
    planOf({
      executors: ["toString", "constructor", "valueOf"],
      edges: [direct("toString", "constructor"), fanIn(["toString", "constructor"], "valueOf")],
      outputs: ["valueOf"],
      reads: { toString: ["constructor"] },
    }),
  );
  const [delivery] = run.take();
  expect(Object.keys(delivery?.state ?? { none: true })).toEqual([]);
  if (delivery) run.apply([outcomeOf(delivery, returns("s"))]);
  run.run({ constructor: returns("c"), valueOf: returns("v") });
  expect(run.eventsOf("executorStarted").map(({ executorId }) => executorId)).toEqual([
    "toString",
    "constructor",
    "valueOf",
  ]);
  expect(run.outputs).toEqual(["v"]);
  expect(run.state.counts.valueOf).toEqual({ started: 1, completed: 1, failed: 0 });
});

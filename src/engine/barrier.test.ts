import { describe, expect, it } from "vitest";
import {
  completed,
  direct,
  fanIn,
  fanOut,
  planOf,
  returned,
  ScriptedRun,
  sent,
} from "../../test/support/scripted-run.ts";
import type { Delivery } from "../wire/delivery.ts";

const returns = (value: unknown) => completed({ messages: [returned(value)] });
const echo = ({ call }: Delivery) => returns(call.kind === "message" ? JSON.parse(call.valueJson) : null);

describe("a fan-in", () => {
  it("takes one message of each source and keeps the rest, in order", () => {
    const run = new ScriptedRun(
      planOf({
        executors: ["Start", "A", "B", "Join"],
        edges: [fanOut("Start", ["A", "B"]), fanIn(["B", "A"], "Join")],
        outputs: ["Join"],
      }),
    );
    const three = (name: string) => completed({ messages: [1, 2, 3].map((number) => sent(`${name}${number}`)) });
    run.run({ Start: returns(0), A: three("a"), B: three("b"), Join: echo });
    expect(run.outputs).toEqual([
      ["b1", "a1"],
      ["b2", "a2"],
      ["b3", "a3"],
    ]);
    expect(run.state.status).toBe("completed");
  });

  it("fails a run that has nothing left to do, and names the silent sources", () => {
    const run = new ScriptedRun(
      planOf({
        executors: ["Start", "A", "B", "C", "Join"],
        edges: [fanOut("Start", ["A", "B", "C"]), fanIn(["A", "B", "C"], "Join")],
      }),
    );
    run.run({ Start: returns(0), B: returns(1) });
    expect(run.state.error?.code).toBe("FAN_IN_INCOMPLETE");
    expect(run.state.error?.message).toContain('the fan-in into "Join" waits for "A", "C"');
  });

  it("waits while a request is open", () => {
    const run = new ScriptedRun(
      planOf({
        executors: ["Start", "Ask", "B", "Join"],
        ports: ["Ask"],
        edges: [fanOut("Start", ["Ask", "B"]), fanIn(["Ask", "B"], "Join")],
        outputs: ["Join"],
      }),
    );
    const ask = ({ call }: Delivery) =>
      call.kind === "message" ? ({ status: "requestOpened", requestJson: "1" } as const) : returns("yes");
    const script = { Start: returns(0), Ask: ask, B: returns("b"), Join: echo };
    run.run(script);
    expect(run.state.status).toBe("running");
    run.respond(run.state.requests[0]?.requestId ?? "", "yes");
    run.run(script);
    expect(run.outputs).toEqual([["yes", "b"]]);
  });
});

describe("a fan-in that may have empty places", () => {
  const optional = (executors: string[], edges: Parameters<typeof planOf>[0]["edges"], outputs: string[]) =>
    new ScriptedRun(planOf({ executors, edges: edges ?? [], outputs }));

  it("fires with null for the silent ones once nothing else is left to do", () => {
    const run = optional(
      ["Start", "A", "B", "C", "Join"],
      [fanOut("Start", ["A", "B"]), direct("B", "C"), fanIn(["A", "B", "C"], "Join", true)],
      ["Join"],
    );
    expect(run.run({ Start: returns(0), A: returns("a"), B: returns("b"), Join: echo })).toEqual([
      ["Start"],
      ["A", "B"],
      ["C"],
      ["Join"],
    ]);
    expect(run.outputs).toEqual([["a", "b", null]]);
  });

  it("fires once for each message that waits", () => {
    const run = optional(
      ["Start", "A", "Join"],
      [fanOut("Start", ["A"]), fanIn(["Start", "A"], "Join", true)],
      ["Join"],
    );
    run.run({ Start: completed({ messages: [sent(1), sent(2)] }), Join: echo });
    expect(run.outputs).toEqual([
      [1, null],
      [2, null],
    ]);
  });

  it("waits for another one that feeds it", () => {
    const run = optional(
      ["Start", "Quiet", "Late", "Early"],
      [direct("Start", "Quiet"), fanIn(["Start", "Early"], "Late", true), fanIn(["Start", "Quiet"], "Early", true)],
      ["Late"],
    );
    run.run({ Start: returns("s"), Early: returns("e"), Late: echo });
    expect(run.outputs).toEqual([["s", "e"]]);
  });

  it("fires before one that may not have any fails the run", () => {
    const run = optional(
      ["Start", "Quiet", "Strict", "Lax"],
      [direct("Start", "Quiet"), fanIn(["Start", "Lax"], "Strict"), fanIn(["Start", "Quiet"], "Lax", true)],
      ["Strict"],
    );
    run.run({ Start: returns("s"), Lax: returns("l"), Strict: echo });
    expect(run.outputs).toEqual([["s", "l"]]);
  });
});

import { describe, expect, it } from "vitest";
import {
  completed,
  direct,
  failed,
  mapOver,
  onError,
  planOf,
  returned,
  ScriptedRun,
  sent,
} from "../../test/support/scripted-run.ts";
import type { Delivery } from "../wire/delivery.ts";
import type { OutcomeResult } from "../wire/outcome.ts";
import type { Plan, PlanEdge, PlanGraph } from "../wire/plan.ts";

/** `Child`: `Note` writes down what it gets in the state `notes`, which is kept, and `Ask` is a port. */
function childGraph(edges: readonly PlanEdge[]): PlanGraph {
  const {
    format: _format,
    limits: _limits,
    ...graph
  } = planOf({
    executors: ["Note", "Ask"],
    ports: ["Ask"],
    edges,
    outputs: ["Note"],
    writes: { Note: ["notes"] },
    state: { notes: "[]" },
  });
  return { ...graph, workflow: "ChildGraph", state: graph.state.map((key) => ({ ...key, isKept: true })) };
}

function parentPlan(edges: readonly PlanEdge[], child: PlanGraph = childGraph([])): Plan {
  const plan = planOf({ executors: ["Start", "Child", "End"], edges, outputs: ["End"] });
  const executors = plan.executors.map((one) =>
    one.id === "Child" ? { ...one, kind: "workflow" as const, workflow: "ChildGraph" } : one,
  );
  return { ...plan, executors, workflows: [child] };
}

function note({ state, call }: Delivery): OutcomeResult {
  const heard = call.kind === "message" ? JSON.parse(call.valueJson) : "";
  const notes = [...JSON.parse(state.notes ?? "null"), heard];
  return completed({ messages: [returned(notes)], writes: { notes: JSON.stringify(notes) } });
}

const sendThree = completed({ messages: [sent("a"), sent("b"), sent("c")] });
const toEnd = [direct("Start", "Child"), direct("Child", "End")];
const pass = ({ call }: Delivery) =>
  completed({ messages: call.kind === "message" ? [{ ...returned(""), valueJson: call.valueJson }] : [] });

describe("a sub-workflow with state that is kept", () => {
  it("begins each call with what the last one left, and has one call at a time, in the order in which they came", () => {
    const run = new ScriptedRun(parentPlan(toEnd));
    const steps = run.run({ Start: sendThree, Note: note, End: pass });
    expect(steps).toEqual([["Start"], ["Note"], ["Note", "End"], ["Note", "End"], ["End"]]);
    expect(run.outputs).toEqual([["a"], ["a", "b"], ["a", "b", "c"]]);
    expect(run.state.kept).toEqual({ Child: { notes: '["a","b","c"]' } });
    expect(run.state.status).toBe("completed");
  });

  it("holds back what comes while a call waits for a person", () => {
    const run = new ScriptedRun(parentPlan(toEnd, childGraph([direct("Note", "Ask")])));
    const script = { Start: sendThree, Note: note, Ask: asked, End: pass };
    run.run(script);
    expect(run.state.held?.map((one) => one.kind === "message" && one.valueJson)).toEqual(['"b"', '"c"']);
    expect(run.state.superstep).toBe(3);
    run.respond(run.state.requests[0]?.requestId ?? "", "yes");
    run.run(script);
    expect(run.outputs).toEqual([["a"], ["a", "b"]]);
    expect(run.state.held).toHaveLength(1);
  });

  it("drops what is held back when the run is cancelled, before anything is undone", () => {
    const plan = parentPlan(toEnd, childGraph([direct("Note", "Ask")]));
    const executors = plan.executors.map((one) => (one.id === "Start" ? { ...one, compensates: true as const } : one));
    const run = new ScriptedRun({ ...plan, executors });
    run.run({ Start: sendThree, Note: note, Ask: asked, End: pass });
    run.cancel();
    expect(run.eventsOf("messageDropped").map(({ message, reason }) => [message, reason])).toEqual([
      ['"b"', "runEnded"],
      ['"c"', "runEnded"],
    ]);
    expect(run.run({ Start: completed() })).toEqual([["Start"]]);
    expect(run.state).toMatchObject({ status: "cancelled", queue: [] });
    expect(run.state.held).toBeUndefined();
  });

  it("has the next call as soon as time ends the one before it", () => {
    const child = childGraph([direct("Note", "Ask")]);
    const impatient = child.executors.map((one) =>
      one.id === "Ask" ? { ...one, requestTimeout: { afterMs: 10 } } : one,
    );
    const edges = [...toEnd, onError("Child", "End")];
    const run = new ScriptedRun(parentPlan(edges, { ...child, executors: impatient }));
    const script = { Start: sendThree, Note: note, Ask: asked, End: pass };
    run.run(script);
    run.wake(1_000);
    expect(run.step(script)).toEqual(["Note", "End"]);
    expect(run.outputs).toEqual([["a"], expect.objectContaining({ executorId: "Child" })]);
  });

  it("keeps nothing of a call that failed", () => {
    const run = new ScriptedRun(parentPlan([...toEnd, onError("Child", "End")]));
    const failOnB = (delivery: Delivery) => {
      const isB = delivery.call.kind === "message" && delivery.call.valueJson === '"b"';
      return isB ? failed("broken") : note(delivery);
    };
    run.run({ Start: sendThree, Note: failOnB, End: pass });
    expect(run.outputs.at(-1)).toEqual(["a", "c"]);
    expect(run.state.kept).toEqual({ Child: { notes: '["a","c"]' } });
  });

  it("takes the items of a map one by one, in the order of the list", () => {
    const run = new ScriptedRun(parentPlan([mapOver("Start", "Child", "End")]));
    const list = completed({ messages: [returned(["a", "b", "c"])] });
    const steps = run.run({ Start: list, Note: note, End: pass });
    expect(steps).toEqual([["Start"], ["Note"], ["Note"], ["Note"], ["End"]]);
    expect(run.outputs).toEqual([[["a"], ["a", "b"], ["a", "b", "c"]]]);
  });

  it("counts what is kept among the characters that the run holds", () => {
    const run = new ScriptedRun(parentPlan(toEnd));
    run.run({ Start: sendThree, Note: note });
    expect(run.outputs).toEqual([]);
    expect(run.state.chars).toBe('["a","b","c"]'.length);
  });
});

function asked({ call }: Delivery): OutcomeResult {
  if (call.kind === "message") return { status: "requestOpened", requestJson: '"go on?"' };
  return completed({ messages: [returned("yes")] });
}

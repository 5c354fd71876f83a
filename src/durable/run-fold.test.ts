import { expect, it } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { defineRequestPort } from "../graph/request-port.ts";
import type { Outcome } from "../wire/outcome.ts";
import { foldRun } from "./run-fold.ts";
import type { HistoryFact } from "./run-history.ts";

const number = z.number();
const step = <Id extends string>(id: Id) => defineExecutor({ id, input: number, output: number, handle: (n) => n });
const [start, work, twin, last] = [step("Start"), step("Work"), step("Twin"), step("Last")];
const ask = defineRequestPort({ id: "Ask", request: number, response: number });
const SECOND_MS = 1_000;

function folded(workflow: { readonly plan: Parameters<typeof foldRun>[0]["start"]["plan"] }, facts: HistoryFact[]) {
  const input = { format: 1, plan: workflow.plan, inputJson: "1", inputHash: "", seed: "seed" } as const;
  return foldRun({ runId: "r", start: input, createdAtMs: 0, facts });
}

function completed(callKey: string, atMs: number, result: Partial<Outcome["result"]> = {}): HistoryFact {
  const [executorId = "", superstep = ""] = callKey.split("-");
  const nothing = { yielded: [], writes: {}, emitted: [], haltRequested: false };
  const message = { valueJson: "1", origin: "returned", routes: {} } as const;
  return {
    kind: "outcome",
    atMs,
    outcome: {
      executorId,
      callKey,
      superstep: Number(superstep),
      attempt: 1,
      startedAtMs: 0,
      endedAtMs: 0,
      result: { status: "completed", messages: [message], ...nothing, ...result } as Outcome["result"],
    },
  };
}

const toldBy = ({ events }: ReturnType<typeof folded>) =>
  events.map((event) => `${event.type} ${"executorId" in event ? event.executorId : ""}`.trim());

it("takes times from the history", () => {
  const workflow = new WorkflowBuilder("Timed", start).build();
  const { events, state } = folded(workflow, [
    { kind: "started", atMs: SECOND_MS },
    completed("Start-1-1", 3 * SECOND_MS),
  ]);
  expect(events.map(({ type, at }) => `${type} ${at}`)).toEqual([
    "runStarted 1970-01-01T00:00:01.000Z",
    "executorStarted 1970-01-01T00:00:01.000Z",
    "executorCompleted 1970-01-01T00:00:03.000Z",
    "runOutput 1970-01-01T00:00:03.000Z",
    "runCompleted 1970-01-01T00:00:03.000Z",
  ]);
  expect(state.status).toBe("completed");
});

it("has begun nothing before the orchestration has", () => {
  const { events, state } = folded(new WorkflowBuilder("Pending", start).build(), []);
  expect(events).toMatchObject([{ type: "runStarted", at: "1970-01-01T00:00:00.000Z" }]);
  expect(state.superstep).toBe(0);
});

it("gives lost calls to those that have no outcome, whatever the order in the history", () => {
  const workflow = new WorkflowBuilder("Lost", start).addFanOut(start, [work, twin]).build();
  const told = toldBy(
    folded(workflow, [
      { kind: "started", atMs: 0 },
      completed("Start-1-1", 1),
      { kind: "lost", atMs: 2, activity: "DAFX-Lost-Twin", reason: "gone" },
      completed("Work-2-1", 3),
    ]),
  );
  expect(told.slice(-6)).toEqual([
    "executorStarted Work",
    "executorStarted Twin",
    "executorCompleted Work",
    "runOutput Work",
    "executorFailed Twin",
    "runFailed",
  ]);
});

it("wakes for the next attempt of a lost call, though the orchestrator heard of the loss a little later", () => {
  const again = defineExecutor({
    id: "Again",
    input: number,
    output: number,
    retry: { maxAttempts: 2, firstDelayMs: SECOND_MS, jitter: 0 },
    handle: (n) => n,
  });
  const { events, state } = folded(new WorkflowBuilder("LostOnce", again).build(), [
    { kind: "started", atMs: 0 },
    { kind: "lost", atMs: 10, activity: "dafx-LostOnce-Again", reason: "gone" },
    { kind: "timerFired", atMs: 1_014, dueAtMs: 1_013 },
    completed("Again-1-1", 1_020),
  ]);
  expect(events.map(({ type }) => type)).toEqual([
    "runStarted",
    "executorStarted",
    "executorDelayed",
    "executorStarted",
    "executorCompleted",
    "runOutput",
    "runCompleted",
  ]);
  expect(state.status).toBe("completed");
});

it("takes in an answer at the boundary behind it, and says which ones came too late", () => {
  const workflow = new WorkflowBuilder("Answered", start)
    .addFanOut(start, [ask, work])
    .addEdge(work, twin)
    .addEdge(ask, last)
    .withOutputFrom(twin, last)
    .build();
  const before: HistoryFact[] = [
    { kind: "started", atMs: 0 },
    completed("Start-1-1", 1),
    completed("Ask-2-1", 2, { status: "requestOpened", requestJson: "1" } as Partial<Outcome["result"]>),
    completed("Work-2-1", 3),
  ];
  const { state } = folded(workflow, before);
  const name = `response-${state.requests[0]?.requestId}`;
  const raised = (answer: number, atMs: number): HistoryFact => ({
    kind: "raised",
    atMs,
    name,
    data: { responseJson: String(answer) },
  });
  const told = toldBy(
    folded(workflow, [
      ...before,
      raised(5, 4),
      raised(6, 5),
      completed("Twin-3-1", 6),
      raised(7, 7),
      completed("Ask-4-1", 8),
      raised(8, 9),
      completed("Last-5-1", 10),
    ]),
  );
  expect(told.slice(told.indexOf("executorStarted Twin"))).toEqual([
    "executorStarted Twin",
    "executorCompleted Twin",
    "runOutput Twin",
    "executorStarted Ask",
    "requestAnswered Ask",
    "executorCompleted Ask",
    "responseIgnored",
    "responseIgnored",
    "executorStarted Last",
    "responseIgnored",
    "executorCompleted Last",
    "runOutput Last",
    "runCompleted",
  ]);
});

it("takes the outcome of a call that was stopped by a cancel for that cancel, which may come later", () => {
  const workflow = new WorkflowBuilder("Overtaken", start).build();
  const stopped = completed("Start-1-1", 2 * SECOND_MS);
  if (stopped.kind !== "outcome") expect.fail("It is an outcome.");
  const cancel = { reason: "enough" };
  const { events, state } = folded(workflow, [
    { kind: "started", atMs: SECOND_MS },
    { ...stopped, outcome: { ...stopped.outcome, cancel } },
    { kind: "raised", atMs: 3 * SECOND_MS, name: "cancel", data: cancel },
    { kind: "ended", atMs: 3 * SECOND_MS },
  ]);
  expect(state.status).toBe("cancelled");
  expect(events.at(-1)).toMatchObject({ type: "runCancelled", reason: "enough" });
});

it("tells of late results where they were raised, and of nothing that looks like one", () => {
  const limited = defineExecutor({ id: "Start", input: number, output: number, timeoutMs: 1, handle: (n) => n });
  const workflow = new WorkflowBuilder("Late", limited).addEdge(limited, ask).build();
  const raised = (data: unknown) => ({ kind: "raised", atMs: 3 * SECOND_MS, name: "late-result", data }) as const;
  const late = { executorId: "Start", callKey: "Start-1-1", attempt: 1 };
  const { events } = folded(workflow, [
    { kind: "started", atMs: SECOND_MS },
    completed("Start-1-1", 2 * SECOND_MS),
    raised({ ...late, attempt: "first" }),
    raised(late),
    raised(late),
    completed("Ask-2-1", 4 * SECOND_MS, { status: "requestOpened", requestJson: "1" } as never),
    raised({ ...late, attempt: 2 }),
    raised("late"),
  ]);
  expect(events.slice(3).map((event) => [event.type, "attempt" in event ? event.attempt : 0])).toEqual([
    ["executorStarted", 1],
    ["requestOpened", 0],
    ["lateResultIgnored", 1],
    ["lateResultIgnored", 1],
    ["lateResultIgnored", 2],
  ]);
});

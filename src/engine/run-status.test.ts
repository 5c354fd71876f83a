import { describe, expect, it } from "vitest";
import { completed, direct, failed, planOf, returned, ScriptedRun } from "../../test/support/scripted-run.ts";
import { runStatusOf } from "./run-status.ts";

const plan = planOf({
  executors: ["Ask", "Then", "Never"],
  ports: ["Ask"],
  edges: [direct("Ask", "Then")],
  outputs: ["Ask"],
});
const asks = { status: "requestOpened", requestJson: '{"subject":"a desk"}' } as const;
const answers = completed({ messages: [returned({ approved: true })] });

function statusAfter(...moves: ((run: ScriptedRun) => void)[]) {
  const run = new ScriptedRun(plan);
  for (const move of moves) move(run);
  return runStatusOf(plan, run.state, 1_500);
}
const ask = (run: ScriptedRun) => run.step({ Ask: asks });
const respond = (run: ScriptedRun) => run.respond(run.state.requests[0]?.requestId ?? "", { approved: true });
const answer = (run: ScriptedRun) => run.step({ Ask: answers });

describe("the status of a run", () => {
  it("shows what a waiting run asks, in values", () => {
    expect(statusAfter(ask)).toEqual({
      runId: "run-1",
      workflow: "Scripted",
      version: "0123456789abcdef",
      status: "Running",
      createdAt: "1970-01-01T00:00:00.000Z",
      updatedAt: "1970-01-01T00:00:01.500Z",
      superstep: 1,
      executors: [
        { id: "Ask", status: "waiting", calls: 1 },
        { id: "Then", status: "idle", calls: 0 },
        { id: "Never", status: "idle", calls: 0 },
      ],
      waitingForInput: [
        {
          requestId: "ask-1-10fa55de",
          eventName: "Ask",
          input: { subject: "a desk" },
          openedAt: "1970-01-01T00:00:00.005Z",
          deadline: null,
        },
      ],
      output: null,
      outputs: [],
      error: null,
    });
  });

  it("asks for nothing while a response is on its way", () => {
    const status = statusAfter(ask, respond);
    expect(status.waitingForInput).toEqual([]);
    expect(status.executors[0]).toEqual({ id: "Ask", status: "running", calls: 1 });
  });

  it("shows outputs while the run goes on, and which executors are at work", () => {
    const status = statusAfter(ask, respond, answer, (run) => run.take());
    expect(status).toMatchObject({ output: { approved: true }, outputs: [{ approved: true }] });
    expect(status.executors.map((executor) => executor.status)).toEqual(["completed", "running", "idle"]);
  });

  it("shows why a run failed", () => {
    const status = statusAfter(ask, respond, answer, (run) => run.step({ Then: failed("no") }));
    expect(status).toMatchObject({ status: "Failed", error: { executorId: "Then", message: "no" } });
    expect(status.executors.map((executor) => executor.status)).toEqual(["completed", "failed", "idle"]);
  });

  it("says which executor waits for a deployment, and not of one that is only tried again", () => {
    const gone = statusAfter(ask, respond, answer, (run) =>
      run.step({ Then: failed("gone", "EXECUTOR_NOT_DEPLOYED") }),
    );
    expect(gone.executors).toEqual([
      { id: "Ask", status: "completed", calls: 1 },
      { id: "Then", status: "running", calls: 1, nextAttemptAt: "1970-01-01T00:01:00.000Z", isNotDeployed: true },
      { id: "Never", status: "idle", calls: 0 },
    ]);
    const back = statusAfter(
      ask,
      respond,
      answer,
      (run) => run.step({ Then: failed("gone", "EXECUTOR_NOT_DEPLOYED") }),
      (run) => run.wake(60_000),
    );
    expect(back.executors[1]).toEqual({ id: "Then", status: "running", calls: 1 });
  });

  it("shows nobody at work, and nothing asked, once the run is cancelled", () => {
    const status = statusAfter(ask, (run) => run.cancel());
    expect(status).toMatchObject({ status: "Cancelled", waitingForInput: [] });
    expect(status.executors[0]).toEqual({ id: "Ask", status: "idle", calls: 1 });
  });
});

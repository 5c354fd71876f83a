import { describe, expect, it } from "vitest";
import { completed, failed, fanOut, planOf, returned, ScriptedRun } from "../../test/support/scripted-run.ts";
import type { OutcomeResult } from "../wire/outcome.ts";
import type { Plan, PlanRetry } from "../wire/plan.ts";
import { nextWake } from "./transitions.ts";

const RETRY: PlanRetry = { maxAttempts: 4, firstDelayMs: 100, backoff: 3, maxDelayMs: 500, jitter: 0 };

function retrying(retry: Partial<PlanRetry> = {}): Plan {
  const plan = planOf({ executors: ["A"], outputs: ["A"] });
  return { ...plan, executors: plan.executors.map((one) => ({ ...one, retry: { ...RETRY, ...retry } })) };
}

/** Delays of a call that fails every time, in milliseconds from the end of each attempt. */
function delaysOf(plan: Plan, result: OutcomeResult): number[] {
  const run = new ScriptedRun(plan);
  const delays: number[] = [];
  run.step({ A: result });
  while (run.state.status === "running") {
    const dueMs = nextWake(run.state) ?? Number.NaN;
    delays.push(dueMs - 5); // each scripted attempt ends at 5
    run.wake(dueMs);
    run.step({ A: result });
  }
  return delays;
}

function failing(more: object): OutcomeResult {
  const result = failed("no");
  return result.status === "failed" ? { ...result, error: { ...result.error, ...more } } : result;
}

describe("the delays between attempts", () => {
  it("grow by the backoff up to the longest one", () => {
    expect(delaysOf(retrying(), failed("no"))).toEqual([100, 300, 500]);
  });

  it("are as long as the error asks for, where that is longer", () => {
    expect(delaysOf(retrying(), failing({ retryAfterMs: 400 }))).toEqual([400, 400, 500]);
  });

  it("are shortened by chance that is the same each time", () => {
    const delays = delaysOf(retrying({ jitter: 0.5 }), failed("no"));
    expect(delays).toEqual(delaysOf(retrying({ jitter: 0.5 }), failed("no")));
    for (const [index, fullMs] of [100, 300, 500].entries()) {
      expect(delays[index]).toBeGreaterThanOrEqual(fullMs / 2);
      expect(delays[index]).toBeLessThan(fullMs);
    }
  });
});

describe("whether a failed call is tried again", () => {
  it.each<[string, Partial<PlanRetry>, OutcomeResult, number]>([
    ["a failure that may be gone next time is", {}, failed("no"), 3],
    ["one that will not is not", {}, failing({ retryable: false }), 0],
    ["one of the codes is, whatever else it says", { codes: ["E"] }, failing({ code: "E", retryable: false }), 3],
    ["one of no such code is not", { codes: ["E"] }, failed("no"), 0],
    [
      "the answer of user code counts before the codes",
      { codes: ["E"] },
      { ...failing({}), mayRetry: true } as never,
      3,
    ],
    ["a failure that user code calls final is not", {}, { ...failing({}), mayRetry: false } as never, 0],
    ["a single attempt leaves nothing to try", { maxAttempts: 1 }, failed("no"), 0],
  ])("%s", (_title, retry, result, retries) => {
    expect(delaysOf(retrying(retry), result)).toHaveLength(retries);
  });

  it("is no question in a run that is cancelled", () => {
    const run = new ScriptedRun(retrying());
    const [delivery] = run.take();
    run.cancel();
    if (delivery) run.apply([{ ...delivery, startedAtMs: 0, endedAtMs: 5, result: failed("aborted") }]);
    expect(run.events.map(({ type }) => type).slice(-2)).toEqual(["executorFailed", "runCancelled"]);
  });
});

it("a next attempt knows its number, how the one before failed, and nothing of its stack", () => {
  const run = new ScriptedRun(retrying());
  run.step({ A: failing({ stack: "at A", code: "E_FIRST" }) });
  run.wake(nextWake(run.state) ?? 0);
  const [delivery] = run.take();
  expect(delivery).toMatchObject({ callKey: "A-1-1", attempt: 2 });
  expect(JSON.parse(delivery?.lastErrorJson ?? "null")).toEqual({
    name: "Error",
    code: "E_FIRST",
    message: "no",
    retryable: true,
    causes: [],
    issues: [],
  });
});

it("a call that waits for its next attempt keeps its input and its error among what the run holds", () => {
  const run = new ScriptedRun(retrying(), "input");
  run.step({ A: failed("no") });
  const [delayed] = run.state.delayed;
  expect(run.state.chars).toBe('"input"'.length + (delayed?.item.lastErrorJson?.length ?? 0));
  run.wake(nextWake(run.state) ?? 0);
  run.step({ A: completed() });
  expect(run.state.chars).toBe(0);
});

describe("a run with a time limit", () => {
  const base = planOf({ executors: ["Start", "A", "B"], edges: [fanOut("Start", ["A", "B"])], outputs: ["A", "B"] });
  const plan: Plan = { ...base, timeoutMs: 1_000 };

  it("is woken when its time is up, and fails", () => {
    const run = new ScriptedRun(plan);
    run.step({ Start: completed({ messages: [returned(1)] }) });
    expect(nextWake(run.state)).toBe(1_000);
    run.wake(999);
    expect(run.state.status).toBe("running");
    run.wake(1_000);
    expect(run.state).toMatchObject({ status: "failed", error: { code: "RUN_TIMED_OUT" } });
    expect(run.events.at(-1)).toMatchObject({ type: "runFailed", error: { code: "RUN_TIMED_OUT" } });
  });

  it("fails for that reason once its calls have ended, whatever these say", () => {
    const run = new ScriptedRun(plan);
    const [delivery] = run.take();
    run.wake(1_000);
    expect(run.state.status).toBe("running");
    if (delivery) run.apply([{ ...delivery, startedAtMs: 0, endedAtMs: 1_000, result: failed("aborted") }]);
    expect(run.state.error?.code).toBe("RUN_TIMED_OUT");
  });

  it("that ends in time has no limit any more", () => {
    const run = new ScriptedRun(plan);
    run.run({ Start: completed({ messages: [returned(1)] }) });
    run.wake(2_000);
    expect(run.state.status).toBe("completed");
  });
});

import { describe, expect, it } from "vitest";
import {
  eventsOf,
  type RunnerUnderTest,
  type RunUnderTest,
  runToEnd,
  story,
  until,
  untilAsking,
  withCode,
} from "./runner-under-test.ts";

/** What happens when executors fail, or take too long. */
export function failureSuite(runner: RunnerUnderTest): void {
  describe(`retries, ${runner.name}`, () => {
    it("a failed call is tried again with the same key, and knows its attempt and how the one before failed", async () => {
      const { run, status } = await runToEnd(runner, "Retried", 3);
      expect(status).toMatchObject({
        status: "Completed",
        outputs: [{ attempt: 3, callKey: "ThirdTime-1-1", before: "BUSY: Not at attempt 2." }],
        executors: [{ id: "ThirdTime", status: "completed", calls: 1 }],
      });
      expect(status.executors[0]).not.toHaveProperty("nextAttemptAt");
      expect(await story(run)).toEqual([
        "runStarted",
        "executorStarted ThirdTime",
        "executorDelayed ThirdTime",
        "executorStarted ThirdTime",
        "executorDelayed ThirdTime",
        "executorStarted ThirdTime",
        "executorCompleted ThirdTime",
        "runOutput ThirdTime",
        "runCompleted",
      ]);
      expect((await eventsOf(run, "executorDelayed")).map(({ attempt, error }) => [attempt, error.code])).toEqual([
        [1, "BUSY"],
        [2, "BUSY"],
      ]);
    });

    it("the last attempt fails the run", async () => {
      const { run, status } = await runToEnd(runner, "Retried", 4);
      expect(status).toMatchObject({ status: "Failed", error: { code: "BUSY", message: "Not at attempt 3." } });
      expect(await eventsOf(run, "executorFailed")).toMatchObject([{ attempt: 3 }]);
    });

    it("a delay holds up nothing else, heeds Retry-After, and shows in the status", async () => {
      const run = await runner.start("DelayBesideWork", 4);
      const { executors } = await until(run, ({ outputs }) => outputs.length === 3);
      const { nextAttemptAt } = executors.find(({ id }) => id === "WaitsLong") ?? {};
      const status = await run.end();
      expect(status).toMatchObject({ status: "Completed", outputs: [2, 1, 0, 3] });
      const [delayed] = await eventsOf(run, "executorDelayed");
      expect(delayed?.error.retryAfterMs).toBe(300);
      expect(nextAttemptAt).toBe(delayed?.nextAttemptAt);
    });

    it("a delay may be asked for as a date", async () => {
      const { run, outputs } = await runToEnd(runner, "RetriedAtDate", 1_500);
      expect(outputs).toEqual([2]);
      const [delayed] = await eventsOf(run, "executorDelayed");
      // A date in a header is cut to the second.
      expect(delayed?.error.retryAfterMs).toBeGreaterThan(400);
      expect(delayed?.error.retryAfterMs).toBeLessThanOrEqual(1_500);
    });

    it.each([
      ["final", "NO_ORDER", 0],
      ["gone", "GONE", 1],
    ])("a failure that shall not be tried again is not: %s", async (how, code, retries) => {
      const { run, status } = await runToEnd(runner, "ChosenRetries", how);
      expect(status).toMatchObject({ status: "Failed", error: { code } });
      expect(await eventsOf(run, "executorDelayed")).toHaveLength(retries);
    });

    it("a predicate may have tried again what is not retryable by itself", async () => {
      expect((await runToEnd(runner, "ChosenRetries", "fine")).outputs).toEqual(["fine"]);
    });

    it("a list of codes says what is tried again", async () => {
      expect((await runToEnd(runner, "RetriedByCode", "wrong")).outputs).toEqual([1]);
      const { run, status } = await runToEnd(runner, "RetriedByCode", "throw");
      expect(status).toMatchObject({ status: "Failed", error: { code: "HANDLER_FAILED" } });
      expect(await eventsOf(run, "executorDelayed")).toEqual([]);
    });
  });

  describe(`error edges, ${runner.name}`, () => {
    it("take what failed at the last attempt, with its input and its error, and the run goes on", async () => {
      const { run, status } = await runToEnd(runner, "Caught", { how: "badly" });
      expect(status).toMatchObject({
        status: "Completed",
        outputs: ['Risky {"how":"badly"} NO_MONEY'],
        error: null,
        executors: [
          { id: "Risky", status: "failed" },
          { id: "SaysRisk", status: "completed" },
        ],
      });
      expect(await eventsOf(run, "executorFailed")).toMatchObject([{ attempt: 2, error: { code: "NO_MONEY" } }]);
    });

    it("are no way for what an executor returns: it is still an output", async () => {
      expect((await runToEnd(runner, "Caught", { how: "fine" })).outputs).toEqual(["fine"]);
    });

    it("take a request that cannot be opened", async () => {
      const { outputs } = await runToEnd(runner, "CaughtAtPort", 5_000);
      expect(outputs).toEqual(['Asks {"sum":5000} EXECUTOR_INPUT_INVALID']);
    });

    it("take a response that cannot be sent on, and the request is closed", async () => {
      const run = await runner.start("CaughtAtPort", 5);
      await untilAsking(run, "Asks");
      await run.respond({ eventName: "Asks" }, false);
      expect(await run.end()).toMatchObject({
        status: "Completed",
        outputs: ['Asks {"sum":5} CONDITION_FAILED'],
        waitingForInput: [],
      });
    });
  });

  describe(`requests that nobody answers, ${runner.name}`, () => {
    it("show until when they may be answered, and an answer in time counts", async () => {
      const run = await runner.start("AnsweredInTime", "a desk");
      await untilAsking(run, "Patient");
      const [{ openedAt, deadline } = { openedAt: "", deadline: null }] = (await run.status()).waitingForInput;
      expect(Date.parse(deadline ?? "") - Date.parse(openedAt)).toBe(60_000);
      await run.respond({ eventName: "Patient" }, { approved: true });
      expect((await run.end()).outputs).toEqual(["yes (a person)"]);
      expect(await eventsOf(run, "requestTimedOut")).toEqual([]);
    });

    it("are answered by the port's own response", async () => {
      const { run, status } = await runToEnd(runner, "AnsweredByClock", "a desk");
      expect(status).toMatchObject({ status: "Completed", outputs: ["no (the clock)"], waitingForInput: [] });
      expect(await story(run)).toEqual([
        "runStarted",
        "executorStarted AskFirst",
        "executorCompleted AskFirst",
        "executorStarted Hasty",
        "requestOpened Hasty",
        "requestTimedOut Hasty",
        "executorStarted Hasty",
        "requestAnswered Hasty",
        "executorCompleted Hasty",
        "executorStarted Decided",
        "executorCompleted Decided",
        "runOutput Decided",
        "runCompleted",
      ]);
    });

    it("go to another port, which is answered like any other; the first one is closed", async () => {
      const run = await runner.start("Escalated", "a desk");
      const [clerk = ""] = await untilAsking(run, "Clerk");
      await untilAsking(run, "Boss");
      expect((await run.status()).waitingForInput).toMatchObject([{ input: { subject: "a desk" }, deadline: null }]);
      await expect(run.respond({ requestId: clerk }, { approved: true })).rejects.toEqual(withCode("REQUEST_CLOSED"));
      await run.respond({ eventName: "Boss" }, { approved: true, by: "the boss" });
      expect((await run.end()).outputs).toEqual(["yes (the boss)"]);
      expect(await eventsOf(run, "requestTimedOut")).toMatchObject([{ executorId: "Clerk", followedBy: "escalation" }]);
    });

    it("fail the run", async () => {
      const { run, status } = await runToEnd(runner, "Unanswered", "a desk");
      expect(status).toMatchObject({ status: "Failed", error: { code: "REQUEST_TIMED_OUT", executorId: "Lonely" } });
      expect(await eventsOf(run, "requestTimedOut")).toMatchObject([{ followedBy: "failure" }]);
    });

    it("go along an error edge", async () => {
      const { outputs } = await runToEnd(runner, "UnansweredAndCaught", "a desk");
      expect(outputs).toEqual(['Lonely {"subject":"a desk"} REQUEST_TIMED_OUT']);
    });
  });

  describe(`compensation, ${runner.name}`, () => {
    const ofCompensation = async (run: RunUnderTest) =>
      (await story(run)).filter((line) => /^(compensation|executorDelayed|run)/.test(line));

    it("undoes what was done in reverse order, each with its own retries, before the run ends as failed", async () => {
      const { run, status } = await runToEnd(runner, "BrokenOff", "poor");
      expect(status).toMatchObject({ status: "Failed", error: { code: "NO_MONEY", executorId: "Pay" } });
      expect(status).not.toHaveProperty("compensationErrors");
      expect(await ofCompensation(run)).toEqual([
        "runStarted",
        "compensationStarted Hotel",
        "executorDelayed Hotel",
        "compensationStarted Hotel",
        "compensationCompleted Hotel",
        "compensationStarted Flight",
        "compensationCompleted Flight",
        "runFailed",
      ]);
      const [completed] = await eventsOf(run, "compensationCompleted");
      expect(completed).toMatchObject({ callKey: "Hotel-2-1-compensation", attempt: 2 });
    });

    it("goes on when something cannot be undone, and the run keeps its own reason", async () => {
      const { run, status } = await runToEnd(runner, "BrokenOff", "stuck, poor");
      expect(status.error).toMatchObject({ code: "NO_MONEY", executorId: "Pay" });
      expect(await eventsOf(run, "compensationFailed")).toMatchObject([
        { executorId: "Hotel", attempt: 2, error: { message: "The hotel is closed.", executorId: "Hotel" } },
      ]);
      expect(status.compensationErrors).toEqual([
        {
          executorId: "Hotel",
          callKey: "Hotel-2-1-compensation",
          code: "HANDLER_FAILED",
          message: "The hotel is closed.",
        },
      ]);
      expect(await eventsOf(run, "compensationCompleted")).toMatchObject([{ executorId: "Flight" }]);
    });

    it("undoes what a cancelled run has done", async () => {
      const run = await runner.start("Journey", "a trip");
      await untilAsking(run, "Confirm");
      await run.cancel("not any more");
      expect(await run.end()).toMatchObject({ status: "Cancelled", error: null, waitingForInput: [] });
      expect((await eventsOf(run, "compensationCompleted")).map(({ executorId }) => executorId)).toEqual([
        "Hotel",
        "Flight",
      ]);
      expect(await eventsOf(run, "runCancelled")).toMatchObject([{ reason: "not any more" }]);
    });

    it("shows what could not be undone of a cancelled run, too", async () => {
      const run = await runner.start("Journey", "stuck");
      await untilAsking(run, "Confirm");
      await run.cancel();
      const status = await run.end();
      expect(status).toMatchObject({ status: "Cancelled", error: null });
      expect(status.compensationErrors).toMatchObject([{ executorId: "Hotel", message: "The hotel is closed." }]);
    });

    it("leaves a run alone that completes", async () => {
      const { run, status } = await runToEnd(runner, "BrokenOff", "rich");
      expect(status).toMatchObject({ status: "Completed", outputs: ["paid rich+Flight+Hotel"] });
      expect(await eventsOf(run, "compensationStarted")).toEqual([]);
    });
  });

  describe(`time limits, ${runner.name}`, () => {
    it("a call that takes too long is aborted, and tried again", async () => {
      const { run, outputs } = await runToEnd(runner, "LimitedCall", 1);
      expect(outputs).toEqual(["in time at attempt 2"]);
      expect(await eventsOf(run, "executorDelayed")).toMatchObject([{ error: { code: "EXECUTOR_TIMED_OUT" } }]);
    });

    it("a call that takes too long at every attempt fails the run", async () => {
      const { status } = await runToEnd(runner, "LimitedCall", 9);
      expect(status).toMatchObject({ status: "Failed", error: { code: "EXECUTOR_TIMED_OUT", executorId: "Slow" } });
    });

    it("a run that takes too long fails", async () => {
      const { run, status } = await runToEnd(runner, "LimitedRun", 0);
      expect(status).toMatchObject({ status: "Failed", error: { code: "RUN_TIMED_OUT" } });
      expect(await eventsOf(run, "runFailed")).toMatchObject([{ error: { code: "RUN_TIMED_OUT" } }]);
    });
  });
}

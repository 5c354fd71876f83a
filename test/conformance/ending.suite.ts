import { describe, expect, it } from "vitest";
import { eventsOf, type RunnerUnderTest, runToEnd, until, untilAsking, withCode } from "./runner-under-test.ts";

/** How runs start and end. */
export function endingSuite(runner: RunnerUnderTest): void {
  describe(`start and end, ${runner.name}`, () => {
    it("an input of the wrong shape starts nothing", async () => {
      await expect(runner.start("Chain", "four")).rejects.toEqual(withCode("RUN_INPUT_INVALID"));
    });

    it("an input larger than the run may hold starts nothing", async () => {
      const runId = `large-${Math.random().toString(36).slice(2)}`;
      const large = runner.start("Swells", "x".repeat(999), { runId });
      await expect(large).rejects.toEqual(withCode("RUN_INPUT_TOO_LARGE"));
      const { status } = await (await runner.start("Swells", "x".repeat(998), { runId })).end();
      expect(status).toBe("Failed");
    });

    it("the same id with the same input is the same run, with another input it is refused", async () => {
      const runId = `same-${Math.random().toString(36).slice(2)}`;
      const first = await runner.start("Chain", 4, { runId });
      await first.end();
      const again = await runner.start("Chain", 4, { runId });
      expect(again.runId).toBe(runId);
      expect(await eventsOf(again, "runStarted")).toHaveLength(1);
      await expect(runner.start("Chain", 5, { runId })).rejects.toEqual(withCode("RUN_EXISTS"));
    });

    it("a halt ends the run as completed, after its superstep", async () => {
      const { run, status } = await runToEnd(runner, "Halts", 1);
      expect(status).toMatchObject({ status: "Completed", outputs: [2, 3, 4], superstep: 3 });
      expect(await eventsOf(run, "runCompleted")).toMatchObject([{ haltedBy: "StopAtThree" }]);
      expect(await eventsOf(run, "messageDropped")).toMatchObject([{ message: 4, reason: "runEnded" }]);
    });

    it("a failure names executor, code, message and causes; the rest of its superstep is recorded", async () => {
      const { run, status } = await runToEnd(runner, "Failure", -1);
      expect(status).toMatchObject({
        status: "Failed",
        outputs: [0],
        error: {
          name: "Error",
          code: "NO_MONEY",
          message: "No money.",
          executorId: "Fails",
          causes: [{ name: "BankError", message: "The account is closed." }],
        },
      });
      expect((await eventsOf(run, "executorFailed")).map(({ executorId }) => executorId)).toEqual([
        "Fails",
        "FailsBeside",
      ]);
      expect(status.executors.map((executor) => executor.status)).toEqual([
        "completed",
        "completed",
        "failed",
        "failed",
      ]);
    });

    it("anything may be thrown", async () => {
      const { status } = await runToEnd(runner, "Failure", 0);
      expect(status.error).toMatchObject({ code: "HANDLER_FAILED", message: "just text", executorId: "Fails" });
    });

    it.each([
      ["date", "an instance of Date"],
      ["nan", "NaN"],
      ["map", "an instance of Map"],
    ])("a value that JSON would change fails the run: %s", async (what, named) => {
      const { status } = await runToEnd(runner, "WrongValues", what);
      expect(status.error).toMatchObject({ code: "VALUE_NOT_JSON", executorId: "Lies", issues: [{ pointer: "/at" }] });
      expect(status.error?.message).toContain(named);
    });

    it("a loop without an end fails at its limit", async () => {
      const { status } = await runToEnd(runner, "Forever", 1);
      expect(status).toMatchObject({ status: "Failed", superstep: 5, error: { code: "MAX_SUPERSTEPS" } });
    });

    it("a run that holds too much text fails", async () => {
      const { status } = await runToEnd(runner, "Swells", "0123456789");
      expect(status).toMatchObject({ status: "Failed", error: { code: "STATE_TOO_LARGE" } });
    });

    it("a run that waits for a person can be cancelled", async () => {
      const run = await runner.start("OneAfterTheOther", "a desk");
      await untilAsking(run, "Manager");
      await run.cancel("not needed any more");
      expect(await run.end()).toMatchObject({ status: "Cancelled", waitingForInput: [], error: null });
      expect(await eventsOf(run, "runCancelled")).toMatchObject([{ reason: "not needed any more" }]);
    });

    it("a run at work can be cancelled; nothing more is delivered", async () => {
      const run = await runner.start("Endless", 0);
      await until(run, ({ superstep }) => superstep > 1);
      await run.cancel();
      const { status, superstep } = await run.end();
      expect(status).toBe("Cancelled");
      expect((await run.status()).superstep).toBe(superstep);
    });
  });
}

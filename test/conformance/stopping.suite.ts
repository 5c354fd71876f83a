import { describe, expect, it } from "vitest";
import type { RunStatus } from "../../src/index.ts";
import { eventsOf, type RunnerUnderTest, runToEnd, story, until } from "./runner-under-test.ts";

const isCalling =
  (executorId: string) =>
  ({ executors }: RunStatus) =>
    executors.some(({ id, status }) => id === executorId && status === "running");

/** How handlers learn that their run is to end, and what becomes of those that do not mind. */
export function stoppingSuite(runner: RunnerUnderTest): void {
  describe(`handlers that are to stop, ${runner.name}`, () => {
    it.each([
      ["return", "complete", "executorCompleted", ["done"]],
      ["throw", "fail", "executorFailed", []],
    ] as const)(
      "see their signal when the run is cancelled; the cancel comes before those that %s at it can %s the run",
      async (how, _end, type, outputs) => {
        const run = await runner.start("LongCall", how);
        await until(run, isCalling("StopsAtSignal"));
        await run.cancel("no longer needed");
        expect(await run.end()).toMatchObject({ status: "Cancelled", outputs, error: null });
        expect((await story(run)).slice(-1)).toEqual(["runCancelled"]);
        expect(await eventsOf(run, type)).toHaveLength(1);
        expect(await eventsOf(run, "runCancelled")).toMatchObject([{ reason: "no longer needed" }]);
      },
    );

    it("are not waited for when the run is cancelled", async () => {
      const run = await runner.start("Stubborn", "ever");
      await until(run, isCalling("NeverStops"));
      await run.cancel("enough");
      expect(await run.end()).toMatchObject({ status: "Cancelled", error: null });
      expect(await story(run)).toEqual([
        "runStarted",
        "executorStarted NeverStops",
        "executorFailed NeverStops",
        "runCancelled",
      ]);
      expect(await eventsOf(run, "executorFailed")).toMatchObject([{ error: { code: "EXECUTOR_ABORTED" } }]);
      expect(await eventsOf(run, "runCancelled")).toMatchObject([{ reason: "enough" }]);
    });

    it("are not waited for when the run is out of time", async () => {
      const { run, status } = await runToEnd(runner, "StubbornInTime", "ever");
      expect(status).toMatchObject({ status: "Failed", error: { code: "RUN_TIMED_OUT" } });
      expect(await eventsOf(run, "executorFailed")).toMatchObject([{ error: { code: "EXECUTOR_ABORTED" } }]);
    });

    it("have what they answer after their time limit recorded, and nothing else comes of it", async () => {
      const { run, status } = await runToEnd(runner, "LateAndRetried", "told");
      expect(status).toMatchObject({ status: "Completed", outputs: ["told at attempt 2"] });
      expect(await story(run)).toEqual([
        "runStarted",
        "executorStarted LateAtFirst",
        "executorDelayed LateAtFirst",
        "executorStarted LateAtFirst",
        "lateResultIgnored LateAtFirst",
        "executorCompleted LateAtFirst",
        "runOutput LateAtFirst",
        "runCompleted",
      ]);
      expect(await eventsOf(run, "lateResultIgnored")).toMatchObject([{ callKey: "LateAtFirst-1-1", attempt: 1 }]);
    });

    it("have every late answer recorded, however many come at once", async () => {
      const { run, status } = await runToEnd(runner, "LateAtOnce", "told");
      expect(status).toMatchObject({ status: "Completed", outputs: ["Late", "LateToo", "LateAsWell"] });
      const late = await eventsOf(run, "lateResultIgnored");
      expect(late.map(({ callKey }) => callKey).toSorted()).toEqual(["Late-2-1", "LateAsWell-2-1", "LateToo-2-1"]);
    });

    it("have what they answer after a cancel recorded while the run is undone, with a signal that does not fire", async () => {
      const run = await runner.start("LateWhileUndone", "a room");
      await until(run, isCalling("AnswersLate"));
      await run.cancel();
      expect(await run.end()).toMatchObject({ status: "Cancelled" });
      expect((await story(run)).slice(-5)).toEqual([
        "executorFailed AnswersLate",
        "compensationStarted Book",
        "lateResultIgnored AnswersLate",
        "compensationCompleted Book",
        "runCancelled",
      ]);
    });
  });
}

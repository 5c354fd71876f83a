import { describe, expect, it } from "vitest";
import { eventsOf, type RunnerUnderTest, runToEnd } from "./runner-under-test.ts";

/** What a run keeps and gives: state, outputs, events of its own. */
export function resultsSuite(runner: RunnerUnderTest): void {
  describe(`results, ${runner.name}`, () => {
    it("an executor sees its own writes at once, others in the next superstep", async () => {
      const { outputs } = await runToEnd(runner, "StateIsSeenNext", 20);
      expect(outputs).toEqual([121, 100, 121]);
    });

    it("two writers of one key in one superstep fail the run, and both are named", async () => {
      const { status } = await runToEnd(runner, "TwoWriters", 1);
      expect(status).toMatchObject({ status: "Failed", error: { code: "STATE_CONFLICT" } });
      expect(status.error?.message).toContain("Deposit-2-1");
      expect(status.error?.message).toContain("DepositToo-2-1");
    });

    it("outputs are what is yielded and what output executors return, in order", async () => {
      const { run, status } = await runToEnd(runner, "YieldAndReturn", 3);
      expect(status).toMatchObject({ outputs: ["at 3", "still at 3", 4, 16], output: 16 });
      expect((await eventsOf(run, "runOutput")).map(({ executorId, output }) => [executorId, output])).toEqual([
        ["Counter", "at 3"],
        ["Counter", "still at 3"],
        ["Counter", 4],
        ["Square", 16],
      ]);
    });

    it("a run may complete without an output", async () => {
      const { status } = await runToEnd(runner, "WithoutOutput", { any: "thing" });
      expect(status).toMatchObject({ status: "Completed", output: null, outputs: [] });
    });

    it("tokens are counted for each call, failed attempts too, and summed up for the run", async () => {
      const { run, status } = await runToEnd(runner, "CountsTokens", 5);
      expect(status.usage).toEqual({ modelCalls: 8, inputTokens: 32, outputTokens: 7 });
      const events = await run.events();
      expect(events.filter((event) => "usage" in event)).toMatchObject([
        {
          type: "executorCompleted",
          executorId: "Thinker",
          usage: { modelCalls: 2, inputTokens: 30, outputTokens: 5 },
        },
        { type: "executorDelayed", executorId: "SecondThought", usage: { modelCalls: 3 } },
        { type: "executorCompleted", executorId: "SecondThought", usage: { modelCalls: 3 } },
      ]);
    });

    it("a run that counts no tokens has no usage", async () => {
      const { status } = await runToEnd(runner, "Chain", 1);
      expect(status).not.toHaveProperty("usage");
    });

    it("an executor emits events of its own, with or without data", async () => {
      const { run } = await runToEnd(runner, "Emits", 1);
      const emitted = await eventsOf(run, "emitted");
      expect(emitted).toMatchObject([
        { executorId: "Teller", callKey: "Teller-1-1", name: "progress", data: { percent: 50 } },
        { executorId: "Teller", name: "done" },
      ]);
      expect(emitted[1]).not.toHaveProperty("data");
    });
  });
}

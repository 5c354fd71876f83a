import { describe, expect, it } from "vitest";
import { eventsOf, type RunnerUnderTest, runToEnd, story } from "./runner-under-test.ts";

/** Which executors a message comes to. */
export function routingSuite(runner: RunnerUnderTest): void {
  describe(`routing, ${runner.name}`, () => {
    it("a chain calls one executor after the other", async () => {
      const { run, status } = await runToEnd(runner, "Chain", 4);
      expect(status).toMatchObject({
        workflow: "Chain",
        status: "Completed",
        output: 100,
        outputs: [100],
        error: null,
      });
      expect(status.superstep).toBe(3);
      expect(status.executors).toEqual([
        { id: "AddOne", status: "completed", calls: 1 },
        { id: "Double", status: "completed", calls: 1 },
        { id: "Square", status: "completed", calls: 1 },
      ]);
      expect(await story(run)).toEqual([
        "runStarted",
        "executorStarted AddOne",
        "executorCompleted AddOne",
        "executorStarted Double",
        "executorCompleted Double",
        "executorStarted Square",
        "executorCompleted Square",
        "runOutput Square",
        "runCompleted",
      ]);
      expect((await eventsOf(run, "executorCompleted")).map(({ callKey, output }) => [callKey, output])).toEqual([
        ["AddOne-1-1", 5],
        ["Double-2-1", 10],
        ["Square-3-1", 100],
      ]);
    });

    it.each([
      ["text", "Grüße, 世界 🎉"],
      ["empty text", ""],
      ["text that looks like a date", "2024-05-01T10:00:00.1234567+02:00"],
      ["text that looks like JSON", '{"a":1}'],
      ["true", true],
      ["null", null],
      ["zero", 0],
      ["numbers", [0.1, 1e21, -1e-7, 9_007_199_254_740_991]],
      ["nested values", { list: [{ at: "2024-05-01T10:00:00Z" }, []], empty: {}, none: null }],
    ])("a value comes out as it went in: %s", async (_what, value) => {
      const { outputs } = await runToEnd(runner, "Echoes", value);
      expect(outputs).toEqual([value]);
    });

    it.each([
      [12, [12, 12]],
      [4, [4]],
      [13, [13]],
    ])("conditions decide for each edge by itself: %i", async (input, outputs) => {
      expect((await runToEnd(runner, "Conditions", input)).outputs).toEqual(outputs);
    });

    it("a message no condition takes is recorded as dropped", async () => {
      const { run, status } = await runToEnd(runner, "Conditions", 3);
      expect(status).toMatchObject({ status: "Completed", outputs: [], output: null });
      expect(await eventsOf(run, "messageDropped")).toMatchObject([
        { executorId: "Pass", message: 3, reason: "noEdgeTookIt" },
      ]);
    });

    it.each([
      [95, "Gold for 95"],
      [70, "Silver for 70"],
      [10, "None for 10"],
    ])("a switch takes the first case that holds, else the default: %i", async (points, output) => {
      expect((await runToEnd(runner, "Medals", points)).outputs).toEqual([output]);
    });

    it("a switch may drop the rest, and says so", async () => {
      expect((await runToEnd(runner, "MedalOrNothing", 95)).outputs).toEqual(["Gold for 95"]);
      const { run, status } = await runToEnd(runner, "MedalOrNothing", 10);
      expect(status).toMatchObject({ status: "Completed", outputs: [] });
      expect(await eventsOf(run, "messageDropped")).toMatchObject([{ executorId: "Pass", message: 10 }]);
    });

    it("a fan-out calls all targets, in the order of the plan", async () => {
      const { run, outputs } = await runToEnd(runner, "FanOutAll", 5);
      expect(outputs).toEqual([6, 10, 25]);
      expect((await eventsOf(run, "executorStarted")).map(({ executorId }) => executorId)).toEqual([
        "Pass",
        "AddOne",
        "Double",
        "Square",
      ]);
    });

    it("a selector chooses among the targets, or none", async () => {
      expect((await runToEnd(runner, "FanOutSome", 6)).outputs).toEqual([7, 36]);
      const { run, outputs } = await runToEnd(runner, "FanOutSome", 5);
      expect(outputs).toEqual([]);
      expect(await eventsOf(run, "messageDropped")).toMatchObject([{ executorId: "Pass", message: 5 }]);
    });

    it("a message may be sent to one of several targets", async () => {
      const { outputs } = await runToEnd(runner, "Targets", 10);
      expect(outputs).toEqual([12, 13, 20, 24]);
    });

    it("one executor starts several branches, with messages to some and what it returns to all that take it", async () => {
      const { run, outputs } = await runToEnd(runner, "SeveralStarts", { numbers: [20, 30], text: "go" });
      // 20 goes round by its own edge: 40 is below 50.
      expect(outputs).toEqual([40, 60, "GO", "2 NUMBERS", 80]);
      expect((await eventsOf(run, "executorStarted")).map(({ callKey }) => callKey)).toEqual([
        "Dispatch-1-1",
        "Double-2-1",
        "Double-2-2",
        "Shout-2-1",
        "Shout-2-2",
        "Double-3-1",
      ]);
    });

    it("more messages than a superstep takes are delivered in order, over several of them", async () => {
      const { run, status } = await runToEnd(runner, "ManyCalls", 1);
      expect(status).toMatchObject({ outputs: [2, 4, 6], superstep: 3 });
      expect((await eventsOf(run, "executorStarted")).map(({ callKey }) => callKey)).toEqual([
        "Three-1-1",
        "Double-2-1",
        "Double-2-2",
        "Double-3-1",
      ]);
    });
  });
}

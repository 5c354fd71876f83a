import { describe, expect, it } from "vitest";
import { eventsOf, type RunnerUnderTest, runToEnd, story, until, withCode } from "./runner-under-test.ts";

/** Workflows as parts of workflows. */
export function framesSuite(runner: RunnerUnderTest): void {
  describe(`sub-workflows, ${runner.name}`, () => {
    it("run in the run of their caller, in a frame with its own state, and their outputs go on", async () => {
      const { run, status } = await runToEnd(runner, "OneInner", 0);
      expect(status).toMatchObject({
        status: "Completed",
        superstep: 4,
        outputs: [{ value: 11, calls: 1, workflow: "Counted", callKey: "Counted~1~Last-3-1" }],
        executors: [
          { id: "Start", status: "completed", calls: 1 },
          { id: "Counted", status: "completed", calls: 1 },
          { id: "Counted~First", status: "completed", calls: 1 },
          { id: "Counted~Last", status: "completed", calls: 1 },
          { id: "Tell", status: "completed", calls: 1 },
        ],
      });
      expect(await story(run)).toEqual([
        "runStarted",
        "executorStarted Start",
        "executorCompleted Start",
        "executorStarted Counted",
        "executorStarted Counted~1~First",
        "executorCompleted Counted~1~First",
        "executorStarted Counted~1~Last",
        "executorCompleted Counted~1~Last",
        "executorCompleted Counted",
        "executorStarted Tell",
        "executorCompleted Tell",
        "runOutput Tell",
        "runCompleted",
      ]);
      const completed = await eventsOf(run, "executorCompleted");
      expect(completed.map(({ frame, callKey }) => [frame, callKey])).toEqual([
        [undefined, "Start-1-1"],
        ["Counted~1", "Counted~1~First-2-1"],
        ["Counted~1", "Counted~1~Last-3-1"],
        [undefined, "Counted-2-1"],
        [undefined, "Tell-4-1"],
      ]);
      expect(completed[3]?.output).toMatchObject({ value: 11, calls: 1 });
    });

    it("may be run on their own as well", async () => {
      expect((await runToEnd(runner, "Counted", 1)).outputs).toEqual([
        { value: 2, calls: 1, workflow: "Counted", callKey: "Last-2-1" },
      ]);
    });

    it("get a frame for each call, and are called in the order of the plan, then of arrival", async () => {
      const { run, outputs } = await runToEnd(runner, "ManyFrames", 5);
      expect(outputs).toEqual(
        [
          [6, "CountedAgain~1~Last-3-1"],
          [11, "CountedAgain~2~Last-3-1"],
          [6, "Counted~1~Last-3-1"],
          [11, "Counted~2~Last-3-1"],
        ].map(([value, callKey]) => ({ value, calls: 1, workflow: "Counted", callKey })),
      );
      const started = (await eventsOf(run, "executorStarted")).map(({ callKey }) => callKey);
      expect(started).toEqual([
        "Twice-1-1",
        "CountedAgain-2-1",
        "CountedAgain~1~First-2-1",
        "CountedAgain-2-2",
        "CountedAgain~2~First-2-1",
        "Counted-2-1",
        "Counted~1~First-2-1",
        "Counted-2-2",
        "Counted~2~First-2-1",
        "CountedAgain~1~Last-3-1",
        "CountedAgain~2~Last-3-1",
        "Counted~1~Last-3-1",
        "Counted~2~Last-3-1",
      ]);
    });

    it("may hold others, as start, on the way and as output", async () => {
      const { run, status } = await runToEnd(runner, "Deep", 0);
      expect(status).toMatchObject({ status: "Completed", outputs: [3, 4], superstep: 4 });
      expect((await eventsOf(run, "executorStarted")).map(({ callKey }) => callKey)).toEqual([
        "Level1-1-1",
        "Level1~1~Inc-1-1",
        "Level1~1~Level2-2-1",
        "Level1~1~Level2~1~Level3-2-1",
        "Level1~1~Level2~1~Level3~1~Inc-2-1",
        "Level1~1~Level2~1~Inc-3-1",
        "Inc-4-1",
      ]);
      expect((await eventsOf(run, "runOutput")).map(({ executorId, output }) => [executorId, output])).toEqual([
        ["Level1", 3],
        ["Inc", 4],
      ]);
    });

    it("send on what they output by the conditions, switches and selectors around them", async () => {
      const { outputs } = await runToEnd(runner, "RoutedOutputs", 10);
      expect(outputs).toEqual(["Even 10", "Even 12", "Big 12", "Big 13", "Small 10", "Small 11", "Chosen 13"]);
    });

    it("have fan-ins of their own, which fire with empty places once their frame has nothing else left to do", async () => {
      expect((await runToEnd(runner, "GapsInside", 20)).outputs).toEqual([[[20, 21], 21]]);
      expect((await runToEnd(runner, "GapsInside", 5)).outputs).toEqual([[[null, 6], 6]]);
    });

    it("fail with a fan-in that stays half full", async () => {
      expect((await runToEnd(runner, "NoGapsInside", 20)).outputs).toEqual([[20, 21]]);
      const { status } = await runToEnd(runner, "NoGapsInside", 5);
      expect(status).toMatchObject({
        status: "Failed",
        error: { code: "FAN_IN_INCOMPLETE", executorId: "NoGaps", message: expect.stringContaining('"Maybe"') },
      });
    });

    it("fail the run when nothing around them takes their failure, and name the path", async () => {
      const { run, status } = await runToEnd(runner, "FailsInside", 100);
      expect(status).toMatchObject({
        status: "Failed",
        waitingForInput: [],
        error: { code: "TOO_MUCH", executorId: "Breaks", frame: "HoldsFragile~1~Fragile~1" },
      });
      const failed = await eventsOf(run, "executorFailed");
      expect(failed.map(({ callKey, error }) => [callKey, error.executorId])).toEqual([
        ["HoldsFragile~1~Fragile~1~Breaks-4-1", "Breaks"],
        ["HoldsFragile~1~Fragile-2-1", "Breaks"],
        ["HoldsFragile-2-1", "Breaks"],
      ]);
    });

    it("fail their node, whose error edge takes it; what was open in them is closed", async () => {
      const { run, status } = await runToEnd(runner, "MendedOutside", 100);
      expect(status).toMatchObject({
        status: "Completed",
        waitingForInput: [],
        outputs: ["HoldsFragile 110: TOO_MUCH at HoldsFragile~1~Fragile~1~Breaks"],
      });
      const [opened] = await eventsOf(run, "requestOpened");
      expect(await eventsOf(run, "requestClosed")).toMatchObject([
        { executorId: "Waits", frame: "HoldsFragile~1~Fragile~1", requestId: opened?.requestId },
      ]);
      const state = Object.fromEntries(status.executors.map((executor) => [executor.id, executor.status]));
      expect(state).toMatchObject({
        HoldsFragile: "failed",
        "HoldsFragile~Fragile": "failed",
        "HoldsFragile~Fragile~Waits": "failed",
        Mends: "completed",
      });
    });

    it("mend a failure inside where they have an error edge for it", async () => {
      expect((await runToEnd(runner, "MendedWithin", 100)).outputs).toEqual([-110]);
    });

    it("are undone with the run, the call that completed last first, in whatever frame", async () => {
      const { run, status } = await runToEnd(runner, "UndoneInside", 100);
      expect(status).toMatchObject({ status: "Failed", error: { code: "TOO_MUCH" } });
      expect(
        (await eventsOf(run, "compensationCompleted")).map(({ frame, executorId }) => [frame, executorId]),
      ).toEqual([
        ["Trip~1", "Flight"],
        ["Trip~1", "Hotel"],
        [undefined, "Taxi"],
      ]);
    });

    it("end at a halt of their own, and the run goes on", async () => {
      const { run, status } = await runToEnd(runner, "HaltsInside", 1);
      expect(status).toMatchObject({ status: "Completed", outputs: [2, 3, 4] });
      expect(await eventsOf(run, "messageDropped")).toMatchObject([
        { frame: "Loop~1", message: 4, reason: "frameEnded" },
      ]);
    });

    it("ask people in the status of the run, each call for itself", async () => {
      const run = await runner.start("Approvals", ["tea", "cake"]);
      const asking = await until(run, ({ waitingForInput }) => waitingForInput.length === 2);
      expect(asking.waitingForInput).toMatchObject([
        { eventName: "Approval", frame: "Approve~1", input: { subject: "tea" } },
        { eventName: "Approval", frame: "Approve~2", input: { subject: "cake" } },
      ]);
      expect(asking.waitingForInput[0]?.responseSchema).toMatchObject({ required: ["approved"] });
      expect(asking.executors).toMatchObject([
        { id: "Subjects", status: "completed" },
        { id: "Approve", status: "running", calls: 2 },
        { id: "Approve~Approval", status: "waiting", calls: 2 },
        { id: "Approve~Decided", status: "idle" },
      ]);
      const [tea = "", cake = ""] = asking.waitingForInput.map(({ requestId }) => requestId);
      expect(tea).toMatch(/^approve~1~approval-1-[0-9a-f]{8}$/);
      await expect(run.respond({ eventName: "Approval" }, { approved: true })).rejects.toEqual(
        withCode("REQUEST_AMBIGUOUS"),
      );
      await expect(run.respond({ requestId: cake }, { approved: 1 })).rejects.toEqual(
        withCode("PORT_RESPONSE_INVALID"),
      );
      await run.respond({ requestId: cake }, { approved: false });
      await until(run, ({ waitingForInput }) => waitingForInput.length === 1);
      await run.respond({ eventName: "Approval" }, { approved: true });
      expect((await run.end()).outputs.toSorted()).toEqual(["cake: no", "tea: yes"]);
      expect((await eventsOf(run, "requestAnswered")).map(({ frame }) => frame).toSorted()).toEqual([
        "Approve~1",
        "Approve~2",
      ]);
    });

    it("fail their node when they take longer than their own time limit", async () => {
      const { run, status } = await runToEnd(runner, "LimitedInside", 7);
      expect(status).toMatchObject({ status: "Completed", outputs: ["Limited 7: RUN_TIMED_OUT at undefined~Limited"] });
      expect(await eventsOf(run, "requestClosed")).toMatchObject([{ frame: "Limited~1", executorId: "Waits" }]);
    });

    it.each([
      [1, "HangsAtOnce", "HangsAtOnce~1"],
      [2, "HoldsHanging", "HoldsHanging~1~HangsLater~1"],
    ])("wait for no call when their time is over, and try none again: %i", async (input, node, frame) => {
      const { run, status } = await runToEnd(runner, "HangsInside", input);
      expect(status).toMatchObject({
        status: "Completed",
        outputs: [`${node} ${input}: RUN_TIMED_OUT at undefined~${node}`],
      });
      expect(
        (await eventsOf(run, "executorFailed")).map((event) => [event.frame, event.executorId, event.error.code]),
      ).toEqual([
        [frame, "Hangs", "EXECUTOR_ABORTED"],
        ...(input === 2 ? [["HoldsHanging~1", "HangsLater", "EXECUTOR_ABORTED"]] : []),
        [undefined, node, "RUN_TIMED_OUT"],
      ]);
    });

    it("have recorded what a call still answers after their time", async () => {
      const { run, outputs } = await runToEnd(runner, "LateInside", 7);
      expect(outputs).toEqual([7]);
      expect(await eventsOf(run, "lateResultIgnored")).toMatchObject([
        { frame: "Late~1", executorId: "StopsLate", callKey: "Late~1~StopsLate-1-1", attempt: 1 },
      ]);
    });

    it("that are done in time have nothing to do with calls beside them that take longer", async () => {
      const { status } = await runToEnd(runner, "QuickBesideLonger", 7);
      expect(status).toMatchObject({ status: "Completed", outputs: [17, 17], error: null });
    });

    it("end with a cancelled run, and are undone", async () => {
      const run = await runner.start("BusyInside", 1);
      await until(run, ({ superstep, waitingForInput }) => superstep > 4 && waitingForInput.length === 1);
      await run.cancel("Enough");
      expect(await run.end()).toMatchObject({ status: "Cancelled", waitingForInput: [] });
      expect(await eventsOf(run, "compensationCompleted")).toMatchObject([{ executorId: "Hotel" }]);
    });

    it("end with a run that is out of time", async () => {
      const { status } = await runToEnd(runner, "BusyForAWhile", 1);
      expect(status).toMatchObject({ status: "Failed", error: { code: "RUN_TIMED_OUT" } });
    });
  });
}

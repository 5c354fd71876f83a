import { describe, expect, it } from "vitest";
import {
  eventsOf,
  type RunnerUnderTest,
  type RunUnderTest,
  runToEnd,
  until,
  untilAsking,
} from "./runner-under-test.ts";

/** One call for each item of a list. */
export function mapsSuite(runner: RunnerUnderTest): void {
  const superstepsOf = async (run: RunUnderTest, executor: string) => {
    const started = await eventsOf(run, "executorStarted");
    return started.filter(({ executorId }) => executorId === executor).map(({ superstep }) => superstep);
  };

  describe(`maps, ${runner.name}`, () => {
    it("call an executor for each item, and go on with the list of results in the order of the items", async () => {
      const { run, status } = await runToEnd(runner, "Mapped", [3, 1, 2]);
      expect(status).toMatchObject({
        status: "Completed",
        superstep: 3,
        outputs: [[9, 1, 4]],
        executors: [
          { id: "List", calls: 1 },
          { id: "Square", status: "completed", calls: 3 },
          { id: "Squares", calls: 1 },
        ],
      });
      expect((await eventsOf(run, "executorCompleted")).map(({ callKey, output }) => [callKey, output])).toEqual([
        ["List-1-1", [3, 1, 2]],
        ["Square-2-1", 9],
        ["Square-2-2", 1],
        ["Square-2-3", 4],
        ["Squares-3-1", [9, 1, 4]],
      ]);
    });

    it("give an empty list for an empty list", async () => {
      expect((await runToEnd(runner, "Mapped", [])).outputs).toEqual([[]]);
    });

    it("hand out every item as it is", async () => {
      const items = [
        '[1,"]",{',
        "",
        null,
        true,
        [],
        [[1, "a,b"]],
        {},
        { a: [1, 2], "b,c": '"' },
        "\\",
        1e21,
        "Grüße 🎉",
      ];
      expect((await runToEnd(runner, "MappedAnything", items)).outputs).toEqual([items]);
      expect((await runToEnd(runner, "MappedAnything", [[]])).outputs).toEqual([[[]]]);
    });

    it("take as many items in a superstep as it has room for", async () => {
      const { run, outputs } = await runToEnd(runner, "MappedInWindows", [1, 2, 3, 4, 5, 6, 7]);
      expect(outputs).toEqual([[1, 4, 9, 16, 25, 36, 49]]);
      expect(await superstepsOf(run, "Square")).toEqual([2, 2, 2, 3, 3, 3, 4]);
    });

    it("keep to their concurrency", async () => {
      const { run, outputs } = await runToEnd(runner, "MappedTwoAtATime", [1, 2, 3, 4, 5]);
      expect(outputs).toEqual([[1, 4, 9, 16, 25]]);
      expect(await superstepsOf(run, "Square")).toEqual([2, 2, 3, 3, 4]);
    });

    it("refuse a list that is too long, and say how long it is", async () => {
      expect((await runToEnd(runner, "MappedNarrow", [1, 2, 3])).outputs).toEqual([[1, 4, 9]]);
      const { run, status } = await runToEnd(runner, "MappedNarrow", [1, 2, 3, 4]);
      expect(status).toMatchObject({ status: "Failed", error: { code: "MAP_TOO_WIDE" } });
      expect(status.error?.message).toContain("4 items");
      expect(await superstepsOf(run, "Square")).toEqual([]);
    });

    it("try a failed item again while others go on, and put its result where it belongs", async () => {
      const { run, outputs } = await runToEnd(runner, "MappedWithRetries", [101, 2, 102, 4, 5, 6, 7, 8]);
      expect(outputs).toEqual([[101, 2, 102, 4, 5, 6, 7, 8]]);
      const completed = await eventsOf(run, "executorCompleted");
      const risky = completed.filter(({ executorId }) => executorId === "Risky").map(({ output }) => output);
      // However long a superstep takes: two attempts at the others fail first.
      expect(risky.slice(0, 2)).toEqual([2, 4]);
    });

    it("fail the run with the first item that fails for good, and begin no other", async () => {
      const { run, status } = await runToEnd(runner, "MappedWithRetries", [101, 50, 3, 4, 5]);
      expect(status).toMatchObject({ status: "Failed", outputs: [], error: { code: "NO_50", executorId: "Risky" } });
      expect(status.executors[1]).toMatchObject({ id: "Risky", status: "failed", calls: 5 });
      expect((await eventsOf(run, "executorFailed")).map(({ error }) => error.code)).toEqual(["NO_50"]);
    });

    it("may let items fail, and tell each result", async () => {
      expect((await runToEnd(runner, "MappedSettled", [1, 50, 3])).outputs).toEqual([["ok 1", "failed NO_50", "ok 3"]]);
      expect((await runToEnd(runner, "MappedSettled", [])).outputs).toEqual([[]]);
    });

    it("may ask for a number of items that succeed", async () => {
      expect((await runToEnd(runner, "MappedAtLeastTwo", [50, 1, 51, 2])).outputs).toEqual([
        ["failed NO_50", "ok 1", "failed NO_51", "ok 2"],
      ]);
    });

    it("fail once too few of them can succeed", async () => {
      const { run, status } = await runToEnd(runner, "MappedAtLeastTwo", [50, 51, 52, 1]);
      expect(status).toMatchObject({
        status: "Failed",
        error: { code: "MAP_TOO_FEW", executorId: "Risky", causes: [{ code: "NO_52", message: "No 52." }] },
      });
      expect(status.error?.message).toContain("needs 2 calls that succeed; of 4, 3 have failed");
      // The first two are tried again each in its own time.
      const failures = await eventsOf(run, "executorFailed");
      expect(failures.map(({ error }) => error.code).toSorted()).toEqual(["NO_50", "NO_51", "NO_52"]);
      const short = await runToEnd(runner, "MappedAtLeastTwo", [1]);
      expect(short.status).toMatchObject({ status: "Failed", error: { code: "MAP_TOO_FEW" } });
    });

    it("leave the failures to an error edge of the executor, and then send nothing on", async () => {
      const { run, status } = await runToEnd(runner, "MappedWithErrorEdge", [1, 50, 3, 4]);
      expect(status).toMatchObject({ status: "Completed", outputs: ["Risky 50 NO_50"] });
      expect(await eventsOf(run, "messageDropped")).toMatchObject([
        { executorId: "List", message: [3, 4], reason: "mapEnded" },
      ]);
      expect((await runToEnd(runner, "MappedWithErrorEdge", [1, 2])).outputs).toEqual([[1, 2]]);
    });

    it("hold every item to the time limit of the executor", async () => {
      expect((await runToEnd(runner, "MappedWithTimeLimit", [1, 50, 2])).outputs).toEqual([
        ["ok 1", "failed EXECUTOR_TIMED_OUT", "ok 2"],
      ]);
    });

    it("ask a person about each item, so many at a time", async () => {
      const run = await runner.start("MappedPort", ["tea", "cake", "milk"]);
      const asking = await until(run, ({ waitingForInput }) => waitingForInput.length === 2);
      const [tea, cake] = asking.waitingForInput.map(({ requestId }) => requestId);
      await run.respond({ requestId: cake ?? "" }, { approved: false });
      const next = await until(run, ({ waitingForInput }) =>
        waitingForInput.some(({ requestId }) => requestId !== tea && requestId !== cake),
      );
      expect(next.waitingForInput.map(({ input }) => input)).toEqual([{ subject: "tea" }, { subject: "milk" }]);
      for (const { requestId } of next.waitingForInput) await run.respond({ requestId }, { approved: true });
      expect((await run.end()).outputs).toEqual(["tea: true, cake: false, milk: true"]);
    });

    it("take the answer of the port that a request escalated to", async () => {
      const run = await runner.start("MappedEscalation", [1, 2]);
      await untilAsking(run, "Boss", "Boss");
      const { waitingForInput } = await run.status();
      for (const { requestId, input } of waitingForInput) await run.respond({ requestId }, Number(input) * 100);
      expect((await run.end()).outputs).toEqual([[100, 200]]);
    });

    it("run a workflow for each item, and take its last output", async () => {
      const { run, outputs } = await runToEnd(runner, "MappedWorkflow", [1, 2, 3, 4, 5]);
      expect(outputs).toEqual([[4, 6, 8, 10, 12]]);
      // What was begun goes on before more is begun.
      expect(await superstepsOf(run, "AddOne")).toEqual([2, 2, 4, 4, 6]);
      expect(await superstepsOf(run, "Double")).toEqual([3, 3, 5, 5, 7]);
    });

    it("count a workflow that fails, or that ends without an output, as a failed item", async () => {
      expect((await runToEnd(runner, "MappedWorkflowSettled", [1, 50, 101])).outputs).toEqual([
        ["ok 1", "failed ITEM_WITHOUT_RESULT", "failed TOO_MUCH"],
      ]);
    });

    it("may be in workflows that are mapped themselves", async () => {
      const { outputs } = await runToEnd(runner, "MappedMaps", [[1, 2], [], [3], [1, 1, 1, 1]]);
      expect(outputs).toEqual([[5, 0, 9, 4]]);
    });

    it("go on at the same time, and in loops", async () => {
      expect((await runToEnd(runner, "TwoMaps", [1, 2, 3, 4, 5])).outputs).toEqual([[1, 4, 9, 16, 25, 2, 4, 6, 8, 10]]);
      expect((await runToEnd(runner, "LoopOfMaps", [3, 10])).outputs).toEqual([[6_561, 100_000_000]]);
    });

    it("take only what they asked for; other messages of the executor go along its edges", async () => {
      const { outputs } = await runToEnd(runner, "MapAndEdges", [1, 2]);
      expect(outputs).toEqual([[10, 20], "working on 1", "working on 2", "working on 7", 70]);
    });
  });
}

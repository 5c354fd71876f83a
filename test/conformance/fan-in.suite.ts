import { describe, expect, it } from "vitest";
import { type RunnerUnderTest, runToEnd } from "./runner-under-test.ts";

/** Where branches meet. */
export function fanInSuite(runner: RunnerUnderTest): void {
  describe(`fan-in, ${runner.name}`, () => {
    it("delivers once, after every branch has sent, in the order of the sources", async () => {
      const { status } = await runToEnd(runner, "Diamond", 3);
      expect(status).toMatchObject({ outputs: [[4, 36]], superstep: 4 });
    });

    it("works in a loop", async () => {
      // 5 → 6 + 10 = 16 → 17 + 32 = 49 → 50 + 98 = 148, and 148² = 21904
      expect((await runToEnd(runner, "FanInLoop", 5)).outputs).toEqual([21_904]);
    });

    it("takes one message of each source and keeps the rest", async () => {
      expect((await runToEnd(runner, "Zip", 10)).outputs).toEqual([
        [11, 20],
        [12, 22],
        [13, 24],
      ]);
    });

    it("leaves places empty when it may, once nothing else is left to do", async () => {
      expect((await runToEnd(runner, "WithGaps", 20)).outputs).toEqual([[20, 21]]);
      expect((await runToEnd(runner, "WithGaps", 5)).outputs).toEqual([[null, 6]]);
    });

    it("fails the run when a source stays silent, and names it", async () => {
      const { status } = await runToEnd(runner, "WithoutGaps", 5);
      expect(status).toMatchObject({ status: "Failed", error: { code: "FAN_IN_INCOMPLETE" } });
      expect(status.error?.message).toContain('"Maybe"');
      expect(status.error?.message).not.toContain('"AddOne"');
    });
  });
}

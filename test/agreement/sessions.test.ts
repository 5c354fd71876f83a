import fc from "fast-check";
import { expect, it } from "vitest";
import { drawnRun } from "./draw.ts";
import { asOrchestration } from "./runners.ts";

it("tells the same of a run whose orchestrator is kept between its episodes as of one that is replayed in each", async () => {
  let [replays, beginnings] = [0, 0];
  await fc.assert(
    fc.asyncProperty(drawnRun, async (drawn) => {
      const { workflow: _, ...replayed } = await asOrchestration(drawn, { began: () => replays++ });
      const { workflow: __, ...kept } = await asOrchestration(drawn, {
        keepsSessions: true,
        began: () => beginnings++,
      });
      expect(kept).toEqual(replayed);
    }),
    { numRuns: 60 },
  );
  expect(beginnings).toBeLessThan(replays / 2);
}, 120_000);

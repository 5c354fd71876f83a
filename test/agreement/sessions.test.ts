import fc from "fast-check";
import { expect, it } from "vitest";
import { drawnRun } from "./draw.ts";
import { asOrchestration } from "./runners.ts";

it("tells the same of a run whose orchestrator is kept between its episodes as of one that is replayed in each", async () => {
  await fc.assert(
    fc.asyncProperty(drawnRun, async (drawn) => {
      let calls = 0;
      const { workflow: _, ...replayed } = await asOrchestration(drawn, { watch: () => calls++ });
      const { workflow: __, ...kept } = await asOrchestration(drawn, { keepsSessions: true });
      expect(kept).toEqual(replayed);
    }),
    { numRuns: 60 },
  );
}, 120_000);

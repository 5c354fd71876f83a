import { expect, it } from "vitest";
import { checkLongLoop } from "./support/long-loop.ts";

it("the end of a long loop has as much to replay as its beginning", async () => {
  const costs = await checkLongLoop(1_000);
  // The first generation begins with an input, every other one with a state, which is small beside the history.
  expect((costs.get(900)?.chars ?? 0) / (costs.get(100)?.chars ?? 1)).toBeLessThan(1.02);
  // 4 events of a call and its episode, for 100 supersteps.
  expect(costs.get(900)?.events).toBe(costs.get(100)?.events);
});

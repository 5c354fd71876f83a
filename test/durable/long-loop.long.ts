import { longSuite } from "../support/long-suite.ts";
import { checkLongLoop } from "./support/long-loop.ts";

const SUPERSTEPS = 10_000;

longSuite(
  "long-loop",
  "A loop of 10,000 supersteps ends, and its end costs what its beginning cost",
  async ({ count }) => {
    const costs = await checkLongLoop(SUPERSTEPS);
    for (const superstep of [100, 9_900]) {
      count(`events that superstep ${superstep} replays`, costs.get(superstep)?.events ?? 0);
      count(`characters of history and state that superstep ${superstep} gets`, costs.get(superstep)?.chars ?? 0);
    }
  },
);

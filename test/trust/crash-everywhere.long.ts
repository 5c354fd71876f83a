import { longSuite } from "../support/long-suite.ts";
import { scenarios } from "./scenarios/all.ts";
import { crashEverywhere, crashTwice } from "./support/crash-everywhere.ts";
import { seededRandom } from "./support/seeded-random.ts";

const PAIRS_OF_STORY = Number(process.env.LONG_PAIRS ?? 100);

longSuite(
  "crash-everywhere",
  "A hub that dies at any write, or twice, brings every story to the same end",
  async ({ seed, count }) => {
    const random = seededRandom(seed);
    count("stories", scenarios.length);
    let points = 0;
    for (const scenario of scenarios) points += await crashEverywhere(scenario);
    count("single points, all there are", points);
    for (const scenario of scenarios) await crashTwice(scenario, PAIRS_OF_STORY, random);
    count("pairs of points", scenarios.length * PAIRS_OF_STORY);
  },
);

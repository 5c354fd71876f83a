import { expect } from "vitest";
import { longSuite } from "../support/long-suite.ts";
import { killAgainAndAgain } from "./support/kills.ts";

const KILLS = Number(process.env.LONG_KILLS ?? 1_000);

longSuite(
  "kill",
  "A host that is killed again and again under load loses, doubles and repeats nothing",
  async ({ seed, count }) => {
    const { violations, ...counts } = await killAgainAndAgain({ seed, kills: KILLS });
    for (const [what, value] of Object.entries(counts)) count(what, value);
    count("violations", violations.length);
    expect(violations).toEqual([]);
  },
);

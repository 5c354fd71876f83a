import { expect, it } from "vitest";
import { killAgainAndAgain } from "./support/kills.ts";

// Two hosts side by side, each with a data folder of its own: half of the time goes by while a process starts.
it.concurrent.each([
  [20_261_125, 50],
  [20_261_126, 50],
])(
  "loses, doubles and repeats nothing through kills under load, seed %i, %i kills",
  async (seed, kills) => {
    const report = await killAgainAndAgain({ seed, kills });
    expect(report).toMatchObject({ kills, violations: [] });
    expect(report.acknowledged).toBeGreaterThan(2 * kills);
    expect(report.calls).toBeGreaterThan(report.runs);
  },
  300_000,
);

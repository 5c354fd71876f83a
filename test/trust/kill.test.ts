import { expect, it } from "vitest";
import { killAgainAndAgain } from "./support/kills.ts";

const drawn = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 2 ** 31));

// Two hosts side by side, each with a data folder of its own: half of the time goes by while a process starts.
it.concurrent.each([
  [20_261_125, 50],
  [drawn, 50],
])(
  "loses, doubles and repeats nothing through kills under load, KILL_SEED=%i, %i kills",
  async (seed, kills) => {
    console.log(`KILL_SEED=${seed}`);
    const report = await killAgainAndAgain({ seed, kills });
    expect(report).toMatchObject({ kills, violations: [] });
    expect(report.acknowledged).toBeGreaterThan(2 * kills);
    expect(report.calls).toBeGreaterThan(report.runs);
  },
  600_000,
);

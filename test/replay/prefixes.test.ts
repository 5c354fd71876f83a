import { expect, it } from "vitest";
import { readCorpus } from "../agreement/check-agreement.ts";
import type { DrawnRun } from "../agreement/drawn-run.ts";
import { inOtherWorld, WORLDS } from "./other-world.ts";
import { checkPrefixes, replayPrefixes } from "./prefixes.ts";

const HISTORIES = 200;
const { PREFIX_CASE, PREFIX_SEED } = process.env;

if (PREFIX_CASE !== undefined) {
  it("replays the case of the environment", async () => {
    await replayPrefixes(JSON.parse(PREFIX_CASE) as DrawnRun);
  });
} else {
  it.for(readCorpus())("gives the same commands for every prefix of: $about", async ({ drawn }) => {
    expect(Math.min(...(await replayPrefixes(drawn)))).toBeGreaterThan(4);
  });

  it(`gives the same commands for every prefix of ${HISTORIES} histories, whatever clock, time zone and chance`, {
    timeout: 600_000,
  }, async () => {
    const seed = Number(PREFIX_SEED ?? Math.floor(Math.random() * 2 ** 31));
    const { failures, ...counts } = await checkPrefixes({ histories: HISTORIES, seed, maxFuel: 12 });
    console.log(`PREFIX_SEED=${seed} ${JSON.stringify(counts)}`);
    expect(failures).toEqual([]);
    expect(counts.prefixes).toBeGreaterThan(10 * HISTORIES);
  });

  it.for(WORLDS)("would find an orchestrator that asks: $name", async (world) => {
    const asked = await inOtherWorld(world, async () => ({
      now: attempt(() => Date.now()),
      year: attempt(() => new Date().getUTCFullYear()),
      chance: attempt(() => Math.random()),
      sinceStart: attempt(() => performance.now()),
      hours: new Date(0).getHours(),
      parsed: new Date("2026-01-01T00:00:00.000Z").getTime(),
    }));
    const isThrown = world.name.includes("throws");
    const answers = { now: 946_684_740_000, year: 1999, chance: 0.999, sinceStart: 946_684_740_000 };
    const thrown = { now: "thrown", year: "thrown", chance: "thrown", sinceStart: "thrown" };
    expect(asked).toMatchObject(isThrown ? thrown : answers);
    expect(asked.hours).toBe(world.timeZone === "Pacific/Auckland" ? 12 : 14);
    expect(asked.parsed).toBe(Date.UTC(2026, 0, 1));
    expect(Math.abs(Date.now() - performance.timeOrigin - performance.now())).toBeLessThan(60_000);
  });
}

function attempt(use: () => number): number | "thrown" {
  try {
    return use();
  } catch {
    return "thrown";
  }
}

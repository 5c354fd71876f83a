import { describe, expect, it } from "vitest";
import { scenarios } from "./scenarios/all.ts";
import { crashEverywhere } from "./support/crash-everywhere.ts";

describe("a hub that dies at any write", () => {
  it("is tried with 40 stories at least", () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(40);
  });

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    "brings %s to the same end",
    async (_name, scenario) => {
      expect(await crashEverywhere(scenario)).toBeGreaterThan(4);
    },
    120_000,
  );
});

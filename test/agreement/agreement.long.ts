import { expect } from "vitest";
import { longSuite } from "../support/long-suite.ts";
import { checkCase, readCorpus } from "./check-agreement.ts";
import { checkInParts } from "./graph-parts.ts";

const GRAPHS = Number(process.env.LONG_GRAPHS ?? 10_000);
const RESTLESS_GRAPHS = Math.ceil(GRAPHS / 10);

longSuite("agreement", "All runners tell the same of random graphs", async ({ seed, count }) => {
  const corpus = readCorpus();
  for (const kept of corpus) await checkCase(kept);
  count("cases kept from earlier failures", corpus.length);
  count("random graphs", GRAPHS);
  count("random graphs with people who act at any moment", RESTLESS_GRAPHS);
  const draws = [
    { seed, runs: GRAPHS, isRestless: false },
    { seed, runs: RESTLESS_GRAPHS, isRestless: true },
  ];
  expect(await checkInParts(draws, count)).toEqual([]);
});

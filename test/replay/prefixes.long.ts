import { expect } from "vitest";
import { longSuite } from "../support/long-suite.ts";
import { checkPrefixesInParts } from "./prefix-parts.ts";

const HISTORIES = Number(process.env.LONG_HISTORIES ?? 2_000);

longSuite("prefixes", "Every prefix of a history gives the same commands in another world", async ({ seed, count }) => {
  expect(await checkPrefixesInParts({ histories: HISTORIES, seed }, count)).toEqual([]);
});

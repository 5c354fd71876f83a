import { longSuite } from "../support/long-suite.ts";
import { checkPrefixes } from "./prefixes.ts";

const HISTORIES = Number(process.env.LONG_HISTORIES ?? 2_000);

longSuite("prefixes", "Every prefix of a history gives the same commands in another world", async ({ seed, count }) => {
  const { histories, generations, prefixes, longest } = await checkPrefixes({ histories: HISTORIES, seed });
  count("histories", histories);
  count("generations of them", generations);
  count("prefixes", prefixes);
  count("events in the longest history", longest);
});

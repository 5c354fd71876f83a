import { expect, it } from "vitest";
import { partOfEnvironment } from "../support/parts.ts";
import type { PrefixesResult } from "./prefix-parts.ts";
import { checkPrefixes, type PrefixDraws } from "./prefixes.ts";

it("replays the prefixes of some histories, in a process of its own", async () => {
  const { work, done } = partOfEnvironment<PrefixDraws, PrefixesResult>();
  const checked = await checkPrefixes(work);
  done({ ...checked, memoryMb: Math.round(process.resourceUsage().maxRSS / 1024) });
  expect(checked.failures).toEqual([]);
});

import { expect, it } from "vitest";
import { partOfEnvironment } from "../support/parts.ts";
import { checkAgreement, checkFolding } from "./check-agreement.ts";
import type { GraphsResult, GraphsWork } from "./graph-parts.ts";

it("looks at some random graphs, in a process of its own", async () => {
  const { work, done } = partOfEnvironment<GraphsWork, GraphsResult>();
  const { features, ...checked } = await (work.isRestless ? checkFolding(work) : checkAgreement(work));
  done({ ...checked, features: features.counts, memoryMb: Math.round(process.resourceUsage().maxRSS / 1024) });
  expect(checked.failures).toEqual([]);
});

import { expect, it } from "vitest";
import type { DoublingWork } from "./doubling-work.ts";
import { inParts, type Part } from "./parts.ts";

it("does each part in a process of its own, and goes on when one dies", { timeout: 120_000 }, async () => {
  const parts: Part<DoublingWork, number>[] = [];
  const works = [{ value: 1 }, { value: 2, dies: true }, { value: 3 }];
  await inParts<DoublingWork, number>("test/support/doubling.part.ts", works, (part) => parts.push(part));
  const results = Object.fromEntries(parts.map(({ work, result }) => [work.value, result]));
  expect(results).toEqual({ 1: 2, 2: undefined, 3: 6 });
  expect(parts.find(({ work }) => work.dies)?.output).toContain("Worker");
});

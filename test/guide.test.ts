import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { bookTrip } from "../samples/04-book-a-trip.ts";
import { runInProcess } from "../src/index.ts";

const read = (file: string) => readFileSync(new URL(file, import.meta.url), "utf8");

it("docs/guide.md shows a test that passes", async () => {
  const run = runInProcess(bookTrip, { traveller: "Ada", city: "Turin", nights: 5 });
  const { request, respond } = await run.nextRequest("BudgetHolder");
  expect(request.total).toBe(790);
  await respond({ approved: false, comment: "Too dear" });
  expect(await run.output()).toBe("Not booked: Too dear.");
});

it("docs/guide.md shows the test above, word for word", () => {
  const [, shown = ""] = /```ts\n([\s\S]*?)```/.exec(read("../docs/guide.md")) ?? [];
  const lines = shown.trimEnd().split("\n");
  expect(lines.length).toBe(5);
  expect(read("./guide.test.ts")).toContain(lines.map((line) => `  ${line}`).join("\n"));
});

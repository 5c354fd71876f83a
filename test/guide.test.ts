import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { z } from "zod";
import { bookTrip } from "../samples/04-book-a-trip.ts";
import { defineExecutor, errorMessage, NonRetryableError, runInProcess, WorkflowBuilder } from "../src/index.ts";

const read = (file: string) => readFileSync(new URL(file, import.meta.url), "utf8");

it("docs/guide.md shows a test that passes", async () => {
  const run = runInProcess(bookTrip, { traveller: "Ada", city: "Turin", nights: 5 });
  const { request, respond } = await run.nextRequest("BudgetHolder");
  expect(request.total).toBe(790);
  await respond({ approved: false, comment: "Too dear" });
  expect(await run.output()).toBe("Not booked: Too dear.");
});

it("docs/guide.md shows executors that fail, and what becomes of that", async () => {
  const order = z.object({ id: z.string(), amount: z.number() });
  const bank = {
    charge: async (id: string, amount: number, _options: object) => ({ id, amount }),
    refund: async (_id: string, _options: object) => undefined,
  };
  const charge = defineExecutor({
    id: "Charge",
    input: order,
    output: order,
    timeoutMs: 30_000,
    retry: { maxAttempts: 4, firstDelayMs: 1_000, retryOn: ({ code }) => code === "BUSY" },
    async handle({ id, amount }, { runId, callKey, signal }) {
      if (amount < 0) throw new NonRetryableError("No such amount.", { code: "AMOUNT_INVALID" });
      return bank.charge(id, amount, { idempotencyKey: `${runId}-${callKey}`, signal });
    },
    compensate: (_charged, asked, { runId, callKey }) =>
      bank.refund(asked.id, { idempotencyKey: `${runId}-${callKey}` }),
  });
  const sorry = defineExecutor({
    id: "Sorry",
    input: errorMessage(order),
    output: z.string(),
    handle: ({ executorId, input, error }) => `${executorId} could not take ${input.id}: ${error.message}`,
  });
  const ship = defineExecutor({ id: "Ship", input: order, output: z.string(), handle: ({ id }) => `shipped ${id}` });
  const builder = new WorkflowBuilder("Shop", charge);
  builder.addEdge(charge, ship).addErrorEdge(charge, sorry).withOutputFrom(ship, sorry);
  const shop = builder.build();
  expect(await runInProcess(shop, { id: "a tent", amount: 90 }).output()).toBe("shipped a tent");
  expect(await runInProcess(shop, { id: "a tent", amount: -1 }).output()).toBe(
    "Charge could not take a tent: No such amount.",
  );
});

it.each([
  ["When something fails", 19],
  ["Test it", 5],
])("docs/guide.md shows under %j what is above, word for word", (section, length) => {
  const [, text = ""] = read("../docs/guide.md").split(`\n## ${section}\n`);
  const [, shown = ""] = /```ts\n([\s\S]*?)```/.exec(text) ?? [];
  const lines = shown.trimEnd().split("\n");
  expect(lines.length).toBe(length);
  expect(read("./guide.test.ts")).toContain(lines.map((line) => `  ${line}`).join("\n"));
});

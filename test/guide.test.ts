import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { bookTrip } from "../samples/04-book-a-trip.ts";
import { defineExecutor, errorMessage, NonRetryableError, runInProcess, WorkflowBuilder } from "../src/index.ts";
import { type HostProcess, startHostProcess } from "./support/host-process.ts";
import { connectMcp } from "./support/mcp-client.ts";
import { callsOf, play } from "./support/shown-commands.ts";
import { callTool, textOf } from "./support/tool-answer.ts";

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

describe("the app that docs/guide.md talks to", () => {
  let folder: string;
  let host: HostProcess;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "guide-"));
    host = await startHostProcess({ dataDir: folder });
  });
  afterAll(async () => {
    await host.end("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  });

  it("answers the calls of the guide as they stand there", () => {
    const [lesson, ...more] = callsOf(read("../docs/guide.md"));
    expect(more).toEqual([]);
    expect(play(lesson ?? "", host.url)).toMatchObject([
      { agent: "Physicist", threadId: "lesson-1", status: "Completed" },
      {
        agent: "Physicist",
        threadId: "lesson-1",
        response: '[scripted: no model was asked] What physics says about "And cold?".',
      },
    ]);
  });

  it("serves agents, and says that their models are scripts", async () => {
    expect(await (await fetch(`${host.url}/api/agents`)).json()).toMatchObject({
      agents: [
        { name: "Physicist", isScripted: true },
        { name: "Chemist", isScripted: true },
        { name: "ExpertPanel", isScripted: true },
      ],
    });
  });

  it("offers each workflow and agent to MCP clients, and answers the official one", async () => {
    const { client } = await connectMcp(host.url);
    try {
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual([
        "BatchCancelOrders",
        "CancelOrder",
        "Chemist",
        "ContentPipeline",
        "DocumentAnalysis",
        "DocumentReview",
        "ExpenseReimbursement",
        "ExpertPanel",
        "ExpertReview",
        "OrderStatus",
        "Physicist",
        "run-status",
      ]);
      const panel = await callTool(client, "ExpertPanel", { query: "What is rust?" });
      expect(textOf(panel)).toContain('What chemistry says about "What is rust?".');
      const article = await callTool(client, "ContentPipeline", { input: "bees" });
      expect(article.structuredContent).toMatchObject({
        status: "Running",
        waitingForInput: [{ eventName: "EditorApproval" }],
      });
    } finally {
      await client.close();
    }
  });
});

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HostProcess, startHostProcess } from "./support/host-process.ts";
import { blocksOf, callsOf, play as playOn } from "./support/shown-commands.ts";

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const readme = read("README.md");

let folder: string;
let host: HostProcess;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "readme-"));
  host = await startHostProcess({ dataDir: folder });
});
afterAll(async () => {
  await host.end("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
});

const play = (block: string) => playOn(block, host.url);

describe("the README", () => {
  it("shows the first sample as it is", () => {
    expect(blocksOf(readme, "ts")).toEqual([read("samples/01-cancel-an-order.ts")]);
  });

  it("plays word for word: a run to its end, approvals one by one and in parallel", () => {
    const [cancel, ask, answer, experts, article, agents, tool, ...more] = callsOf(readme);
    expect(more).toEqual([]);

    expect(play(cancel ?? "")).toMatchObject([
      { status: "Completed", output: "Cancellation email sent for order 12345 to jerry@example.com." },
    ]);

    expect(play(ask ?? "")).toMatchObject([
      { runId: "expense-1", workflow: "ExpenseReimbursement" },
      {
        status: "Running",
        waitingForInput: [
          {
            eventName: "ManagerApproval",
            input: { expenseId: "EXP-2025-001", amount: 1500, employeeName: "Jerry" },
          },
        ],
      },
      { runId: "expense-1", eventName: "ManagerApproval", validated: true },
    ]);

    const [compliance, budget, status, events] = play(answer ?? "");
    expect(compliance).toMatchObject({ eventName: "ComplianceApproval", validated: true });
    expect(budget).toMatchObject({ eventName: "BudgetApproval", validated: true });
    expect(status).toMatchObject({
      status: "Completed",
      output: "Expense EXP-2025-001 of 1500.00 reimbursed to Jerry.",
      waitingForInput: [],
      error: null,
    });
    expect(events).toMatchObject({
      events: expect.arrayContaining([expect.objectContaining({ type: "runCompleted" })]),
    });

    expect(play(experts ?? "")).toMatchObject([
      {
        status: "Completed",
        output: expect.stringContaining(
          'Chemist: [scripted: no model was asked] What chemistry says about "Why is the sky blue?".',
        ),
      },
    ]);
    expect(play(article ?? "")).toMatchObject([
      { runId: "article-1", workflow: "ContentPipeline" },
      { eventName: "EditorApproval", validated: true },
      {
        status: "Completed",
        output: { published: true, topic: "bees", text: "[scripted: no model was asked] A second draft about bees." },
      },
    ]);
    const panel =
      'Physicist: [scripted: no model was asked] What physics says about "And cold?".\n\n' +
      'Chemist: [scripted: no model was asked] What chemistry says about "And cold?".';
    expect(play(agents ?? "")).toMatchObject([
      {
        agent: "Physicist",
        threadId: "lesson-1",
        status: "Completed",
        response: '[scripted: no model was asked] What physics says about "What is heat?".',
      },
      {
        agent: "Physicist",
        threadId: "lesson-1",
        messages: [
          { role: "user", content: "What is heat?" },
          { role: "assistant", content: '[scripted: no model was asked] What physics says about "What is heat?".' },
        ],
      },
      { agent: "ExpertPanel", status: "Completed", response: panel },
    ]);
    expect(play(tool ?? "")).toMatchObject([
      {
        result: {
          content: [{ text: '[scripted: no model was asked] What chemistry says about "What is rust?".' }],
          structuredContent: { workflow: "Chemist", status: "Completed", threadId: expect.any(String) },
        },
      },
    ]);
  });
});

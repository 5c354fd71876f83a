import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HostProcess, startHostProcess } from "./support/host-process.ts";

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const readme = read("README.md");
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(([, text = ""]) => text);

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

/** Runs a block of the README in a shell, on the port of this host. Gives the answers of its curl lines. */
function play(block: string): Record<string, unknown>[] {
  const script = block.replaceAll("http://localhost:7071", host.url).replace(/^(curl .*)$/gm, "$1; echo");
  const printed = execFileSync("bash", ["-ec", script], { encoding: "utf8" });
  return printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("the README", () => {
  it("shows the first sample as it is", () => {
    expect(blocks("ts")).toEqual([read("samples/01-cancel-an-order.ts")]);
  });

  it("plays word for word: a run to its end, approvals one by one and in parallel", () => {
    const [cancel, ask, answer, experts, article, ...more] = blocks("sh").filter((block) => block.includes("curl"));
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
  });
});

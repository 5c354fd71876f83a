import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runInProcess } from "../index.ts";
import { batchCancelOrders } from "./batch-cancel-orders.ts";
import { cancelOrder } from "./cancel-order.ts";
import { documentAnalysis, documentReview } from "./document-review.ts";
import { expenseReimbursement } from "./expense-reimbursement.ts";
import { orderStatus } from "./order-status.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "workflows-"));
  process.env.APP_DATA_DIR = folder;
});
afterEach(() => {
  delete process.env.APP_DATA_DIR;
  rmSync(folder, { recursive: true, force: true });
});

const emails = () => readdirSync(join(folder, "outbox"));

describe("CancelOrder", () => {
  it("cancels the order and writes to the customer", async () => {
    const run = runInProcess(cancelOrder, "12345");
    expect(await run.output()).toBe("Cancellation email sent for order 12345 to jerry@example.com.");
    const [email = ""] = emails();
    expect(JSON.parse(readFileSync(join(folder, "outbox", email), "utf8"))).toEqual({
      id: `${run.runId}-SendEmail-3-1`,
      to: "jerry@example.com",
      subject: "Order 12345 is cancelled",
      body: "Dear Jerry, your order 12345 has been cancelled.",
    });
  });

  it("fails for an order that does not exist, and says where", async () => {
    const { status, error } = await runInProcess(cancelOrder, "99999").wait();
    expect({ status, executorId: error?.executorId, code: error?.code, message: error?.message }).toEqual({
      status: "Failed",
      executorId: "OrderLookup",
      code: "ORDER_NOT_FOUND",
      message: 'There is no order "99999". Ask the customer for the number on the invoice.',
    });
  });
});

describe("OrderStatus", () => {
  it("tells that an order is active", async () => {
    expect(await runInProcess(orderStatus, "12345").output()).toBe(
      "Order 12345 for Jerry: Status=Active, Date=2026-11-22",
    );
  });

  it("tells that an order is cancelled, once it was", async () => {
    await runInProcess(cancelOrder, "12345").output();
    expect(await runInProcess(orderStatus, "12345").output()).toBe(
      "Order 12345 for Jerry: Status=Cancelled, Date=2026-11-22",
    );
  });
});

describe("BatchCancelOrders", () => {
  const request = { orderIds: ["12345", "12346", "12347"], reason: "Recall", notifyCustomers: true };

  it("cancels every order of the batch and tells each customer", async () => {
    expect(await runInProcess(batchCancelOrders, request).output()).toBe(
      "Batch cancellation complete: 3/3 orders cancelled. Reason: Recall",
    );
    expect(emails().length).toBe(3);
  });

  it("tells nobody when it is not asked to", async () => {
    await runInProcess(batchCancelOrders, { ...request, notifyCustomers: false }).output();
    expect(readdirSync(folder)).toEqual(["cancellations"]);
  });

  it("counts an order once that the batch names twice", async () => {
    const run = runInProcess(batchCancelOrders, { ...request, orderIds: ["12345", "12345"] });
    expect(await run.output()).toBe("Batch cancellation complete: 1/1 orders cancelled. Reason: Recall");
  });

  it("cancels the rest when the batch names an order that does not exist", async () => {
    const run = runInProcess(batchCancelOrders, { ...request, orderIds: ["12345", "99999"] });
    expect(await run.output()).toBe(
      "Batch cancellation complete: 1/2 orders cancelled. Reason: Recall (unknown orders: 99999)",
    );
  });
});

describe("ExpenseReimbursement", () => {
  const expense = { expenseId: "EXP-2025-001", amount: 1500, employeeName: "Jerry" };

  it("asks the manager, then budget and compliance, and reimburses", async () => {
    const run = runInProcess(expenseReimbursement, "EXP-2025-001");
    const manager = await run.nextRequest("ManagerApproval");
    expect(manager.request).toEqual(expense);
    await manager.respond({ approved: true });
    const [budget, compliance] = await Promise.all([
      run.nextRequest("BudgetApproval"),
      run.nextRequest("ComplianceApproval"),
    ]);
    expect([budget.request, compliance.request]).toEqual([expense, expense]);
    await compliance.respond({ approved: true });
    await budget.respond({ approved: true });
    expect(await run.output()).toBe("Expense EXP-2025-001 of 1500.00 reimbursed to Jerry.");
  });

  it("fails when the manager denies", async () => {
    const run = runInProcess(expenseReimbursement, "EXP-2025-001");
    await (await run.nextRequest("ManagerApproval")).respond({ approved: false, comments: "No budget" });
    const { status, error } = await run.wait();
    expect({ status, executorId: error?.executorId, code: error?.code, message: error?.message }).toEqual({
      status: "Failed",
      executorId: "PrepareFinanceReview",
      code: "DENIED_BY_MANAGER",
      message: "The manager denied expense EXP-2025-001. Comments: No budget",
    });
  });

  it("completes with the comments when finance denies", async () => {
    const run = runInProcess(expenseReimbursement, "EXP-2025-001");
    await (await run.nextRequest("ManagerApproval")).respond({ approved: true });
    await (await run.nextRequest("BudgetApproval")).respond({ approved: false, comments: "Over the limit" });
    await (await run.nextRequest("ComplianceApproval")).respond({ approved: true });
    expect(await run.output()).toBe("Expense reimbursement denied. Comments: Over the limit");
  });
});

describe("DocumentAnalysis", () => {
  it("reports on its own, too", async () => {
    const run = runInProcess(documentAnalysis, { title: "Cats", text: "The cat sat. The dog ran." });
    expect(await run.output()).toEqual({
      title: "Cats",
      statistics: { words: 6, sentences: 2, paragraphs: 1, readingMinutes: 0 },
      readability: { readingEase: 119.2, gradeLevel: -2.6 },
      keyTerms: [],
    });
  });
});

describe("DocumentReview", () => {
  it("measures the document in three ways, asks the editor, and returns report and decision", async () => {
    const run = runInProcess(documentReview, { title: " Harvest ", text: "The harvest was late. The crews waited." });
    const { request, respond } = await run.nextRequest("EditorSignOff");
    const report = {
      title: "Harvest",
      statistics: { words: 7, sentences: 2, paragraphs: 1, readingMinutes: 0 },
      readability: { readingEase: 94.5, gradeLevel: 0.9 },
      keyTerms: [
        { term: "crews", count: 1 },
        { term: "harvest", count: 1 },
        { term: "late", count: 1 },
        { term: "waited", count: 1 },
      ],
    };
    expect(request).toEqual(report);
    await respond({ approved: true, comments: "Print it" });
    expect(await run.output()).toEqual({ report, decision: { approved: true, comments: "Print it" } });
  });
});

import { readFile } from "node:fs/promises";
import { z } from "zod";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { defineRequestPort } from "../graph/request-port.ts";
import { seedFile } from "./data-folder.ts";

const expense = z.object({ expenseId: z.string(), amount: z.number(), employeeName: z.string() });
const decision = z.object({ approved: z.boolean(), comments: z.string().optional() });
const decided = z.object({ request: expense, response: decision });

const createApprovalRequest = defineExecutor({
  id: "CreateApprovalRequest",
  input: z
    .string()
    .min(1)
    .meta({ title: "Expense number", examples: ["EXP-2025-001"] }),
  output: expense,
  async handle(expenseId) {
    const expenses = z.array(expense).parse(JSON.parse(await readFile(seedFile("expenses.json"), "utf8")));
    const found = expenses.find((one) => one.expenseId === expenseId);
    if (found) return found;
    const error = new Error(`There is no expense "${expenseId}". Look up its number in the expense report.`);
    throw Object.assign(error, { code: "EXPENSE_NOT_FOUND" });
  },
});

const managerApproval = defineRequestPort({
  id: "ManagerApproval",
  request: expense,
  response: decision,
  sends: "requestAndResponse",
});

const prepareFinanceReview = defineExecutor({
  id: "PrepareFinanceReview",
  input: decided,
  output: expense,
  handle({ request, response }) {
    if (response.approved) return request;
    const error = new Error(`The manager denied expense ${request.expenseId}. Comments: ${said(response.comments)}`);
    throw Object.assign(error, { code: "DENIED_BY_MANAGER" });
  },
});

const budgetApproval = defineRequestPort({
  id: "BudgetApproval",
  request: expense,
  response: decision,
  sends: "requestAndResponse",
});
const complianceApproval = defineRequestPort({
  id: "ComplianceApproval",
  request: expense,
  response: decision,
  sends: "requestAndResponse",
});

const expenseReimburse = defineExecutor({
  id: "ExpenseReimburse",
  input: z.tuple([decided, decided]),
  output: z.string(),
  handle(decisions) {
    const denials = decisions.filter(({ response }) => !response.approved);
    if (denials.length > 0) {
      const comments = denials.map(({ response }) => said(response.comments)).join("; ");
      return `Expense reimbursement denied. Comments: ${comments}`;
    }
    const { expenseId, amount, employeeName } = decisions[0].request;
    return `Expense ${expenseId} of ${amount.toFixed(2)} reimbursed to ${employeeName}.`;
  },
});

function said(comments: string | undefined): string {
  return comments ?? "none";
}

export const expenseReimbursement = new WorkflowBuilder("ExpenseReimbursement", createApprovalRequest)
  .describe("Asks the manager, then budget and compliance at the same time, and reimburses an expense")
  .addEdge(createApprovalRequest, managerApproval)
  .addEdge(managerApproval, prepareFinanceReview)
  .addFanOut(prepareFinanceReview, [budgetApproval, complianceApproval])
  .addFanIn([budgetApproval, complianceApproval], expenseReimburse)
  .withOutputFrom(expenseReimburse)
  .build();

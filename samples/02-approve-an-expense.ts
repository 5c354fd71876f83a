// A manager, then two people at once. The run waits for each of them and holds nothing up meanwhile.
import { defineExecutor, defineRequestPort, runInProcess, WorkflowBuilder } from "durable-workflows";
import { z } from "zod";

const expense = z.object({ expenseId: z.string(), amount: z.number(), employeeName: z.string() });
const decision = z.object({ approved: z.boolean(), comments: z.string().optional() });

const createRequest = defineExecutor({
  id: "CreateApprovalRequest",
  input: z.string(),
  output: expense,
  handle: (expenseId) => ({ expenseId, amount: 1500, employeeName: "Jerry" }),
});
const managerApproval = defineRequestPort({
  id: "ManagerApproval",
  request: expense,
  response: decision,
  sends: "requestAndResponse",
});
const prepareFinanceReview = defineExecutor({
  id: "PrepareFinanceReview",
  input: z.object({ request: expense, response: decision }),
  output: expense,
  handle({ request, response }) {
    if (!response.approved) throw new Error("The manager denied the expense.");
    return request;
  },
});
const budgetApproval = defineRequestPort({ id: "BudgetApproval", request: expense, response: decision });
const complianceApproval = defineRequestPort({ id: "ComplianceApproval", request: expense, response: decision });
const reimburse = defineExecutor({
  id: "ExpenseReimburse",
  input: z.tuple([decision, decision]),
  output: z.string(),
  handle(decisions) {
    const denied = decisions.find(({ approved }) => !approved);
    return denied ? `Expense reimbursement denied. Comments: ${denied.comments}` : "Expense reimbursed.";
  },
});

const expenseReimbursement = new WorkflowBuilder("ExpenseReimbursement", createRequest)
  .addEdge(createRequest, managerApproval)
  .addEdge(managerApproval, prepareFinanceReview)
  .addFanOut(prepareFinanceReview, [budgetApproval, complianceApproval])
  .addFanIn([budgetApproval, complianceApproval], reimburse)
  .withOutputFrom(reimburse)
  .build();

const run = runInProcess(expenseReimbursement, "EXP-2025-001");
const { request, respond } = await run.nextRequest(managerApproval);
console.log(`${request.employeeName} asks for ${request.amount}`);
await respond({ approved: true });

await (await run.nextRequest(budgetApproval)).respond({ approved: true });
await (await run.nextRequest(complianceApproval)).respond({ approved: true, comments: "Fine" });
console.log(await run.output());

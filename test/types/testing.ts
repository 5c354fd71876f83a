import type { TypedRunEvent } from "../../src/index.ts";
import { runInTest } from "../../src/testing/index.ts";
import { expenseReimbursement } from "../../src/workflows/expense-reimbursement.ts";

/** Fails to compile unless both types are the same. */
function same<A, B>(..._proof: [A] extends [B] ? ([B] extends [A] ? [] : ["wider"]) : ["narrower"]): void {}

const tested = await runInTest(expenseReimbursement, "EXP-2025-001", {
  answers: {
    ManagerApproval: [{ approved: true }],
    BudgetApproval: ({ amount }) => ({ approved: amount < 1_000 }),
    ComplianceApproval: async () => ({ approved: true }),
  },
  mocks: { CreateApprovalRequest: (expenseId: string) => ({ expenseId, amount: 1, employeeName: "Jerry" }) },
  failures: [{ executor: "ExpenseReimburse", attempt: 1, error: new Error("down") }],
});
same<typeof tested.outputs, readonly string[]>();
same<typeof tested.events, readonly TypedRunEvent<string>[]>();
await tested.run.respond("BudgetApproval", { approved: true });

// @ts-expect-error the compiler's own words: an answer of the wrong shape
await runInTest(expenseReimbursement, "EXP-2025-001", { answers: { ManagerApproval: [{ approved: "yes" }] } });

// @ts-expect-error the compiler's own words: a port the workflow does not have
await runInTest(expenseReimbursement, "EXP-2025-001", { answers: { Director: [{ approved: true }] } });

// @ts-expect-error the compiler's own words: a wrong input
await runInTest(expenseReimbursement, 7);

import { z } from "zod";
import {
  defineExecutor,
  defineRequestPort,
  defineState,
  type ExecutorContext,
  runInProcess,
  WorkflowBuilder,
} from "../../src/index.ts";

// What users write has to compile as it stands, without an annotation.

/** Cancel an order */
export async function cancelAnOrder() {
  const order = z.object({ id: z.string(), email: z.email(), status: z.enum(["open", "cancelled"]) });
  const lookUpOrder = defineExecutor({
    id: "OrderLookup",
    input: z.object({ orderId: z.string(), reason: z.string() }),
    output: order,
    handle: ({ orderId }) => ({ id: orderId, email: "jerry@example.com", status: "open" }),
  });
  const cancel = defineExecutor({
    id: "OrderCancel",
    input: order,
    output: order,
    handle: async (found) => ({ ...found, status: "cancelled" }),
  });
  const sendEmail = defineExecutor({
    id: "SendEmail",
    input: order,
    output: z.string(),
    handle: ({ id, email }) => `Cancellation email sent for order ${id} to ${email}.`,
  });

  const cancelOrder = new WorkflowBuilder("CancelOrder", lookUpOrder)
    .describe("Cancel an order and tell the customer")
    .addEdge(lookUpOrder, cancel)
    .addEdge(cancel, sendEmail)
    .withOutputFrom(sendEmail)
    .build();

  const run = runInProcess(cancelOrder, { orderId: "12345", reason: "Changed my mind" });
  console.log(await run.output());
}

/** Approve an expense: a manager, then two people at once */
export async function approveAnExpense() {
  const expense = z.object({ expenseId: z.string(), amount: z.number(), employeeName: z.string() });
  const decision = z.object({ approved: z.boolean(), comments: z.string().optional() });
  const createRequest = defineExecutor({
    id: "CreateApprovalRequest",
    input: z.string(),
    output: expense,
    handle: (expenseId) => ({ expenseId, amount: 1500, employeeName: "Jerry" }),
  });
  const managerApproval = defineRequestPort({ id: "ManagerApproval", request: expense, response: decision });
  const budgetApproval = defineRequestPort({ id: "BudgetApproval", request: expense, response: decision });
  const complianceApproval = defineRequestPort({ id: "ComplianceApproval", request: expense, response: decision });
  const prepareFinanceReview = defineExecutor({
    id: "PrepareFinanceReview",
    input: decision,
    output: expense,
    handle({ approved }) {
      if (!approved) throw new Error("The manager denied the expense.");
      return { expenseId: "EXP-2025-001", amount: 1500, employeeName: "Jerry" };
    },
  });
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
  const { request } = await run.nextRequest(managerApproval);
  console.log(`${request.employeeName} asks for ${request.amount}`);
  await run.respond(managerApproval, { approved: true });
  await run.respond(budgetApproval, { approved: true });
  await run.respond("ComplianceApproval", { approved: true, comments: "Fine" });
  console.log(await run.output());
}

/** Write, review, approve: a loop with a limit */
export async function writeReviewApprove() {
  const topic = z.object({ kind: z.literal("topic"), topic: z.string() });
  const draft = z.object({ text: z.string() });
  const revise = z.object({ kind: z.literal("revise"), text: z.string(), feedback: z.string() });
  const accept = z.object({ kind: z.literal("accept"), text: z.string() });
  const signOff = z.object({ approved: z.boolean(), text: z.string() });
  const rounds = defineState({ name: "rounds", schema: z.number(), initial: 0 });
  const writer = defineExecutor({
    id: "Writer",
    input: z.union([topic, revise]),
    output: draft,
    handle: (task) => ({ text: task.kind === "topic" ? `On ${task.topic}` : `${task.text}, ${task.feedback}` }),
  });
  const reviewer = defineExecutor({
    id: "Reviewer",
    input: draft,
    output: z.union([revise, accept]),
    state: { writes: [rounds] },
    handle({ text }, { state }) {
      const round = state.get(rounds) + 1;
      state.set(rounds, round);
      return round < 3 ? { kind: "revise", text, feedback: "longer" } : { kind: "accept", text };
    },
  });
  const editorApproval = defineRequestPort({ id: "EditorApproval", request: accept, response: signOff });
  const publish = defineExecutor({
    id: "Publish",
    input: signOff,
    output: z.string(),
    handle: ({ approved, text }) => (approved ? `Published: ${text}` : "Rejected by the editor"),
  });

  const contentPipeline = new WorkflowBuilder("ContentPipeline", writer)
    .addEdge(writer, reviewer)
    .addSwitch(reviewer, (on) => on.case((review) => review.kind === "revise", writer).default(editorApproval))
    .addEdge(editorApproval, publish)
    .withOutputFrom(publish)
    .build();

  const run = runInProcess(contentPipeline, { kind: "topic", topic: "ethics" });
  const open = await run.nextRequest(editorApproval);
  await open.respond({ approved: true, text: open.request.text });
  console.log(await run.output());
}

/** Smaller patterns */
export function smallerPatterns() {
  // Only sends: no `output`, so nothing is returned
  const split = defineExecutor({
    id: "Split",
    input: z.string(),
    sends: z.object({ word: z.string() }),
    handle(line, { sendMessage }) {
      for (const word of line.split(" ")) sendMessage({ word });
    },
  });

  // One receiver, two sources: a union
  const either = defineExecutor({
    id: "Either",
    input: z.union([z.string(), z.object({ year: z.number() })]),
    output: z.string(),
    handle: (value) => (typeof value === "string" ? value : String(value.year)),
  });
  const stamp = defineExecutor({
    id: "Stamp",
    input: z.object({ word: z.string() }),
    output: z.object({ year: z.number() }),
    handle: () => ({ year: 2000 }),
  });
  const text = defineExecutor({
    id: "Text",
    input: z.object({ word: z.string() }),
    output: z.string(),
    handle: async ({ word }) => word,
  });
  const builder = new WorkflowBuilder("Words", split).addFanOut(split, [stamp, text]);
  builder.addEdge(stamp, either, { when: ({ year }) => year > 2000 }).addEdge(text, either);

  // A class is a definition when it has the right members
  class Shout {
    readonly id = "Shout";
    readonly input = z.string();
    readonly output = z.string();
    async handle(name: string, context: ExecutorContext) {
      return name.toUpperCase() + context.superstep;
    }
  }
  const shout = defineExecutor(new Shout());
  builder.addEdge(either, shout).build();
}

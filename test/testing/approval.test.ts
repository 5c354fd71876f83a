import { defineExecutor, defineRequestPort, WorkflowBuilder } from "durable-workflows";
import { runInTest } from "durable-workflows/testing";
import { expect, it } from "vitest";
import { z } from "zod";

const expense = z.object({ amount: z.number() });
const decision = z.object({ approved: z.boolean() });
const managerApproval = defineRequestPort({ id: "ManagerApproval", request: expense, response: decision });
const reimburse = defineExecutor({
  id: "Reimburse",
  input: decision,
  output: z.string(),
  handle: ({ approved }) => (approved ? "paid" : "denied"),
});
const expenses = new WorkflowBuilder("Expenses", managerApproval)
  .addEdge(managerApproval, reimburse)
  .withOutputFrom(reimburse)
  .build();

it("pays what the manager approves", async () => {
  const tested = await runInTest(expenses, { amount: 1500 }, { answers: { ManagerApproval: [{ approved: true }] } });
  expect(tested.path).toEqual(["ManagerApproval", "Reimburse"]);
  expect(tested.outputs).toEqual(["paid"]);
});

it("decides by what is asked", async () => {
  const answers = { ManagerApproval: ({ amount }: { amount: number }) => ({ approved: amount <= 1000 }) };
  expect((await runInTest(expenses, { amount: 900 }, { answers })).outputs).toEqual(["paid"]);
  expect((await runInTest(expenses, { amount: 1500 }, { answers })).outputs).toEqual(["denied"]);
});

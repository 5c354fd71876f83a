import { defineExecutor, runInProcess, WorkflowBuilder } from "durable-workflows";
import { z } from "zod";

const order = z.object({ id: z.string(), email: z.email(), status: z.enum(["open", "cancelled"]) });

const lookUpOrder = defineExecutor({
  id: "OrderLookup",
  input: z.string(),
  output: order,
  handle: (orderId) => ({ id: orderId, email: "jerry@example.com", status: "open" }),
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
  .addEdge(lookUpOrder, cancel)
  .addEdge(cancel, sendEmail)
  .withOutputFrom(sendEmail)
  .build();

const run = runInProcess(cancelOrder, "12345");
console.log(await run.output());

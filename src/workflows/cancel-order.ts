import { z } from "zod";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { cancelStoredOrder, order } from "./order-book.ts";
import { orderLookup } from "./order-lookup.ts";
import { sendToOutbox } from "./outbox.ts";

const orderCancel = defineExecutor({
  id: "OrderCancel",
  input: order,
  output: order,
  handle: ({ id }) => cancelStoredOrder(id, "Cancelled by the customer"),
});

const sendEmail = defineExecutor({
  id: "SendEmail",
  input: order,
  output: z.string(),
  async handle({ id, customer }, { runId, callKey }) {
    await sendToOutbox(`${runId}-${callKey}`, {
      to: customer.email,
      subject: `Order ${id} is cancelled`,
      body: `Dear ${customer.name}, your order ${id} has been cancelled.`,
    });
    return `Cancellation email sent for order ${id} to ${customer.email}.`;
  },
});

export const cancelOrder = new WorkflowBuilder("CancelOrder", orderLookup)
  .describe("Cancels an order and tells the customer")
  .addEdge(orderLookup, orderCancel)
  .addEdge(orderCancel, sendEmail)
  .withOutputFrom(sendEmail)
  .build();

import { z } from "zod";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { cancelStoredOrder } from "./order-book.ts";
import { sendToOutbox } from "./outbox.ts";

const batchRequest = z.object({
  orderIds: z.array(z.string().min(1)).min(1),
  reason: z.string().min(1),
  notifyCustomers: z.boolean(),
});
const batchResult = z.object({
  reason: z.string(),
  notifyCustomers: z.boolean(),
  cancelled: z.array(z.object({ id: z.string(), email: z.email() })),
  unknownIds: z.array(z.string()),
});

const cancelBatch = defineExecutor({
  id: "BatchCancelProcessor",
  input: batchRequest,
  output: batchResult,
  async handle({ orderIds, reason, notifyCustomers }) {
    const cancelled: { id: string; email: string }[] = [];
    const unknownIds: string[] = [];
    for (const orderId of new Set(orderIds)) {
      const found = await cancelStoredOrder(orderId, reason).catch((error: { code?: unknown }) => {
        if (error.code !== "ORDER_NOT_FOUND") throw error;
      });
      if (found) cancelled.push({ id: found.id, email: found.customer.email });
      else unknownIds.push(orderId);
    }
    return { reason, notifyCustomers, cancelled, unknownIds };
  },
});

const notifyBatch = defineExecutor({
  id: "BatchNotifyCustomers",
  input: batchResult,
  output: batchResult,
  async handle(result, { runId, callKey }) {
    for (const { id, email } of result.cancelled) {
      await sendToOutbox(`${runId}-${callKey}-${id}`, {
        to: email,
        subject: `Order ${id} is cancelled`,
        body: `Your order ${id} has been cancelled. Reason: ${result.reason}`,
      });
    }
    return result;
  },
});

const batchSummary = defineExecutor({
  id: "BatchCancelSummary",
  input: batchResult,
  output: z.string(),
  handle({ cancelled, unknownIds, reason }) {
    const counts = `${cancelled.length}/${cancelled.length + unknownIds.length} orders cancelled`;
    const unknown = unknownIds.length > 0 ? ` (unknown orders: ${unknownIds.join(", ")})` : "";
    return `Batch cancellation complete: ${counts}. Reason: ${reason}${unknown}`;
  },
});

export const batchCancelOrders = new WorkflowBuilder("BatchCancelOrders", cancelBatch)
  .describe("Cancels several orders at once, and tells their customers when asked to")
  .addSwitch(cancelBatch, (on) =>
    on.case(({ notifyCustomers }) => notifyCustomers, notifyBatch, { label: "notify" }).default(batchSummary),
  )
  .addEdge(notifyBatch, batchSummary)
  .withOutputFrom(batchSummary)
  .build();

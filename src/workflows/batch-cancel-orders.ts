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

/** One order of a batch, with what its cancellation needs. */
const batchItem = batchRequest.omit({ orderIds: true }).extend({ orderId: z.string() });
const cancelledItem = batchItem.extend({
  /** Of its customer; null for an order that the order book does not have. */
  email: z.email().nullable(),
});

const splitBatch = defineExecutor({
  id: "BatchCancelProcessor",
  input: batchRequest,
  output: z.array(batchItem),
  handle: ({ orderIds, ...batch }) => [...new Set(orderIds)].map((orderId) => ({ ...batch, orderId })),
});

const cancelOne = defineExecutor({
  id: "BatchCancelOne",
  input: batchItem,
  output: cancelledItem,
  async handle(item) {
    const found = await cancelStoredOrder(item.orderId, item.reason).catch((error: { code?: unknown }) => {
      if (error.code !== "ORDER_NOT_FOUND") throw error;
    });
    return { ...item, email: found?.customer.email ?? null };
  },
});

const joinBatch = defineExecutor({
  id: "BatchCancelResult",
  input: z.array(cancelledItem).min(1),
  output: batchResult,
  handle(items) {
    const { reason = "", notifyCustomers = false } = items[0] ?? {};
    const cancelled = items.flatMap(({ orderId: id, email }) => (email === null ? [] : [{ id, email }]));
    const unknownIds = items.filter(({ email }) => email === null).map(({ orderId }) => orderId);
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

/** Orders that are cancelled at the same time: the order book takes one after the other, so more would only wait. */
const CONCURRENCY = 10;

export const batchCancelOrders = new WorkflowBuilder("BatchCancelOrders", splitBatch)
  .describe("Cancels several orders at once, and tells their customers when asked to")
  .addMap(splitBatch, cancelOne, joinBatch, { concurrency: CONCURRENCY })
  .addSwitch(joinBatch, (on) =>
    on.case(({ notifyCustomers }) => notifyCustomers, notifyBatch, { label: "notify" }).default(batchSummary),
  )
  .addEdge(notifyBatch, batchSummary)
  .withOutputFrom(batchSummary)
  .build();

import { z } from "zod";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { order } from "./order-book.ts";
import { orderLookup } from "./order-lookup.ts";

const statusReport = defineExecutor({
  id: "StatusReport",
  input: order,
  output: z.string(),
  handle({ id, customer, cancellation, orderedOn }) {
    const status = cancellation ? "Cancelled" : "Active";
    return `Order ${id} for ${customer.name}: Status=${status}, Date=${orderedOn}`;
  },
});

export const orderStatus = new WorkflowBuilder("OrderStatus", orderLookup)
  .describe("Tells how an order stands")
  .addEdge(orderLookup, statusReport)
  .withOutputFrom(statusReport)
  .build();

import { z } from "zod";
import { defineExecutor } from "../graph/executor.ts";
import { findOrder, order } from "./order-book.ts";

/** Finds an order by its number. Shared by the workflows that begin with an order. */
export const orderLookup = defineExecutor({
  id: "OrderLookup",
  input: z
    .string()
    .min(1)
    .meta({ title: "Order number", examples: ["12345"] }),
  output: order,
  handle: (orderId) => findOrder(orderId),
});

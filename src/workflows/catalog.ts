import { defineCatalog } from "../graph/catalog.ts";
import { batchCancelOrders } from "./batch-cancel-orders.ts";
import { cancelOrder } from "./cancel-order.ts";
import { contentPipeline } from "./content-pipeline.ts";
import { documentAnalysis, documentReview } from "./document-review.ts";
import { expenseReimbursement } from "./expense-reimbursement.ts";
import { expertReview } from "./expert-review.ts";
import { orderStatus } from "./order-status.ts";

/** The workflows this app serves. */
export const catalog = defineCatalog([
  cancelOrder,
  orderStatus,
  batchCancelOrders,
  expenseReimbursement,
  documentAnalysis,
  documentReview,
  expertReview,
  contentPipeline,
]);

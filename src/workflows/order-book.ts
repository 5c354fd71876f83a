import { readFile } from "node:fs/promises";
import { z } from "zod";
import { dataFile, seedFile } from "./data-folder.ts";
import { writeOnce } from "./write-once.ts";

export const order = z.object({
  id: z.string(),
  orderedOn: z.iso.date(),
  total: z.number(),
  customer: z.object({ name: z.string(), email: z.email() }),
  cancellation: z.object({ cancelledOn: z.iso.date(), reason: z.string() }).nullable(),
});
export type Order = z.infer<typeof order>;

const storedOrder = order.omit({ cancellation: true });
const cancellation = order.shape.cancellation.unwrap();

/** @throws an error with code `ORDER_NOT_FOUND` for an id the order book does not have */
export async function findOrder(orderId: string): Promise<Order> {
  const orders = z.array(storedOrder).parse(JSON.parse(await readFile(seedFile("orders.json"), "utf8")));
  const found = orders.find(({ id }) => id === orderId) ?? notFound(orderId);
  return { ...found, cancellation: await readCancellation(found) };
}

/**
 * Marks an order as cancelled. An order is cancelled once: a second call, by a retry, another run or another process of
 * this app, leaves the first cancellation as it is. So each cancellation is a file of its own.
 *
 * @returns the order as it is stored now
 * @throws an error with code `ORDER_NOT_FOUND` for an id the order book does not have
 */
export async function cancelStoredOrder(orderId: string, reason: string): Promise<Order> {
  const found = await findOrder(orderId);
  if (found.cancellation) return found;
  await writeOnce(cancellationFile(found), { cancelledOn: new Date().toISOString().slice(0, 10), reason });
  return { ...found, cancellation: await readCancellation(found) };
}

function notFound(orderId: string): never {
  const error = new Error(`There is no order "${orderId}". Ask the customer for the number on the invoice.`);
  throw Object.assign(error, { code: "ORDER_NOT_FOUND" });
}

async function readCancellation(of: Pick<Order, "id">): Promise<Order["cancellation"]> {
  try {
    return cancellation.parse(JSON.parse(await readFile(cancellationFile(of), "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return null;
  }
}

/** The id is one of the order book's, so it may be the name of a file. */
function cancellationFile({ id }: Pick<Order, "id">): string {
  return dataFile("cancellations", `${id}.json`);
}

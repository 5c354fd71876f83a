import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { dataFile, seedFile } from "./data-folder.ts";

export const order = z.object({
  id: z.string(),
  orderedOn: z.iso.date(),
  total: z.number(),
  customer: z.object({ name: z.string(), email: z.email() }),
  cancellation: z.object({ cancelledOn: z.iso.date(), reason: z.string() }).nullable(),
});
export type Order = z.infer<typeof order>;

const orderBook = z.array(order);

/** @throws an error with code `ORDER_NOT_FOUND` for an id the order book does not have */
export async function findOrder(orderId: string): Promise<Order> {
  const orders = await readOrders();
  return orders.find(({ id }) => id === orderId) ?? notFound(orderId);
}

/**
 * Marks an order as cancelled in the stored order book. An order is cancelled once: a second call, by a retry or by
 * another run, leaves the first cancellation as it is.
 *
 * @returns the order as it is stored now
 * @throws an error with code `ORDER_NOT_FOUND` for an id the order book does not have
 */
export function cancelStoredOrder(orderId: string, reason: string): Promise<Order> {
  return oneAtATime(async () => {
    const orders = await readOrders();
    const found = orders.find(({ id }) => id === orderId) ?? notFound(orderId);
    if (found.cancellation) return found;
    const cancelled = { ...found, cancellation: { cancelledOn: new Date().toISOString().slice(0, 10), reason } };
    await writeOrders(orders.map((one) => (one.id === orderId ? cancelled : one)));
    return cancelled;
  });
}

function notFound(orderId: string): never {
  const error = new Error(`There is no order "${orderId}". Ask the customer for the number on the invoice.`);
  throw Object.assign(error, { code: "ORDER_NOT_FOUND" });
}

async function readOrders(): Promise<Order[]> {
  const text = await readFile(dataFile("orders.json"), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return readFile(seedFile("orders.json"), "utf8");
  });
  return orderBook.parse(JSON.parse(text));
}

/** Through a second file, so that a crash leaves the old book or the new one, never half of one. */
async function writeOrders(orders: readonly Order[]): Promise<void> {
  const file = dataFile("orders.json");
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(orders, null, 2)}\n`, { flush: true });
  await rename(`${file}.new`, file);
}

let lastWrite: Promise<unknown> = Promise.resolve();

function oneAtATime<Result>(write: () => Promise<Result>): Promise<Result> {
  const result = lastWrite.then(write, write);
  lastWrite = result.catch(() => undefined);
  return result;
}

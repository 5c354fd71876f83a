// A workflow inside another one, called for each item of a list. One item fails, and the others are not held up by it.
import { defineExecutor, mapResult, runInProcess, WorkflowBuilder } from "durable-workflows";
import { z } from "zod";

const order = z.object({ id: z.int(), total: z.number() });
const prices: Readonly<Record<number, number>> = { 11: 20, 12: 99.5 };

// One invoice: a workflow of its own, which could be run and tested alone.
const lookUp = defineExecutor({
  id: "LookUp",
  input: z.int(),
  output: order,
  handle(id) {
    const total = prices[id];
    if (total === undefined) throw new Error(`There is no order ${id}.`);
    return { id, total };
  },
});
const sendInvoice = defineExecutor({
  id: "SendInvoice",
  input: order,
  output: z.string(),
  handle: ({ id, total }) => `invoice ${id} over ${total.toFixed(2)}`,
});
const invoice = new WorkflowBuilder("Invoice", lookUp).addEdge(lookUp, sendInvoice).withOutputFrom(sendInvoice).build();

// All invoices: two at a time. "settle" lets an item fail, and gives what became of each in the order of the list.
const listOrders = defineExecutor({
  id: "ListOrders",
  input: z.array(z.int()),
  output: z.array(z.int()),
  handle: (ids) => ids,
});
const report = defineExecutor({
  id: "Report",
  input: z.array(mapResult(z.string())),
  output: z.string(),
  handle(results) {
    const failures = results.flatMap((result) => (result.ok ? [] : [`${result.error.message}`]));
    return [`${results.length - failures.length} of ${results.length} invoices sent.`, ...failures].join(" ");
  },
});
const invoiceAll = new WorkflowBuilder("InvoiceAll", listOrders)
  .addMap(listOrders, invoice, report, { concurrency: 2, policy: "settle" })
  .withOutputFrom(report)
  .build();

const run = runInProcess(invoiceAll, [11, 13, 12]);
for await (const event of run.events()) {
  // Each call of the workflow has a frame of its own: Invoice~1, Invoice~2, Invoice~3.
  if (event.type === "executorCompleted" && event.frame) console.log(`${event.frame}: ${event.executorId}`);
}
console.log(await run.output());

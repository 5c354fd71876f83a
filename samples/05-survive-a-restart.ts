// A run on disk: the runner is closed while a person thinks, and a new one goes on. Then the run is tried from its middle
// with another message. Kill the program instead of closing the runner, and it works the same.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createInProcessRunner,
  defineExecutor,
  defineRequestPort,
  openSqliteJournal,
  WorkflowBuilder,
} from "durable-workflows";
import { z } from "zod";

const quote = z.object({ item: z.string(), price: z.number() });

const findPrice = defineExecutor({
  id: "FindPrice",
  input: z.string(),
  output: quote,
  handle(item) {
    console.log(`Looking up the price of ${item}`);
    return { item, price: 900 };
  },
});
const approval = defineRequestPort({
  id: "Approval",
  request: quote,
  response: z.boolean(),
  sends: "requestAndResponse",
});
const order = defineExecutor({
  id: "Order",
  input: z.object({ request: quote, response: z.boolean() }),
  output: z.string(),
  handle: ({ request, response }) =>
    response ? `Ordered: ${request.item} for ${request.price}` : `Not ordered: ${request.item}`,
});
const purchase = new WorkflowBuilder("Purchase", findPrice)
  .addEdge(findPrice, approval)
  .addEdge(approval, order)
  .withOutputFrom(order)
  .build();

const folder = mkdtempSync(join(tmpdir(), "sample-"));
const file = join(folder, "runs.sqlite");

const before = createInProcessRunner({ journal: await openSqliteJournal({ file }) });
const asked = await before.start(purchase, "a desk", { runId: "purchase-1" });
console.log("Asking for", (await asked.nextRequest(approval)).request.price);
await before.close();

const after = createInProcessRunner({ journal: await openSqliteJournal({ file }) });
const { runIds } = await after.recover([purchase]);
console.log("Going on with", runIds.join());
const run = after.open(purchase, "purchase-1");
await run.respond(approval, true);
console.log(await run.output());

// The price is not looked up again: superstep 2 is the question, with another quote.
const fork = await after.fork(purchase, "purchase-1", { atSuperstep: 2, input: { item: "two desks", price: 1700 } });
await fork.respond(approval, true);
console.log(await fork.output());

await after.close();
rmSync(folder, { recursive: true });

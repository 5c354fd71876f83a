import { createHttpRunner, createWorkflowClient, type WorkflowClient } from "../../src/client/index.ts";
import type { RunOf, WorkflowRunner } from "../../src/index.ts";
import type { cancelOrder } from "../../src/workflows/cancel-order.ts";
import type { catalog } from "../../src/workflows/catalog.ts";

/** Fails to compile unless both types are the same. */
function same<A, B>(..._proof: [A] extends [B] ? ([B] extends [A] ? [] : ["wider"]) : ["narrower"]): void {}

const client: WorkflowClient<typeof catalog> = createWorkflowClient<typeof catalog>({ url: "http://localhost:7071" });
const runner: WorkflowRunner = createHttpRunner({ url: "http://localhost:7071", key: "key" });
void runner;

const run = await client.start("CancelOrder", "12345", { runId: "a" });
same<typeof run, RunOf<typeof cancelOrder>>();
same<Awaited<ReturnType<typeof run.output>>, string>();

const expense = client.open("ExpenseReimbursement", "b");
const { request } = await expense.nextRequest("ManagerApproval");
same<typeof request.amount, number>();
await expense.respond("ManagerApproval", { approved: true });

// @ts-expect-error the compiler's own words: the host serves no workflow of this name
client.open("CancelOrders", "c");

// @ts-expect-error the compiler's own words: a wrong input
await client.start("CancelOrder", { orderId: 1 });

// @ts-expect-error the compiler's own words: a wrong answer
await expense.respond("ManagerApproval", { approved: "yes" });

// Plays the served workflows against a host of its own: a chain, then approvals with a SIGKILL in between.
import type { RunStatus } from "durable-workflows";
import { DemoHost, say, title } from "./demo/demo-host.ts";

const WORKFLOW = "ExpenseReimbursement";
const approved = { approved: true, comments: "Fine" };

const host = await DemoHost.start();
try {
  await cancelAnOrder();
  const runId = await askForReimbursement();
  await host.killAndRestart("while the approval is open, and started again");
  await approve(runId, "ManagerApproval");
  await approve(runId, "BudgetApproval");
  await approve(runId, "ComplianceApproval");
  const run = await host.untilEnd(WORKFLOW, runId);
  title(`The run ended as ${run.status}: ${String(run.output)}`);
  await host.showTimeline(run);
} finally {
  await host.close();
}

async function cancelAnOrder(): Promise<void> {
  title("CancelOrder: OrderLookup → OrderCancel → SendEmail");
  const run = await host.post<RunStatus>("workflows/CancelOrder/run?waitForResponse=true", "12345", "text/plain");
  say(`${run.status}: ${String(run.output)}`);
}

async function askForReimbursement(): Promise<string> {
  title("ExpenseReimbursement: a manager, then budget and compliance in parallel");
  const { runId } = await host.startRun(WORKFLOW, "EXP-2025-001");
  const { waitingForInput } = await host.untilStatus(WORKFLOW, runId, (run) => run.waitingForInput.length > 0);
  const [request] = waitingForInput;
  say(`Run ${runId} waits for ${request?.eventName} of ${JSON.stringify(request?.input)}`);
  return runId;
}

async function approve(runId: string, port: string): Promise<void> {
  await host.untilStatus(WORKFLOW, runId, ({ waitingForInput }) =>
    waitingForInput.some(({ eventName }) => eventName === port),
  );
  await host.respond(WORKFLOW, runId, port, approved);
  say(`${port}: approved`);
}

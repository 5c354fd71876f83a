import { WorkflowError } from "../../errors.ts";
import type { Plan } from "../../wire/plan.ts";

const KIB = 1024;
const WARN_ABOVE_BYTES = 32 * KIB;
const REFUSE_ABOVE_BYTES = 128 * KIB;

/**
 * A plan travels with every run, and crosses the host's boundary several times in each turn of its orchestration.
 *
 * @throws {WorkflowError} `PLAN_TOO_LARGE` above 128 KB of JSON text
 */
export function checkPlanSize(plan: Plan, warn: (warning: string) => void): void {
  const sizeBytes = Buffer.byteLength(JSON.stringify(plan));
  if (sizeBytes <= WARN_ABOVE_BYTES) return;
  const size = `${Math.ceil(sizeBytes / KIB)} KB (executors: ${plan.executors.length}, edges: ${plan.edges.length})`;
  if (sizeBytes > REFUSE_ABOVE_BYTES) {
    throw new WorkflowError(
      "PLAN_TOO_LARGE",
      `The plan of workflow "${plan.workflow}" has ${size}; 128 KB is the limit.`,
      "Split the workflow, or shorten its labels and ids.",
    );
  }
  warn(`The plan of workflow "${plan.workflow}" has ${size}; above 32 KB it slows every run. Split the workflow.`);
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { WorkflowError } from "../errors.ts";
import type { Plan } from "../wire/plan.ts";
import { recordedPlan } from "../wire/recorded-plan.ts";

/**
 * The plans kept below a folder; none when there is no such folder.
 *
 * @throws {WorkflowError} `PLAN_INVALID` naming the file that holds no recorded plan
 */
export function readRecordedPlans(folder: string): Plan[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => readPlan(join(folder, file)));
}

function readPlan(file: string): Plan {
  try {
    return recordedPlan.parse(JSON.parse(readFileSync(file, "utf8"))).plan;
  } catch (error) {
    throw new WorkflowError(
      "PLAN_INVALID",
      `${file} is no recorded plan of this version.`,
      "Write it anew with npm run plans, or delete it when no open run uses it.",
      { cause: error },
    );
  }
}

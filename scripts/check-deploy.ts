// Says, before a deployment, which open runs of a host this build could not finish, and which recorded plans can be deleted:
//   npm run check:deploy -- --host http://localhost:7071 [--key KEY]     exit code 1 when a run could not be finished
//   npm run check:deploy -- --diff Workflow/fingerprint Workflow/fingerprint     the difference between two recorded plans
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkDeployment, type DeploymentReport, diffPlans } from "../src/deployment/index.ts";
import { isWorkflowError } from "../src/errors.ts";
import { readRecordedPlans } from "../src/functions/recorded-plans.ts";
import { agents } from "../src/workflows/agents.ts";
import { catalog } from "../src/workflows/catalog.ts";

const USAGE = "Use --host URL [--key KEY], or --diff Workflow/fingerprint Workflow/fingerprint.";
const SHOWN_RUNS = 10;

const { values, positionals } = parseArgs({
  options: { host: { type: "string" }, key: { type: "string" }, diff: { type: "boolean" } },
  allowPositionals: true,
});
const recordedPlans = readRecordedPlans(fileURLToPath(new URL("../plans", import.meta.url)));

if (values.diff) showDiff(positionals);
else if (values.host !== undefined) await check(values.host);
else fail(USAGE);

async function check(url: string): Promise<void> {
  const key = values.key ?? process.env.FUNCTION_KEY;
  const report = await reportOn(url, key);
  if (!report) return;
  console.log(`Open runs at ${url}: ${report.openRuns}.`);
  show(report);
  if (report.unfinishable.length > 0 || report.unknown.length > 0) process.exitCode = 1;
}

/** @returns undefined when the host could not be asked, which has been said */
async function reportOn(url: string, key: string | undefined): Promise<DeploymentReport | undefined> {
  try {
    return await checkDeployment({ catalog, agents, recordedPlans, host: { url, key } });
  } catch (error) {
    if (!isWorkflowError(error)) throw error;
    fail(`${error.code}: ${error.message}`);
    return undefined;
  }
}

function show({ unfinishable, unknown, unseen, deletable }: DeploymentReport): void {
  for (const { workflow, version, runIds, missing, diff } of unfinishable) {
    console.log(`\nThis build cannot finish ${runIds.length} open runs of ${workflow}/${version} (${listed(runIds)}):`);
    for (const { executorId, reason } of missing) console.log(`  ${executorId}: ${reason}`);
    if (diff)
      console.log(`  from their plan to the one of the build:\n${diff.map((line) => `    ${line}`).join("\n")}`);
  }
  for (const { workflow, version, runIds } of unknown) {
    console.log(
      `\n${runIds.length} open runs of ${workflow}/${version} (${listed(runIds)}) have a plan that is not recorded.`,
    );
  }
  for (const workflow of unseen) console.log(`\nThe host lists no runs of ${workflow}, so they cannot be seen.`);
  if (deletable.length > 0) console.log(`\nNo open run uses these plans:\n${deletable.map(fileOf).join("\n")}`);
  if (unfinishable.length + unknown.length === 0) console.log("\nThis build can finish every open run it can see.");
}

function showDiff([before, after]: readonly string[]): void {
  const plans = [before, after].map((name) =>
    recordedPlans.find(({ workflow, fingerprint }) => `${workflow}/${fingerprint}` === name),
  );
  const [old, now] = plans;
  if (!old || !now) {
    fail(`plans/ does not hold both plans. ${USAGE}`);
    return;
  }
  const lines = diffPlans(old, now);
  console.log(lines.length === 0 ? "The two plans are the same." : lines.join("\n"));
}

function listed(runIds: readonly string[]): string {
  const shown = runIds.slice(0, SHOWN_RUNS).join(", ");
  return runIds.length > SHOWN_RUNS ? `${shown} …` : shown;
}

function fileOf(plan: string): string {
  return `  plans/${plan}.json`;
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 2;
}

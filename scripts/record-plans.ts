// Writes the plan of each served workflow and agent to plans/, once for each version of its graph. With --check it writes nothing and
// fails when one is missing: `npm run check` does that, so that a changed graph is always recorded and reviewed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { recordedPlanPath, recordPlan } from "../src/graph/record.ts";
import { agents } from "../src/workflows/agents.ts";
import { catalog } from "../src/workflows/catalog.ts";

const folder = fileURLToPath(new URL("../plans", import.meta.url));
const isCheck = process.argv.includes("--check");

const missing = [...catalog.workflows, ...agents].flatMap((workflow) => {
  const path = recordedPlanPath(workflow);
  const file = join(folder, path);
  const text = `${JSON.stringify(recordPlan(workflow), null, 2)}\n`;
  return existsSync(file) && readFileSync(file, "utf8") === text ? [] : [{ path, file, text }];
});

for (const { path, file, text } of missing) {
  if (isCheck) {
    console.error(`plans/${path} is missing, or differs from the graph in the code. Run npm run plans and commit it.`);
    continue;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`plans/${path}`);
}
if (isCheck && missing.length > 0) process.exitCode = 1;

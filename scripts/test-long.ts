// Runs the long suites and sums up what came of them in docs/reliability-report.md:
//   npm run test:long [-- NAME …]     only the suites with NAME in the path of their file; the others keep their last result
//   LONG_SEED=7 npm run test:long     with this seed in place of a random one
// How to add a suite stands in test/support/long-suite.ts.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type LongResult, readLongResults } from "../test/support/long-result.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const { status } = spawnSync(
  process.execPath,
  [vitest, "run", "--config", "vitest.long.config.ts", ...process.argv.slice(2)],
  { cwd: root, stdio: "inherit" },
);
writeFileSync(new URL("../docs/reliability-report.md", import.meta.url), reportOf(readLongResults()));
process.exitCode = status ?? 1;

function reportOf(results: readonly LongResult[]): string {
  return `${[
    "# Reliability report",
    "",
    "What the long suites found when they ran last. `npm run test:long` runs them and writes this page; a seed makes a suite draw the same again.",
    ...results.flatMap(sectionOf),
  ].join("\n")}\n`;
}

function sectionOf({ name, claim, seed, passed, seconds, counts, machine }: LongResult): string[] {
  const rows = Object.entries(counts).map(([what, value]) => `| ${what} | ${shown(value)} |`);
  const { date, version, node, platform, cores, cpu, memoryGb } = machine;
  return [
    "",
    `## ${claim}: ${passed ? "held" : "**did not hold**"}`,
    "",
    `Suite \`${name}\`, seed ${seed}, ${shown(seconds)} s. Version ${version}, ${date}, Node ${node}, ${platform}, ${cores} cores (${cpu}), ${memoryGb} GB.`,
    ...(rows.length > 0 ? ["", "| what | count |", "|---|---|", ...rows] : []),
  ];
}

function shown(value: number | string): string {
  return typeof value === "number" ? value.toLocaleString("en-US") : value;
}

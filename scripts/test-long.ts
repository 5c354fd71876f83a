// Runs the long suites and sums up what came of them in docs/reliability-report.md:
//   npm run test:long [-- NAME …]     only the suites with NAME in the path of their file; the others keep their last result,
//                                     and the report says so
//   LONG_SEED=7 npm run test:long     with this seed in place of a random one
// How to add a suite stands in test/support/long-suite.ts.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { reportOf } from "../test/support/long-report.ts";
import { readLongResults } from "../test/support/long-result.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const run = new Date().toISOString();
const { status } = spawnSync(
  process.execPath,
  [vitest, "run", "--config", "vitest.long.config.ts", ...process.argv.slice(2)],
  { cwd: root, stdio: "inherit", env: { ...process.env, LONG_RUN: run } },
);
writeFileSync(new URL("../docs/reliability-report.md", import.meta.url), reportOf(readLongResults(), run));
process.exitCode = status ?? 1; // a signal ended it

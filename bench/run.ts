// Runs every bench in a process of its own and prints one table. `npm run bench -- in-process` runs only the named ones,
// `npm run bench -- --quick` takes one sample of each figure where the host is measured.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Figure, machine, printTable } from "./support/report.ts";

const ALL = ["in-process", "journal", "local-host", "long-runs", "cold-start", "restart", "check-time"];
const isQuick = process.argv.includes("--quick");
const asked = process.argv.slice(2).filter((argument) => argument !== "--quick");
const unknown = asked.filter((name) => !ALL.includes(name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(", ")}. Choose from ${ALL.join(", ")}.`);
  process.exit(2);
}

console.log(JSON.stringify(machine()));
const figures = (asked.length > 0 ? asked : ALL).flatMap((name) => {
  const file = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [file], {
    encoding: "utf8",
    maxBuffer: 64 * 2 ** 20,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...(isQuick && { BENCH_QUICK: "1" }) },
  });
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  console.log(lines.join("\n"));
  if (status !== 0) {
    console.error(`The bench ${name} ended with exit code ${status}. Its error stands above.`);
    process.exitCode = 1;
  }
  return lines.map((line) => JSON.parse(line) as Figure);
});
printTable(figures);

import type { LongResult } from "./long-result.ts";

/** docs/reliability-report.md. @param run - the run that just ended: what is of another one says so */
export function reportOf(results: readonly LongResult[], run: string): string {
  return `${[
    "# Reliability report",
    "",
    "What the long suites found when they ran last. `npm run test:long` runs them and writes this page; a seed makes a suite draw the same again.",
    ...results.flatMap((result) => sectionOf(result, run)),
  ].join("\n")}\n`;
}

function sectionOf(result: LongResult, run: string): string[] {
  const { name, claim, seed, seconds, counts, machine } = result;
  const rows = Object.entries(counts).map(([what, value]) => `| ${what} | ${shown(value)} |`);
  const { date, version, node, platform, cores, cpu, memoryGb } = machine;
  const took = result.passed === undefined ? "" : `, ${shown(seconds)} s`;
  const earlier = result.run === run ? "" : " **Of an earlier run** than the one that wrote this page.";
  return [
    "",
    `## ${claim}: ${verdictOf(result)}`,
    "",
    `Suite \`${name}\`, seed ${seed}${took}. Version ${version}, ${date}, Node ${node}, ${platform}, ${cores} cores (${cpu}), ${memoryGb} GB.${earlier}`,
    ...(rows.length > 0 ? ["", "| what | count |", "|---|---|", ...rows] : []),
  ];
}

function verdictOf({ passed }: LongResult): string {
  if (passed === undefined) return "**did not finish**";
  return passed ? "held" : "**did not hold**";
}

function shown(value: number | string): string {
  return typeof value === "number" ? value.toLocaleString("en-US") : value;
}

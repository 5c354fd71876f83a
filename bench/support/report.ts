import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

/** One figure of one bench: the median over `samples` runs, with the best and the worst. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly unit: string;
  readonly n: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Prints the figure as a JSON line and gives it back, for the table at the end. */
export function report(bench: string, figure: string, unit: string, samples: readonly number[]): Figure {
  const sorted = [...samples].sort((a, b) => a - b);
  const line = {
    bench,
    figure,
    unit,
    n: sorted.length,
    median: round(percentile(sorted, 0.5)),
    min: round(sorted[0] ?? Number.NaN),
    max: round(sorted.at(-1) ?? Number.NaN),
  };
  console.log(JSON.stringify(line));
  return line;
}

/** @param sorted - in ascending order */
export function percentile(sorted: readonly number[], share: number): number {
  const middle = (sorted.length - 1) * share;
  const below = sorted[Math.floor(middle)] ?? Number.NaN;
  const above = sorted[Math.ceil(middle)] ?? Number.NaN;
  return below + (above - below) * (middle - Math.floor(middle));
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** Where these figures come from: they mean nothing without it. */
export function machine(): Record<string, string | number> {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return {
    version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    date: new Date().toISOString().slice(0, 10),
  };
}

export function printTable(figures: readonly Figure[]): void {
  const rows = figures.map(({ bench, figure, unit, n, median, min, max }) => [
    bench,
    figure,
    `${median} ${unit}`,
    `${min} – ${max}`,
    String(n),
  ]);
  const all = [["bench", "figure", "median", "min – max", "n"], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = all.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  lines.splice(1, 0, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`);
  console.log(lines.join("\n"));
}

// How long does the compiler take to check a graph? Chains of 100, 300 and 1,000 executors with schemas, each written as one
// chain of addEdge; the time of the same file without its edges is not taken off.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { report } from "./support/report.ts";

const SIZES = [100, 300, 1_000];
const SAMPLES = 5;

const root = fileURLToPath(new URL("../", import.meta.url));
const tsc = join(root, "node_modules/typescript/bin/tsc");
const { version } = JSON.parse(readFileSync(join(root, "node_modules/typescript/package.json"), "utf8"));

/** A graph in which neighbours differ, so that the compiler cannot answer one edge with the check of another. */
function chainOf(size: number): string {
  const lines = [
    'import { z } from "zod";',
    'import { defineExecutor, WorkflowBuilder } from "durable-workflows";',
    "",
  ];
  for (let index = 0; index < size; index++) {
    lines.push(
      `const e${index} = defineExecutor({ id: "E${index}", input: z.object({ a${index}: z.string(), count: z.number() }),`,
      `  output: z.object({ a${index + 1}: z.string(), count: z.number() }),`,
      `  handle: ({ a${index}, count }) => ({ a${index + 1}: a${index}, count: count + 1 }) });`,
    );
  }
  lines.push('export const graph = new WorkflowBuilder("Chain", e0)');
  for (let index = 1; index < size; index++) lines.push(`  .addEdge(e${index - 1}, e${index})`);
  lines.push(`  .withOutputFrom(e${size - 1})`, "  .build();", "");
  return lines.join("\n");
}

function projectOf(size: number): string {
  const folder = mkdtempSync(join(tmpdir(), "check-time-"));
  mkdirSync(join(folder, "node_modules"));
  for (const name of ["zod", "@standard-schema", "@types", "typescript"]) {
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  // As an app sees the library: by its declarations, not its sources.
  symlinkSync(root, join(folder, "node_modules/durable-workflows"));
  const { compilerOptions } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8"));
  const options = { ...compilerOptions, rootDir: ".", outDir: undefined, noEmit: true };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["chain.ts"] }));
  writeFileSync(join(folder, "chain.ts"), chainOf(size));
  return folder;
}

/** Checks the project once. @returns check time in seconds, and how many types were made from generic ones */
function check(folder: string): { readonly checkSeconds: number; readonly instantiations: number } {
  const printed = execFileSync(process.execPath, [tsc, "-p", folder, "--extendedDiagnostics", "--pretty", "false"], {
    encoding: "utf8",
  });
  return { checkSeconds: figure(printed, "Check time"), instantiations: figure(printed, "Instantiations") };
}

function figure(printed: string, name: string): number {
  const text = new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(printed)?.[1];
  if (text === undefined) throw new Error(`TypeScript ${version} prints no "${name}":\n${printed}`);
  return Number(text);
}

for (const size of SIZES) {
  const folder = projectOf(size);
  try {
    const samples = Array.from({ length: SAMPLES }, () => check(folder));
    const bench = `check time, TypeScript ${version}`;
    report(
      bench,
      `chain of ${size}: check`,
      "s",
      samples.map(({ checkSeconds }) => checkSeconds),
    );
    report(
      bench,
      `chain of ${size}: instantiations`,
      "types",
      samples.map(({ instantiations }) => instantiations),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

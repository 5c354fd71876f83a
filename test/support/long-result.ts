import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a long suite leaves for the report. */
export interface LongResult {
  readonly name: string;
  readonly claim: string;
  readonly seed: number;
  readonly passed: boolean;
  readonly seconds: number;
  readonly counts: Readonly<Record<string, number | string>>;
  /** Version, Node, processor and date: as for a bench. */
  readonly machine: Readonly<Record<string, string | number>>;
}

/** Where results wait for the report; not in the repository. */
const FOLDER = fileURLToPath(new URL("../../.data/long", import.meta.url));

export function writeLongResult(result: LongResult): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${result.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

/** The last result of every suite, by name. */
export function readLongResults(): LongResult[] {
  if (!existsSync(FOLDER)) return [];
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".json"));
  return files.sort().map((file) => JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as LongResult);
}

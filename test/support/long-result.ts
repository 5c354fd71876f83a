import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a long suite leaves for the report. */
export interface LongResult {
  readonly name: string;
  readonly claim: string;
  readonly seed: number;
  /** Missing until the suite has ended: of one that was killed it stays so. */
  readonly passed?: boolean;
  readonly seconds: number;
  /** The run of `npm run test:long` that it is of; missing when vitest ran the suite by itself. */
  readonly run?: string | undefined;
  readonly counts: Readonly<Record<string, number | string>>;
  /** Version, Node, processor and date: as for a bench. */
  readonly machine: Readonly<Record<string, string | number>>;
}

/** Where results wait for the report; not in the repository. */
const FOLDER = fileURLToPath(new URL("../../.data/long", import.meta.url));

export function writeLongResult(result: LongResult, folder = FOLDER): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${result.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

/** The last result of every suite, by name. */
export function readLongResults(folder = FOLDER): LongResult[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files.sort().map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as LongResult);
}

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));

/** Where a part finds what it has to do, and where it leaves what came of it. */
interface PartFiles {
  readonly workFile: string;
  readonly resultFile: string;
}

/** What became of one part. */
export interface Part<Work, Result> {
  readonly work: Work;
  /** Undefined when the process ended without one; `output` tells why. */
  readonly result: Result | undefined;
  readonly output: string;
}

/**
 * Does the work of a long suite part by part, each in a process of its own, as many at a time as there are processors: what
 * one part holds in memory goes with its process, and a process that dies takes only its part with it.
 *
 * @param file - `test/{folder}/{name}.part.ts`: a test that asks {@link partOfEnvironment} for its work
 * @param ended - called for each part as soon as it has ended
 */
export async function inParts<Work, Result>(
  file: string,
  works: readonly Work[],
  ended: (part: Part<Work, Result>) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "parts-"));
  const left = [...works.entries()];
  const workThrough = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [place, work] = next;
      const files = { workFile: join(folder, `${place}.work`), resultFile: join(folder, `${place}.result`) };
      writeFileSync(files.workFile, JSON.stringify(work));
      const output = await run(file, files);
      ended({ work, result: readResult<Result>(files), output });
    }
  };
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, workThrough));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The work of this process, and where its result goes. */
export function partOfEnvironment<Work, Result>(): { readonly work: Work; readonly done: (result: Result) => void } {
  const { workFile, resultFile } = JSON.parse(process.env.LONG_PART ?? "null") as PartFiles;
  return {
    work: JSON.parse(readFileSync(workFile, "utf8")) as Work,
    done: (result) => writeFileSync(resultFile, JSON.stringify(result)),
  };
}

function readResult<Result>({ resultFile }: PartFiles): Result | undefined {
  try {
    return JSON.parse(readFileSync(resultFile, "utf8")) as Result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** @returns all that the process said */
function run(file: string, files: PartFiles): Promise<string> {
  const child = spawn(process.execPath, [vitest, "run", "--config", "vitest.parts.config.ts", file], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LONG_PART: JSON.stringify(files) },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });
}

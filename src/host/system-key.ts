import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WorkflowError } from "../errors.ts";

const FILE = "system.key";

/**
 * The key of the durable management API for this data folder: made at the first start, kept for the next ones, readable
 * for this user only.
 *
 * @throws {WorkflowError} `STORE_UNREADABLE`
 */
export function loadSystemKey(dataDir: string): string {
  const file = join(dataDir, FILE);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return readKey(file) ?? writeKey(file);
  } catch (error) {
    throw new WorkflowError(
      "STORE_UNREADABLE",
      `The data folder ${dataDir} cannot be used: ${error instanceof Error ? error.message : String(error)}.`,
      "Name a folder that this user may write to with --data.",
      { cause: error },
    );
  }
}

function readKey(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim() || null;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function writeKey(file: string): string {
  const key = randomBytes(32).toString("base64url");
  try {
    writeFileSync(file, `${key}\n`, { mode: 0o600, flag: "wx" });
    return key;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  // A host of another hub was first; hubs have stores of their own, and this folder's key in common.
  const other = readKey(file);
  if (other !== null) return other;
  throw new Error(`${file} is empty; delete it`);
}

import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { WorkflowError } from "../errors.ts";

const hostKeys = z.object({
  master: z.string().min(1),
  host: z.string().min(1),
  functions: z.record(z.string(), z.string().min(1)),
});

/** The keys that callers show when the host checks them, by the names that Azure gives them. */
export type HostKeys = Readonly<z.infer<typeof hostKeys>>;

const FILE = "keys.json";
/** What can be guessed is no key. */
const SHORTEST_TOKEN = 16;

/**
 * The keys of a data folder: made at the first start that checks them, kept for the next ones, readable for this user
 * only. A function that has none yet gets one.
 *
 * @param token - a master key of the user's own; it is never written
 * @throws {WorkflowError} `STORE_UNREADABLE`, `SETTING_INVALID` for a short token
 */
export function loadHostKeys(dataDir: string, functionNames: readonly string[], token: string | null): HostKeys {
  if (token !== null && token.length < SHORTEST_TOKEN) {
    throw new WorkflowError(
      "SETTING_INVALID",
      `The token has ${token.length} characters, and can be guessed.`,
      `Give one of at least ${SHORTEST_TOKEN}, or let the host make keys with --enable-auth.`,
    );
  }
  const file = join(dataDir, FILE);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const found = readKeys(file);
    const keys = withFunctions(found ?? { master: newKey(), host: newKey(), functions: {} }, functionNames);
    if (keys !== found) writeKeys(file, keys);
    return token === null ? keys : { ...keys, master: token };
  } catch (error) {
    throw new WorkflowError(
      "STORE_UNREADABLE",
      `The keys in ${file} cannot be used: ${error instanceof Error ? error.message : String(error)}.`,
      "Make it a file that this user may read and write, or delete it: new keys are made at the next start.",
      { cause: error },
    );
  }
}

function withFunctions(keys: HostKeys, names: readonly string[]): HostKeys {
  const missing = names.filter((name) => keys.functions[name.toLowerCase()] === undefined);
  if (missing.length === 0) return keys;
  const added = Object.fromEntries(missing.map((name) => [name.toLowerCase(), newKey()]));
  return { ...keys, functions: { ...keys.functions, ...added } };
}

function readKeys(file: string): HostKeys | null {
  try {
    return hostKeys.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Whole or not at all: half a file would lock everybody out. */
function writeKeys(file: string, keys: HostKeys): void {
  const half = `${file}.new`;
  writeFileSync(half, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  renameSync(half, file);
}

function newKey(): string {
  return randomBytes(32).toString("base64url");
}

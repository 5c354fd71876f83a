import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const OTHERS = 0o077;
/** What this host makes in its data folder, besides the app's own files. */
const OWN_FILES = /\.(sqlite(-wal|-shm)?|key)$|^keys\.json$/;

/** What other users of this machine may look into. Windows has no such modes: there everything is as it should be. */
export function modeWarnings(dataDir: string): string[] {
  if (process.platform === "win32") return [];
  const files = readdirSync(dataDir).filter((name) => OWN_FILES.test(name));
  return [dataDir, ...files.map((name) => join(dataDir, name))]
    .filter((path) => (statSync(path).mode & OTHERS) !== 0)
    .map((path) => `Other users of this machine have access to ${path}. Take it from them: chmod go= ${path}`);
}

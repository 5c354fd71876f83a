import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readDataDir } from "./config.ts";

const appRoot = fileURLToPath(new URL("../../", import.meta.url));

/** The data this app ships with: read only. */
export function seedFile(name: string): string {
  return join(appRoot, "data", name);
}

/**
 * Where this app keeps what its workflows change: `APP_DATA_DIR` (the local host sets it to a folder inside its own data
 * folder), or `.data` beside host.json. On Azure point it at a mounted file share, since the app's own folder is read
 * only there.
 */
export function dataFile(...names: string[]): string {
  return join(readDataDir() ?? join(appRoot, ".data"), ...names);
}

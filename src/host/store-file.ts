import { join } from "node:path";

/** The database of a task hub in a data folder. */
export function storeFile(dataDir: string, hubName: string): string {
  return join(dataDir, `${encodeURIComponent(hubName.toLowerCase())}.sqlite`);
}

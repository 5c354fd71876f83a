import { existsSync } from "node:fs";
import Module from "node:module";
import { join } from "node:path";

/**
 * Keeps compiled code of the host and the app between starts: a third of the time to the first finished run. The cache
 * lies with the app's packages, where only this user writes, and Node checks each entry against its source.
 */
export function keepCompiledCode(appDir: string): void {
  const packages = join(appDir, "node_modules");
  // Where it cannot be written, Node goes on without it.
  if (existsSync(packages)) Module.enableCompileCache(join(packages, ".cache", "durable-workflows"));
}

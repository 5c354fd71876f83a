import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { modeWarnings } from "./modes.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "modes-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

it("warns of a data folder, a database or a key that other users may read, and of nothing else", () => {
  const file = join(dataDir, "hub.sqlite");
  const key = join(dataDir, "system.key");
  for (const path of [file, key, join(dataDir, "notes.txt")]) writeFileSync(path, "");
  chmodSync(file, 0o600);
  chmodSync(key, 0o600);
  chmodSync(join(dataDir, "notes.txt"), 0o644);
  expect(modeWarnings(dataDir)).toEqual([]);
  chmodSync(dataDir, 0o755);
  chmodSync(file, 0o640);
  chmodSync(key, 0o604);
  const warning = (path: string) =>
    `Other users of this machine have access to ${path}. Take it from them: chmod go= ${path}`;
  expect(modeWarnings(dataDir)).toEqual([dataDir, file, key].map(warning));
});

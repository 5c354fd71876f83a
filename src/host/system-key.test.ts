import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { startHost } from "./local-host.ts";
import { loadSystemKey } from "./system-key.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "system-key-"));
  const made = dataDir;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
});

it("is made once and kept", () => {
  const key = loadSystemKey(dataDir);
  expect(key).toMatch(/^[\w-]{43}$/);
  expect(loadSystemKey(dataDir)).toBe(key);
});

it("never overwrites a file that is there", () => {
  writeFileSync(join(dataDir, "system.key"), "");
  expect(() => loadSystemKey(dataDir)).toThrow("system.key is empty; delete it.");
});

it("is not made by a host that does not own the store", async () => {
  const appDir = fileURLToPath(new URL("../../test/http/apps/doors", import.meta.url));
  const openHub = () => Promise.reject(new Error("The store is in use."));
  await expect(startHost({ appDir, dataDir, port: 0 }, openHub)).rejects.toThrow("The store is in use.");
  expect(existsSync(join(dataDir, "system.key"))).toBe(false);
});

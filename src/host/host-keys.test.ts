import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadHostKeys } from "./host-keys.ts";

const TOKEN = "0123456789abcdef";

describe("the keys of a data folder", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = join(mkdtempSync(join(tmpdir(), "host-keys-")), "data");
  });
  afterEach(() => rmSync(join(dataDir, ".."), { recursive: true }));
  const file = () => join(dataDir, "keys.json");

  it("are made once, for this user alone, and kept", () => {
    const keys = loadHostKeys(dataDir, ["Run", "status"], null);
    expect(Object.keys(keys.functions)).toEqual(["run", "status"]);
    expect(new Set([keys.master, keys.host, keys.functions.run, keys.functions.status]).size).toBe(4);
    expect(keys.master).toMatch(/^[\w-]{43}$/);
    expect([statSync(file()).mode & 0o777, statSync(dataDir).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(loadHostKeys(dataDir, ["run"], null)).toEqual(keys);
  });

  it("get one more for a new function, and lose none", () => {
    const keys = loadHostKeys(dataDir, ["run"], null);
    const more = loadHostKeys(dataDir, ["new"], null);
    expect(more).toEqual({
      ...keys,
      functions: { run: keys.functions.run, new: expect.stringMatching(/^[\w-]{43}$/) },
    });
  });

  it("take a token in the place of the master key, and never write it", () => {
    expect(loadHostKeys(dataDir, ["run"], TOKEN).master).toBe(TOKEN);
    expect(readFileSync(file(), "utf8")).not.toContain(TOKEN);
  });

  it("refuse a token that can be guessed", () => {
    expect(() => loadHostKeys(dataDir, [], "short")).toThrow("The token has 5 characters, and can be guessed.");
  });

  it("say which file is broken", () => {
    loadHostKeys(dataDir, [], null);
    writeFileSync(file(), "{}");
    expect(() => loadHostKeys(dataDir, [], null)).toThrow(`The keys in ${file()} cannot be used`);
  });
});

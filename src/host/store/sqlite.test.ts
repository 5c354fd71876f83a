import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStore } from "./sqlite.ts";

const modeOf = (path: string): number => statSync(path).mode & 0o777;
const code = (error: string) => expect.objectContaining({ code: error });

describe("the store's file", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sqlite-"));
    file = join(folder, "data", "hub.sqlite");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is made with its folder, readable by this user only", async () => {
    const store = await openSqliteStore({ file });
    expect([modeOf(join(folder, "data")), modeOf(file), modeOf(`${file}-wal`)]).toEqual([0o700, 0o600, 0o600]);
    store.close();
  });

  it("keeps what was committed when it is opened again", async () => {
    const first = await openSqliteStore({ file });
    first.commit([{ kind: "addMessage", row: { key: 1, seq: 1, executionId: "e", event: "{}" } }]);
    first.close();
    const second = await openSqliteStore({ file });
    expect(second.messages()).toEqual([{ key: 1, seq: 1, executionId: "e", event: "{}" }]);
    second.close();
  });

  it("is in use while another store has it, and the refusal names its process", async () => {
    const store = await openSqliteStore({ file });
    const refusal = await openSqliteStore({ file }).catch((error: unknown) => error);
    expect(refusal).toEqual(code("STORE_IN_USE"));
    expect(String(refusal)).toContain(`in use by process ${process.pid} on `);
    store.close();
    (await openSqliteStore({ file })).close();
  });

  it("is refused to another process, and free again the moment its owner is killed", async () => {
    const store = await openSqliteStore({ file });
    expect(openElsewhere(file)).toContain("STORE_IN_USE");
    store.close();
    const killed = spawnSync(process.execPath, [opener, file, "die"], { encoding: "utf8" });
    expect(killed).toMatchObject({ signal: "SIGKILL", stdout: "opened\n" });
    const next = await openSqliteStore({ file });
    expect(next.messages()).toHaveLength(1);
    next.close();
  });

  it("is refused politely when a newer version wrote it", async () => {
    (await openSqliteStore({ file })).close();
    const database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 99");
    database.close();
    await expect(openSqliteStore({ file })).rejects.toThrow(
      expect.objectContaining({ code: "STORE_UNREADABLE", message: expect.stringContaining("schema version 99") }),
    );
  });

  it("is refused when it is something else, and stays as it is", async () => {
    (await openSqliteStore({ file })).close();
    const text = "not a database, ".repeat(1000);
    writeFileSync(file, text);
    await expect(openSqliteStore({ file })).rejects.toThrow(code("STORE_UNREADABLE"));
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("is refused with its path when the folder cannot be made", async () => {
    writeFileSync(join(folder, "data"), "");
    await expect(openSqliteStore({ file })).rejects.toThrow(
      expect.objectContaining({ code: "STORE_UNREADABLE", message: expect.stringContaining(file) }),
    );
  });

  it.skipIf(process.getuid?.() === 0)("is refused when it may not be written", async () => {
    (await openSqliteStore({ file })).close();
    chmodSync(file, 0o400);
    await expect(openSqliteStore({ file })).rejects.toThrow(code("STORE_UNREADABLE"));
  });
});

const opener = fileURLToPath(new URL("../../../test/support/open-store.ts", import.meta.url));

function openElsewhere(file: string): string {
  return spawnSync(process.execPath, [opener, file], { encoding: "utf8" }).stdout;
}

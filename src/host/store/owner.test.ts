import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStore } from "./sqlite.ts";

const opener = fileURLToPath(new URL("../../../test/support/open-store.ts", import.meta.url));
let folder: string;
let file: string;
let owner: ChildProcess;
let lines: AsyncIterator<string>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "owner-"));
  file = join(folder, "hub.sqlite");
  owner = spawn(process.execPath, [opener, file, "hold"], { stdio: ["pipe", "pipe", "inherit"] });
  lines = linesOf(owner);
  expect((await lines.next()).value).toBe("opened");
});
afterEach(() => {
  owner.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

async function* linesOf({ stdout }: ChildProcess): AsyncGenerator<string> {
  for await (const chunk of stdout ?? []) yield* String(chunk).trimEnd().split("\n");
}
const ended = () => new Promise<void>((resolve) => owner.once("close", () => resolve()));

describe("the owner of a store", () => {
  it("stays its owner while it is stopped, and the refusal names it; nobody has written when it goes on", async () => {
    owner.kill("SIGSTOP");
    const refusal = openSqliteStore({ file });
    await expect(refusal).rejects.toThrow(`is in use by process ${owner.pid} on ${hostname()}`);
    await expect(refusal).rejects.toThrow(expect.objectContaining({ code: "STORE_IN_USE" }));
    owner.kill("SIGCONT");
    owner.stdin?.write("write\n");
    expect((await lines.next()).value).toBe("written");
  });

  it("is followed at once when it was killed, also while it was stopped, and all it wrote is there", async () => {
    owner.stdin?.write("write\n");
    expect((await lines.next()).value).toBe("written");
    owner.kill("SIGSTOP");
    const gone = ended();
    owner.kill("SIGKILL");
    await gone;
    const startedAt = performance.now();
    const store = await openSqliteStore({ file });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(store.messages()).toEqual([{ key: 1, seq: 1, executionId: "e", event: "{}" }]);
    store.close();
  });
});

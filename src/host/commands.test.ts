import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OrchestrationContext, Task } from "durable-functions";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { df } from "../../test/support/capture-functions.ts";
import { openHub } from "../../test/support/hub-harness.ts";
import { type Command, runCommand } from "./commands.ts";
import { openSqliteStore } from "./store/sqlite.ts";
import { readRunFile } from "./transfer/run-file.ts";

/** What the disk does with the text of a run file, which is written through its handle; null for what is right. */
const disk = vi.hoisted(() => ({
  takes: null as ((text: string) => string) | null,
  refusesToSync: null as "file" | "folder" | null,
}));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    writeFileSync: (file: Parameters<typeof fs.writeFileSync>[0], text: string) =>
      fs.writeFileSync(file, disk.takes && typeof file === "number" ? disk.takes(text) : text),
    fsyncSync(handle: number) {
      const kind = fs.fstatSync(handle).isFile() ? "file" : "folder";
      if (kind === disk.refusesToSync) throw new Error("EIO: i/o error, fsync");
      fs.fsyncSync(handle);
    },
  };
});

df.app.orchestration("Laden", function* (context: OrchestrationContext): Generator<Task, unknown, unknown> {
  return yield context.df.waitForExternalEvent("Go");
});

let folder: string;
let file: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "commands-"));
  file = join(folder, "trip.json");
  mkdirSync(join(folder, "app"));
  writeFileSync(join(folder, "app", "host.json"), '{"version":"2.0","extensions":{"durableTask":{"hubName":"Hub"}}}');
  const { run, hub } = await openHub({ store: await openSqliteStore({ file: storeFile() }) });
  for (const instanceId of ["trip", "other"]) {
    await run({ name: "Laden", instanceId, inputJson: JSON.stringify(`${instanceId} `.repeat(200_000)) });
  }
  await hub.close();
});
afterEach(() => {
  disk.takes = null;
  disk.refusesToSync = null;
  rmSync(folder, { recursive: true });
});

const storeFile = (): string => join(folder, "hub.sqlite");
const move = (): Promise<string> =>
  runCommand({
    ...({ name: "export", target: "trip", isMove: true, out: file } satisfies Partial<Command>),
    ...{ appDir: join(folder, "app"), dataDir: folder },
  });

async function runsInStore(): Promise<string[]> {
  const store = await openSqliteStore({ file: storeFile() });
  const ids = store.openInstances().map(({ instanceId }) => instanceId);
  store.close();
  return ids;
}

describe("a run that is moved out of its data folder", () => {
  it("takes its room and every word of it along at once", async () => {
    const before = statSync(storeFile()).size;
    expect(await move()).toBe(`Run "trip" is moved to ${file}, with 0 open sub-orchestrations.`);
    expect(readRunFile(readFileSync(file, "utf8")).instances[0]?.instanceId).toBe("trip");
    expect(existsSync(`${storeFile()}-wal`)).toBe(false);
    expect(before - statSync(storeFile()).size).toBeGreaterThan(900_000);
    const left = readFileSync(storeFile(), "latin1");
    expect([left.includes("trip trip"), left.includes("other other")]).toEqual([false, true]);
    expect(await runsInStore()).toEqual(["other"]);
  });

  it.each<[string, (text: string) => string]>([
    ["half of it", (text) => text.slice(0, text.length / 2)],
    ["nothing of it", () => ""],
    ["all but its last character", (text) => text.slice(0, text.trimEnd().length - 1)],
    ["another character in it", (text) => text.replace("trip trip", "trip trap")],
  ])("stays when the disk takes %s and says nothing", async (_what, takes) => {
    disk.takes = takes;
    await expect(move()).rejects.toMatchObject({ code: "RUN_FILE_INVALID" });
    disk.takes = null;
    expect(await runsInStore()).toEqual(["trip", "other"]);
  });

  it("stays when the disk is full in the middle of its file, of which nothing is left", async () => {
    disk.takes = () => {
      throw new Error("ENOSPC: no space left on device, write");
    };
    await expect(move()).rejects.toMatchObject({
      code: "SETTING_INVALID",
      message: `${file} cannot be written: ENOSPC: no space left on device, write. Name another file.`,
    });
    expect(existsSync(file)).toBe(false);
    expect(await runsInStore()).toEqual(["trip", "other"]);
  });

  it.each(["file", "folder"] as const)("stays when the disk does not say that it has the %s", async (what) => {
    disk.refusesToSync = what;
    await expect(move()).rejects.toThrow("EIO: i/o error, fsync");
    expect(existsSync(file)).toBe(false);
    expect(await runsInStore()).toEqual(["trip", "other"]);
  });
});

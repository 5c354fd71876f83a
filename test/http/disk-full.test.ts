import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type LocalHost, startLocalHost } from "../../src/host/local-host.ts";

const dataDir = mkdtempSync(join(tmpdir(), "disk-full-"));
let host: LocalHost;
let database: DatabaseSync;
let systemKey: string;

beforeAll(async () => {
  // The only one that is opened here is the store's.
  const exec = vi.spyOn(DatabaseSync.prototype, "exec");
  const appDir = fileURLToPath(new URL("./apps/doors", import.meta.url));
  host = await startLocalHost({ appDir, dataDir, port: 0 });
  database = exec.mock.contexts[0] as DatabaseSync;
  exec.mockRestore();
  systemKey = readFileSync(join(dataDir, "system.key"), "utf8").trim();
});
afterAll(async () => {
  await host.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const MOST_PAGES = 1_000_000;
const pages = () => Number(database.prepare("PRAGMA page_count").get()?.page_count);
/** SQLite says of a file that may not grow what it says of a full disk. */
const fill = () => database.exec(`PRAGMA max_page_count = ${pages()}`);
const makeRoom = () => database.exec(`PRAGMA max_page_count = ${MOST_PAGES}`);

const JSON_TYPE = { "content-type": "application/json" };
const send = (path: string, body: unknown) =>
  fetch(`${host.url}/${path}`, { method: "POST", headers: JSON_TYPE, body: JSON.stringify(body) });
const status = async (runId: string, name = "Approval") =>
  (await (await fetch(`${host.url}/api/workflows/${name}/status/${runId}`)).json()) as {
    status: string;
    waitingForInput: unknown[];
  };
/** More than one page, so that it cannot go into a free one. */
const LARGE = "x".repeat(20_000);

describe("a disk that is full", () => {
  it("is told to who starts or answers a run, and nothing is half written; reading goes on; then all goes on", async () => {
    expect((await send("api/workflows/Approval/run?runId=before", { amount: 5 })).status).toBe(202);
    await vi.waitFor(async () => expect((await status("before")).waitingForInput).toHaveLength(1));
    fill();

    const start = await send("api/workflows/Greeting/run?runId=during", LARGE);
    expect([start.status, start.headers.get("retry-after")]).toEqual([507, "5"]);
    expect(await start.json()).toMatchObject({ code: "STORE_WRITE_FAILED", status: 507 });
    expect((await fetch(`${host.url}/api/workflows/Greeting/status/during`)).status).toBe(404);

    const durable = `runtime/webhooks/durabletask/instances/before/raiseEvent/Other?code=${systemKey}`;
    const event = await send(durable, LARGE);
    expect([event.status, event.headers.get("retry-after")]).toEqual([507, "5"]);
    expect(await event.json()).toEqual({ Message: expect.stringContaining("The store could not be written") });

    const response = { eventName: "Manager", response: { approved: true, comments: LARGE } };
    const answer = await send("api/workflows/Approval/respond/before", response);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([507, "STORE_WRITE_FAILED"]);
    expect(await status("before")).toMatchObject({ status: "Running", waitingForInput: [{}] });

    makeRoom();
    expect((await send("api/workflows/Approval/respond/before", response)).status).toBe(202);
    await vi.waitFor(async () => expect((await status("before")).status).toBe("Completed"), { timeout: 20_000 });
    expect((await send("api/workflows/Greeting/run?runId=after", "Ada")).status).toBe(202);
    await vi.waitFor(async () => expect((await status("after", "Greeting")).status).toBe("Completed"), {
      timeout: 20_000,
    });
  });
});

import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalHost, startHost } from "../../src/host/local-host.ts";
import { ADA, createScriptedHub } from "./support/scripted-hub.ts";

const dataDir = mkdtempSync(join(tmpdir(), "host-client-"));
const BOB = {
  ...ADA,
  instanceId: "bob",
  runtimeStatus: "Failed",
  output: "Orchestrator function 'sequence' failed: why",
} as const;
const CAROL = { ...ADA, instanceId: "carol", runtimeStatus: "Completed", output: '{"value":3}' } as const;
const hub = createScriptedHub([ADA, BOB, CAROL]);
let host: LocalHost;

beforeAll(async () => {
  host = await startHost(
    { appDir: fileURLToPath(new URL("apps/foreign", import.meta.url)), dataDir, port: 0 },
    async () => ({
      hub,
      historyJson: async (id, shown) => JSON.stringify([{ id, ...shown }]),
      runFile: async (runId) => `the file of ${runId}`,
      schedules: { read: () => null, write: () => {} },
    }),
  );
});

afterAll(async () => {
  await host.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Calls a method of the SDK's client inside of a function. */
async function client(method: string, ...args: unknown[]): Promise<{ resolved?: unknown; rejected?: string }> {
  const body = JSON.stringify(args);
  return (await (await fetch(`${host.url}/api/client/${method}`, { method: "POST", body })).json()) as object;
}

const lastCall = () => hub.calls.at(-1);

describe("the SDK's client", () => {
  // First of all: the packages stay loaded.
  it("costs an app nothing that does not use it: its packages are loaded at its first call", async () => {
    const { cache } = createRequire(import.meta.url);
    const packages = ["axios", "validator", "@opentelemetry/api", "lodash"];
    const loaded = () => packages.filter((name) => Object.keys(cache).some((file) => file.includes(`/${name}/`)));
    expect(loaded()).toEqual([]);
    expect(await client("getStatus", "ada")).toMatchObject({ resolved: { instanceId: "ada" } });
    expect(loaded()).toContain("axios");
  });

  it("starts an instance, with an id and an input", async () => {
    expect(await client("startNew", "sequence", { instanceId: "x", input: { a: "ü" } })).toEqual({ resolved: "x" });
    expect(lastCall()).toEqual(["start", { name: "sequence", instanceId: "x", inputJson: '{"a":"ü"}' }]);
  });

  it("starts an instance without an id, and sends an empty string for no input", async () => {
    expect(await client("startNew", "sequence")).toEqual({ resolved: "made-up" });
    expect(lastCall()).toEqual(["start", { name: "sequence", inputJson: '""' }]);
  });

  it("starts an instance of a version", async () => {
    await client("startNew", "sequence", { version: "1.2" });
    expect(lastCall()).toEqual(["start", { name: "sequence", inputJson: '""', version: "1.2" }]);
  });

  it("is told when the function does not exist and when the id is taken", async () => {
    expect((await client("startNew", "unknown")).rejected).toContain("No such function.");
    expect((await client("startNew", "sequence", { instanceId: "ada" })).rejected).toContain(
      "unexpected status code: 409",
    );
  });

  it("reads a status", async () => {
    expect((await client("getStatus", "ada")).resolved).toMatchObject({
      name: "sequence",
      instanceId: "ada",
      runtimeStatus: "Running",
      input: { value: 1 },
      customStatus: "half way",
      output: null,
      createdTime: "2026-01-02T03:04:05.000Z",
    });
    expect((await client("getStatus", "bob")).resolved).toMatchObject({ output: BOB.output });
    expect((await client("getStatus", "nobody")).rejected).toContain("404");
  });

  it("lists all instances, page by page", async () => {
    const { resolved } = await client("getStatusAll");
    expect((resolved as { instanceId: string }[]).map(({ instanceId }) => instanceId)).toEqual(["ada", "bob", "carol"]);
    expect(lastCall()).toEqual(["list", { continuationToken: "41" }]);
  });

  it("lists instances by time and status", async () => {
    const filter = { createdTimeFrom: "2026-01-01T00:00:00.000Z", runtimeStatus: ["Running", "Failed"] };
    await client("getStatusBy", { filter });
    expect(
      hub.calls.findLast(([method, argument]) => method === "list" && !("continuationToken" in Object(argument))),
    ).toEqual(["list", { createdFromMs: Date.UTC(2026, 0, 1), runtimeStatus: ["Running", "Failed"] }]);
  });

  it("raises an event", async () => {
    expect(await client("raiseEvent", "ada", "Approval", { approved: true })).toEqual({ resolved: null });
    expect(lastCall()).toEqual(["raiseEvent", "ada", "Approval", '{"approved":true}']);
    expect(await client("raiseEvent", "bob", "Approval", "x")).toEqual({ resolved: null });
    expect((await client("raiseEvent", "nobody", "Approval", 1)).rejected).toContain("No instance with ID 'nobody'");
  });

  it("is told that an event without data, and one with a number for a name, do not go", async () => {
    expect((await client("raiseEvent", "ada", "Approval")).rejected).toContain("unexpected status code: 400");
    expect((await client("raiseEvent", "ada", "7", {})).rejected).toContain("unexpected status code: 400");
  });

  it.each(["terminate", "suspend", "resume"])("can %s, with a reason", async (method) => {
    expect(await client(method, "ada", "no longer needed")).toEqual({ resolved: null });
    expect(lastCall()).toEqual([method, "ada", "no longer needed"]);
    expect(await client(method, "bob", "too late")).toEqual({ resolved: null });
    expect((await client(method, "nobody", "x")).rejected).toContain("No instance with ID");
  });

  it("purges one instance, and many by a filter", async () => {
    expect(await client("purgeInstanceHistory", "carol")).toEqual({ resolved: { instancesDeleted: 1 } });
    expect(await client("purgeInstanceHistory", "nobody")).toEqual({ resolved: { instancesDeleted: 0 } });
    const filter = { createdTimeFrom: "2026-01-01T00:00:00.000Z", runtimeStatus: ["Completed"] };
    expect(await client("purgeInstanceHistoryBy", { filter })).toEqual({ resolved: { instancesDeleted: 2 } });
    expect((await client("purgeInstanceHistoryBy", { filter: {} })).rejected).toContain("unexpected status code: 400");
  });

  it("rewinds a failed instance, and is told why another cannot be", async () => {
    expect(await client("rewind", "bob", "again")).toEqual({ resolved: null });
    expect(lastCall()).toEqual(["rewind", "bob", "again"]);
    expect((await client("rewind", "ada", "again")).rejected).toContain("only supported on failed");
    expect((await client("rewind", "carol", "again")).rejected).toContain("unexpected status code: 410");
    expect((await client("rewind", "nobody", "again")).rejected).toBe("No instance with ID 'nobody' found.");
  });

  it("signals an entity, with any JSON and without", async () => {
    expect(await client("signalEntity", { name: "counter", key: "known" }, "add", { n: 1 })).toEqual({
      resolved: null,
    });
    const signal = { name: "counter", key: "known", operation: "add" };
    expect(lastCall()).toEqual(["signalEntity", { ...signal, inputJson: '{"n":1}' }]);
    await client("signalEntity", { name: "counter", key: "known" }, "add");
    expect(lastCall()).toEqual(["signalEntity", { ...signal, inputJson: null }]);
    const unknown = await client("signalEntity", { name: "unknown", key: "1" }, "add", 1);
    expect(unknown.rejected).toContain("There is no entity function 'unknown'");
  });

  it("reads the state of an entity, and is told when there is none", async () => {
    expect(await client("readEntityState", { name: "counter", key: "known" })).toEqual({
      resolved: { entityExists: true, entityState: { n: 1 } },
    });
    expect(await client("readEntityState", { name: "counter", key: "lost" })).toEqual({
      resolved: { entityExists: false },
    });
  });

  it("waits for the end", async () => {
    const done = await fetch(`${host.url}/api/wait/carol`, { method: "POST" });
    expect([done.status, await done.json()]).toEqual([200, { value: 3 }]);
    expect((await fetch(`${host.url}/api/wait/bob`, { method: "POST" })).status).toBe(500);
  });

  it("hands out links that others can use", async () => {
    const response = await fetch(`${host.url}/api/start/sequence/linked`, { method: "POST" });
    const links = (await response.json()) as Record<string, string>;
    expect(response.status).toBe(202);
    expect(response.headers.get("location")).toBe(links.statusQueryGetUri);
    expect(links.statusQueryGetUri).toMatch(
      /^http:\/\/localhost:\d+\/runtime\/webhooks\/durabletask\/instances\/linked\?taskHub=ForeignHub&connection=Storage&code=[\w-]{43}$/,
    );
    const status = (links.statusQueryGetUri ?? "").replace("linked", "ada");
    expect(await (await fetch(status)).json()).toMatchObject({ instanceId: "ada" });
  });
});

describe("the management API", () => {
  const key = () => readFileSync(join(dataDir, "system.key"), "utf8").trim();
  const webhook = (path: string, init: RequestInit = {}) =>
    fetch(`${host.url}/runtime/webhooks/durabletask/${path}`, {
      ...init,
      headers: { "x-functions-key": key(), ...init.headers },
    });

  it("keeps its key for this user only", () => {
    expect(statSync(join(dataDir, "system.key")).mode & 0o077).toBe(0);
  });

  it("is closed without the key", async () => {
    expect((await webhook("instances/ada", { headers: { "x-functions-key": "wrong" } })).status).toBe(401);
    expect((await fetch(`${host.url}/runtime/webhooks/durabletask/instances/ada`)).status).toBe(401);
    expect((await fetch(`${host.url}/durabletask/instances/ada`)).status).toBe(404);
  });

  it("answers 202 with a location while an instance runs, 200 when it has ended", async () => {
    const running = await webhook("INSTANCES/ada");
    expect([running.status, running.headers.get("retry-after")]).toEqual([202, "5"]);
    expect(running.headers.get("location")).toContain("/instances/ada?");
    expect((await webhook("instances/bob")).status).toBe(200);
    expect((await webhook("instances/bob?returnInternalServerErrorOnFailure=true")).status).toBe(500);
  });

  it("shows history and hides the input when asked", async () => {
    const body = await (await webhook("instances/ada?showHistory=true&showHistoryOutput=true&showInput=false")).json();
    expect(body).toMatchObject({
      input: null,
      historyEvents: [{ id: "ada", showHistoryOutput: true, showInput: false }],
    });
  });

  it("waits for the end of a new instance when asked", async () => {
    const response = await webhook("orchestrators/sequence?timeout=3&pollingInterval=1", {
      method: "POST",
      body: "{}",
    });
    expect(response.status).toBe(202);
    expect(lastCall()).toEqual(["waitForEnd", "made-up", 3_000]);
  });

  it.each([
    ["orchestrators/sequence", "POST", "{", 400],
    ["orchestrators/sequence", "GET", undefined, 404],
    ["instances?runtimeStatus=Sleeping", "GET", undefined, 400],
    ["instances?createdTimeFrom=soon", "GET", undefined, 400],
    ["instances?top=-1", "GET", undefined, 400],
    ["instances/ada/raiseEvent/e", "POST", "text", 400],
    ["instances/ada/restart", "POST", undefined, 202],
    ["instances/ada/restart?restartWithNewInstanceId=False", "POST", undefined, 202],
    ["instances/nobody/restart", "POST", undefined, 400],
    ["instances/ada/dance", "POST", undefined, 404],
    ["entities/counter/known", "GET", undefined, 200],
    ["entities/counter/lost", "GET", undefined, 404],
    ["entities/counter/known/more", "GET", undefined, 404],
    ["entities/counter/known?op=add", "POST", "{", 400],
    ["entities/counter/known?op=add", "PUT", "{}", 404],
    ["entities/unknown/known", "DELETE", undefined, 400],
    ["entities?top=0", "GET", undefined, 400],
    ["entities/counter?lastOperationTimeTo=soon", "GET", undefined, 400],
    ["elsewhere", "GET", undefined, 404],
  ])("answers %s with %s and %s by %s", async (path, method, body, status) => {
    const headers = { "content-type": "application/json" };
    expect((await webhook(path, { method, headers, ...(body === undefined ? {} : { body }) })).status).toBe(status);
  });
});

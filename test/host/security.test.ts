import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type LocalHost, startHost } from "../../src/host/local-host.ts";
import { appFolder } from "./support/host-process.ts";
import { createScriptedHub } from "./support/scripted-hub.ts";

const dataDir = mkdtempSync(join(tmpdir(), "host-security-"));
const TOKEN = "a-token-of-the-user";
const outside = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
const lines: string[] = [];
let host: LocalHost;
let keys: { master: string; host: string; functions: Record<string, string> };
let systemKey: string;

beforeAll(async () => {
  host = await startHost(
    {
      ...{ appDir: appFolder("guarded"), dataDir, port: 0, address: "0.0.0.0", allowedHosts: ["box.example"] },
      token: TOKEN,
      write: (level, message) => lines.push(`${level}: ${message}`),
    },
    async () => ({
      hub: createScriptedHub(),
      historyJson: async () => "[]",
      runFile: async (runId) => `the file of ${runId}`,
      schedules: { read: () => null, write: () => {} },
    }),
  );
  keys = JSON.parse(readFileSync(join(dataDir, "keys.json"), "utf8"));
  systemKey = readFileSync(join(dataDir, "system.key"), "utf8").trim();
});

afterAll(async () => {
  await host.close();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Sent {
  readonly address?: string;
  readonly key?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Came {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** With a Host header of its own, which `fetch` does not allow. */
function call(path: string, { address = "127.0.0.1", key, method = "GET", headers = {} }: Sent = {}): Promise<Came> {
  return new Promise((resolve, reject) => {
    const options = { host: address, port: host.port, path, method };
    const sent = request({ ...options, headers: { ...(key !== undefined && { "x-functions-key": key }), ...headers } });
    sent.once("error", reject);
    sent.once("response", (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.end();
  });
}

const statusOf = async (path: string, sent?: Sent) => (await call(path, sent)).status;

describe("a host with a token", () => {
  // All combinations are asked of the check itself, next to it. Here one wrong key a door: the eleventh costs a second.
  const doors = [
    ["/api/open", ["none", "wrong"], []],
    ["/api/guarded", ["function", "host", "token"], ["other"]],
    ["/api/masters", ["token"], ["host"]],
    ["/admin/host/status", ["token"], ["none"]],
    ["/admin/host/ping", ["token"], ["empty"]],
    ["/admin/functions", ["token"], ["host"]],
    ["/admin/functions/guarded", ["token"], ["function"]],
    ["/runtime/webhooks/durabletask/instances/ada", ["system", "token"], ["host"]],
    ["/runtime/webhooks/durabletask/instances", ["system", "token"], ["none"]],
    ["/admin/durable/runs/trip", ["system", "token"], ["host"]],
    // The master key that was made is not the one that counts: the token stands in its place.
    ["/RUNTIME/WEBHOOKS/DurableTask/instances", ["system", "token"], ["master"]],
  ] as const;

  it.each(doors)("opens %s to these keys: %j, and not to %j", async (path, good, bad) => {
    const texts: Record<string, string | undefined> = {
      empty: "",
      wrong: "wrong",
      other: keys.functions.other,
      function: keys.functions.guarded,
      host: keys.host,
      master: keys.master,
      system: systemKey,
      token: TOKEN,
    };
    const answered = async (kind: string) => {
      const key = texts[kind];
      return statusOf(path, key === undefined ? {} : { key });
    };
    for (const kind of good) expect([kind, await answered(kind)]).toEqual([kind, path.endsWith("/ada") ? 202 : 200]);
    for (const kind of bad) expect([kind, await answered(kind)]).toEqual([kind, 401]);
  });

  it("takes a key from the query, and the header wins", async () => {
    expect(await statusOf(`/api/guarded?code=${keys.host}`)).toBe(200);
    expect(await statusOf(`/api/guarded?code=${keys.host}`, { key: "wrong" })).toBe(401);
  });

  it("says nothing to who may not pass", async () => {
    const { status, text } = await call("/api/guarded");
    expect([status, text]).toEqual([401, ""]);
  });

  it("answers to the names that were allowed, and to no other", async () => {
    const forHost = (name: string) => statusOf("/api/open", { headers: { host: name } });
    expect(await forHost("box.example")).toBe(200);
    expect(await forHost(`localhost:${host.port}`)).toBe(200);
    expect(await forHost("evil.example")).toBe(403);
    expect(await forHost(`evil.example:${host.port}`)).toBe(403);
  });

  it("answers pages of its own names alone, also over https", async () => {
    const from = (origin: string) => statusOf("/api/open", { headers: { host: "box.example", origin } });
    expect(await from("https://box.example")).toBe(200);
    expect(await from("http://box.example:8080")).toBe(200);
    expect(await from("https://evil.example")).toBe(403);
  });

  it("gives links by the name under which it was called", async () => {
    const headers = { host: "box.example" };
    const { text, headers: got } = await call("/runtime/webhooks/durabletask/orchestrators/sequence/new", {
      method: "POST",
      key: systemKey,
      headers,
    });
    expect(JSON.parse(text).statusQueryGetUri).toMatch(/^http:\/\/box\.example\/runtime\/webhooks\/durabletask\//);
    expect(got.location).toMatch(/^http:\/\/box\.example\//);
  });

  it.skipIf(outside === undefined)("is reached from another machine's side, with a key", async () => {
    const address = outside ?? "";
    const own = { host: `${address}:${host.port}` };
    expect(await statusOf("/api/guarded", { address, headers: own })).toBe(401);
    expect(await statusOf("/api/guarded", { address, headers: own, key: TOKEN })).toBe(200);
  });

  it.skipIf(outside === undefined)("answers its own app's calls on loopback alone", async () => {
    const { text } = await call("/api/rpc");
    const path = `${new URL(text).pathname}instances/ada`;
    expect(await statusOf(path)).toBe(202);
    const headers = { host: `${outside}:${host.port}` };
    expect(await statusOf(path, { address: outside ?? "", headers })).toBe(404);
  });
});

describe("pages of an origin that Host.CORS names", () => {
  const origin = "https://app.example";

  it("may ask before they send, and may read what functions answer", async () => {
    const asked = {
      origin,
      "access-control-request-method": "PUT",
      "access-control-request-headers": "x-functions-key",
    };
    const preflight = await call("/api/guarded", { method: "OPTIONS", headers: asked });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "PUT",
      "access-control-allow-headers": "x-functions-key",
      vary: "Origin",
    });
    const answered = await call("/api/guarded", { key: TOKEN, headers: { origin } });
    expect([answered.status, answered.headers["access-control-allow-origin"]]).toEqual([200, origin]);
  });

  it("need keys like everybody, and may not administer", async () => {
    expect(await statusOf("/api/guarded", { headers: { origin } })).toBe(401);
    expect(await statusOf("/admin/host/status", { key: TOKEN, headers: { origin } })).toBe(403);
  });

  it("are those of exactly this origin", async () => {
    for (const other of ["http://app.example", "https://app.example:8443", "https://app.example.evil"]) {
      const { status, headers } = await call("/api/open", { headers: { origin: other } });
      expect([status, headers["access-control-allow-origin"]]).toEqual([403, undefined]);
    }
    const without = await call("/api/open");
    expect(without.headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("what host.json sets for functions", () => {
  it("is a time limit: the caller of one that takes longer gets 500, and the log names the limit", async () => {
    expect(await statusOf("/api/slow")).toBe(500);
    expect(lines.join("\n")).toContain("Timeout value of 00:00:01 was exceeded by function: slow");
  });

  it("is headers of every answer", async () => {
    expect((await call("/api/open")).headers["x-served-by"]).toBe("guarded");
  });
});

describe("functions that nothing fires", () => {
  const seen = () => (globalThis as unknown as { guardedApp: { fired: unknown[][] } }).guardedApp.fired;
  const fire = (name: string, body: string, key = TOKEN) =>
    fetch(`http://localhost:${host.port}/admin/functions/${name}`, {
      method: "POST",
      headers: { "x-functions-key": key },
      body,
    });

  it("are warmed up before the first request, and one that fails leaves the host cold, not down", () => {
    expect(seen()[0]).toEqual(["warm", "object"]);
    expect(lines.join("\n")).toContain('error: Function "cold" failed: Error: stays cold');
  });

  it("run when the admin route is asked, as timers and queue functions do in Azure", async () => {
    expect((await fire("queue", '{"input":"{\\"order\\":7}"}')).status).toBe(202);
    await vi.waitFor(() => expect(seen()).toContainEqual(["queue", { order: 7 }]));
    expect((await fire("TICK", "{}")).status).toBe(202);
    await vi.waitFor(() => expect(seen()).toContainEqual(["tick", false]));
  });

  it("are tried again when they ask for that, and know which attempt they are", async () => {
    await vi.waitFor(() => expect(seen().filter(([name]) => name === "flaky")).toHaveLength(3));
    expect(seen().filter(([name]) => name === "flaky")).toEqual([
      ["flaky", 0, undefined],
      ["flaky", 1, "attempt 0 failed"],
      ["flaky", 2, "attempt 1 failed"],
    ]);
  });

  it("run for nobody else, and not with anything else", async () => {
    expect((await fire("queue", "{}", "wrong")).status).toBe(401);
    expect((await fire("queue", '{"input":7}')).status).toBe(400);
    expect((await fire("queue", "")).status).toBe(400);
    expect((await fire("open", "{}")).status).toBe(404);
    expect((await fire("nobody", "{}")).status).toBe(404);
  });
});

// At the end, so that it looks at all that the tests above have made the host write.
describe("the log", () => {
  it("holds no key: not of a call that fails, of one that is refused, nor of the app's own path", async () => {
    const { text: rpcUrl } = await call("/api/rpc");
    const secrets = [TOKEN, systemKey, keys.master, keys.host, ...Object.values(keys.functions)];
    const before = lines.length;
    const failing = { headers: { "x-ms-client-principal": "e30=" } };
    await Promise.all(secrets.map((key) => call(`/api/slow?code=${key}`, failing)));
    for (const key of secrets) await call(`/runtime/webhooks/durabletask/instances?code=${key}`);
    await call(`${new URL(rpcUrl).pathname}instances/ada/raiseEvent/7`, { method: "POST" });
    expect(lines.length).toBeGreaterThan(before + secrets.length);
    const secretPath = new URL(rpcUrl).pathname.split("/")[1] ?? "";
    expect(secretPath).toHaveLength(32);
    for (const secret of [...secrets, secretPath]) expect(lines.join("\n")).not.toContain(secret);
  }, 60_000);
});

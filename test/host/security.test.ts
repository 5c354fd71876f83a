import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalHost, startHost } from "../../src/host/local-host.ts";
import { appFolder } from "./support/host-process.ts";
import { createScriptedHub } from "./support/scripted-hub.ts";

const dataDir = mkdtempSync(join(tmpdir(), "host-security-"));
const TOKEN = "a-token-of-the-user";
const outside = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
let host: LocalHost;
let keys: { master: string; host: string; functions: Record<string, string> };
let systemKey: string;

beforeAll(async () => {
  host = await startHost(
    { appDir: appFolder("guarded"), dataDir, port: 0, address: "0.0.0.0", allowedHosts: ["box.example"], token: TOKEN },
    async () => ({ hub: createScriptedHub(), historyJson: async () => "[]" }),
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
  const doors = [
    ["/api/open", []],
    ["/api/guarded", ["function", "host", "token"]],
    ["/api/masters", ["token"]],
    ["/admin/host/status", ["token"]],
    ["/admin/host/ping", ["token"]],
    ["/admin/functions", ["token"]],
    ["/admin/functions/guarded", ["token"]],
    ["/runtime/webhooks/durabletask/instances/ada", ["system", "token"]],
    ["/runtime/webhooks/durabletask/instances", ["system", "token"]],
    ["/RUNTIME/WEBHOOKS/DurableTask/instances", ["system", "token"]],
  ] as const;
  const shown = ["none", "empty", "wrong", "other", "function", "host", "master", "system", "token"] as const;

  it.each(doors)(
    "opens %s to these keys alone: %j",
    async (path, good) => {
      const texts: Record<(typeof shown)[number], string | undefined> = {
        none: undefined,
        empty: "",
        wrong: "wrong",
        other: keys.functions.other,
        function: keys.functions.guarded,
        host: keys.host,
        // The token stands in its place.
        master: keys.master,
        system: systemKey,
        token: TOKEN,
      };
      const passes: string[] = [];
      for (const kind of shown) {
        const key = texts[kind];
        const status = await statusOf(path, key === undefined ? {} : { key });
        expect([200, 202, 401]).toContain(status);
        if (status !== 401) passes.push(kind);
      }
      expect(passes).toEqual(good.length === 0 ? [...shown] : shown.filter((kind) => good.some((one) => one === kind)));
    },
    60_000,
  );

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

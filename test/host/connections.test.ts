import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type LocalHost, startHost } from "../../src/host/local-host.ts";
import { appFolder } from "./support/host-process.ts";
import { createScriptedHub } from "./support/scripted-hub.ts";

const dataDir = mkdtempSync(join(tmpdir(), "host-connections-"));
let host: LocalHost;
let sockets: Socket[];
beforeEach(async () => {
  sockets = [];
  vi.stubEnv("DURABLE_HOST_MAX_CONNECTIONS", "3");
  const parts = { historyJson: async () => "[]", runFile: async () => "", schedules: { read: () => null, write() {} } };
  host = await startHost({ appDir: appFolder("guarded"), dataDir, port: 0 }, async () => ({
    hub: createScriptedHub(),
    ...parts,
  }));
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await host.close();
  vi.unstubAllEnvs();
  rmSync(dataDir, { recursive: true, force: true });
});

async function open(address = "127.0.0.1"): Promise<Socket> {
  const socket = connect(host.port, address);
  socket.on("error", () => undefined);
  sockets.push(socket);
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

/** What comes first for a request on this connection; nothing when it is cut. */
function ask(socket: Socket, path: string): Promise<string> {
  return new Promise((resolve) => {
    socket.once("data", (chunk) => resolve(String(chunk)));
    socket.once("close", () => resolve(""));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost:${host.port}\r\n\r\n`);
  });
}

const status = async (socket: Socket, path: string) => (await ask(socket, path)).slice(9, 12);

it("callers over loopback have so many connections as they may, on both its addresses, and the app's own calls as many besides", async () => {
  const first = await open();
  const rpcUrl = /http:\S+/.exec(await ask(first, "/api/rpc"))?.[0] ?? "";
  const ownCall = `${new URL(rpcUrl).pathname}instances/ada`;
  await open("::1").catch(() => open());
  const third = await open();
  expect(await status(third, "/api/open")).toBe("200");
  const fourth = await open();
  const refused = await ask(fourth, "/api/open");
  expect(refused).toMatch(/^HTTP\/1\.1 503 [\s\S]*retry-after: 1\r\n[\s\S]*connection: close\r\n/i);
  expect(refused).toContain("3 connections of callers are open, as many as this host allows.");
  await new Promise((resolve) => fourth.once("close", resolve));
  const [fifth] = await Promise.all([open(), open(), open()]);
  expect(await status(fifth as Socket, ownCall)).toBe("202");
  expect(await status(await open(), ownCall)).toBe("");
  first.destroy();
  third.destroy();
  (fifth as Socket).destroy();
  for (const socket of sockets.splice(0)) socket.destroy();
  await vi.waitFor(async () => expect(await status(await open(), "/api/open")).toBe("200"));
});

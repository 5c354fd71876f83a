import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type LocalHost, startLocalHost } from "../../src/host/local-host.ts";
import { type BadRequest, badRequests } from "./bad-input.ts";

const dataDir = mkdtempSync(join(tmpdir(), "bad-input-"));
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const log: string[] = [];
let host: LocalHost;
let systemKey: string;
let before: string;

interface Came {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function send({
  method = "GET",
  path,
  headers = {},
  body,
}: Omit<BadRequest, "title" | "status" | "code">): Promise<Came> {
  return new Promise((resolve, reject) => {
    const target = path.startsWith("//") ? path.slice(1) : `/api/${path}`;
    const options = { host: "127.0.0.1", port: host.port, agent, method, path: target };
    const sent = request(
      { ...options, headers: { ...headers, ...(body !== undefined && { "content-length": Buffer.byteLength(body) }) } },
      (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, type: response.headers["content-type"] ?? "", text }),
        );
      },
    );
    sent.once("error", reject);
    sent.end(body);
  });
}

/** All that the host has recorded: every run, and the history of the one that waits. */
async function recorded(): Promise<string> {
  const path = `//runtime/webhooks/durabletask/instances?code=${systemKey}`;
  const { text } = await send({ path });
  const waiting = await send({ path: path.replace("instances?", "instances/waiting?showHistory=true&") });
  return `${text}\n${waiting.text}`;
}

beforeAll(async () => {
  const appDir = fileURLToPath(new URL("./apps/doors", import.meta.url));
  host = await startLocalHost({
    appDir,
    dataDir,
    port: 0,
    write: (level, message) => log.push(`${level}: ${message}`),
  });
  systemKey = readFileSync(join(dataDir, "system.key"), "utf8").trim();
  const headers = { "content-type": "application/json" };
  const start = (path: string, body: string) => send({ method: "POST", path, headers, body });
  expect((await start("workflows/Greeting/run?runId=done&waitForResponse=true", '"Ada"')).status).toBe(200);
  expect((await start("workflows/Approval/run?runId=waiting", '{"amount":5}')).status).toBe(202);
  await vi.waitFor(async () => {
    const { text } = await send({ path: "workflows/Approval/status/waiting" });
    expect(JSON.parse(text).waitingForInput).toHaveLength(1);
  });
  before = await recorded();
});
afterAll(async () => {
  agent.destroy();
  await host.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Null when the answer is the expected one; else what came, for the list of all that went wrong. */
async function mismatch(bad: BadRequest): Promise<string | null> {
  const came = await send(bad).catch((error: Error) => ({ status: 0, type: "", text: String(error) }));
  const problem = came.type.startsWith("application/problem+json") ? JSON.parse(came.text) : {};
  const isRight =
    came.status === bad.status &&
    (bad.code === null || (problem.code === bad.code && problem.status === bad.status)) &&
    (bad.pointer === undefined || problem.errors?.[0]?.pointer === bad.pointer);
  const isQuiet = !/\/src\/|\/node_modules\/|SQLITE|at [A-Z]\w+ \(/.test(came.text);
  const isAlive = (await send({ path: "health" })).status === 200;
  if (isRight && isQuiet && isAlive) return null;
  return `${bad.title.slice(0, 60)}: ${came.status} ${problem.code ?? ""} ${problem.errors?.[0]?.pointer ?? ""} ${came.text.slice(0, 160)}`;
}

const CLASSES = [...badRequests(0, "").keys()];

describe("a host that gets bad input", () => {
  it("gets five hundred kinds of it here, and more", () => {
    const count = [...badRequests(7071, "key").values()].flat().length;
    expect(count).toBeGreaterThanOrEqual(500);
  });

  it.each(CLASSES)(
    "answers each exactly, records nothing of it, and goes on: %s",
    async (name) => {
      const wrong: string[] = [];
      for (const bad of badRequests(host.port, systemKey).get(name) ?? []) {
        const what = await mismatch(bad);
        if (what !== null) wrong.push(what);
      }
      expect(wrong).toEqual([]);
      expect(await recorded()).toBe(before);
    },
    120_000,
  );

  it("pollutes no prototype, and logs no failure of its own", () => {
    expect(Object.prototype).not.toHaveProperty("polluted");
    expect(log.filter((line) => line.startsWith("error"))).toEqual([]);
  });
});

/** Sends bytes as they are; what came back until the other side closed, or had answered. */
function sendRaw(text: string): Promise<string> {
  return new Promise((resolve) => {
    let came = "";
    const socket = connect(host.port, "127.0.0.1", () => socket.write(text));
    const done = () => {
      socket.destroy();
      resolve(came.split("\r\n", 1)[0] ?? "");
    };
    socket.on("data", (chunk) => {
      came += chunk;
      if (came.includes("\r\n\r\n")) done();
    });
    socket.on("close", done);
    socket.on("error", done);
  });
}

describe("bytes that are hardly HTTP", () => {
  const head = (lines: readonly string[]) =>
    [`POST /api/workflows/Approval/run?runId=never HTTP/1.1`, `Host: localhost:${host.port}`, ...lines, "", ""].join(
      "\r\n",
    );
  it.each([
    ["two lengths", () => `${head(["Content-Length: 3", "Content-Length: 5"])}{}x`, "400"],
    ["a length and chunks", () => `${head(["Content-Length: 3", "Transfer-Encoding: chunked"])}0\r\n\r\n`, "400"],
    ["a length that is no number", () => `${head(["Content-Length: x"])}{}`, "400"],
    ["a negative length", () => `${head(["Content-Length: -1"])}{}`, "400"],
    ["chunks of no size", () => `${head(["Transfer-Encoding: chunked"])}x\r\n{}\r\n`, "400"],
    ["an unknown transfer encoding", () => `${head(["Transfer-Encoding: gzip"])}{}`, "400"],
    ["a header without a colon", () => head(["Content-Type application/json"]), "400"],
    ["a header with a space before the colon", () => head(["Content-Length : 2"]), "400"],
    ["a line end alone between headers", () => head(["X-A: 1\nX-B: 2"]), "400"],
    ["no version, and so no Host", () => "GET /api/health\r\n\r\n", "403"],
    ["an unknown version", () => `GET /api/health HTTP/9.9\r\nHost: localhost:${host.port}\r\n\r\n`, "400"],
    ["no Host", () => "GET /api/health HTTP/1.1\r\n\r\n", "400"],
    [
      "two Hosts",
      () => `GET /api/health HTTP/1.1\r\nHost: localhost:${host.port}\r\nHost: evil.example\r\n\r\n`,
      "403",
    ],
    ["headers of more than 16 kB", () => head([`X-Large: ${"x".repeat(17_000)}`]), "431"],
    [
      "a target of more than 16 kB",
      () => `GET /api/health?${"x".repeat(17_000)} HTTP/1.1\r\nHost: localhost:${host.port}\r\n\r\n`,
      "431",
    ],
    ["a whole URL as target", () => `GET http://evil.example/ HTTP/1.1\r\nHost: localhost:${host.port}\r\n\r\n`, "400"],
    ["a star as target", () => `OPTIONS * HTTP/1.1\r\nHost: localhost:${host.port}\r\n\r\n`, "400"],
    ["CONNECT", () => `CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n`, ""],
    ["TLS", () => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400"],
    ["HTTP/2", () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"],
    ["an expectation that nobody knows", () => head(["Expect: miracles", "Content-Length: 0"]), "417"],
  ])("are refused, and the host goes on: %s", async (_title, text, status) => {
    const line = await sendRaw(text());
    expect(line === "" ? "" : line.split(" ")[1]).toBe(status);
    expect((await send({ path: "health" })).status).toBe(200);
    expect(await recorded()).toBe(before);
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type LocalHost, startHost } from "../../src/host/local-host.ts";
import { appFolder } from "./support/host-process.ts";
import { createScriptedHub } from "./support/scripted-hub.ts";

const dataDir = mkdtempSync(join(tmpdir(), "host-streaming-"));
const lines: string[] = [];
let host: LocalHost;
let portsBefore = 0;

/** What the app of this test shows of itself; it runs in this process. */
interface Seen {
  readonly cancelled: string[];
  chunks: number;
  release?: () => void;
}
const seen = () => (globalThis as unknown as { streamingApp: Seen }).streamingApp;
const openPorts = () => process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap").length;

beforeAll(async () => {
  vi.stubEnv("DURABLE_HOST_MAX_STREAMS", "2");
  vi.stubEnv("DURABLE_HOST_IDLE_TIMEOUT_SECONDS", "1");
  vi.stubEnv("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "1000");
  vi.stubEnv("DURABLE_HOST_HEADERS_TIMEOUT_SECONDS", "1");
  vi.stubEnv("DURABLE_HOST_REQUEST_TIMEOUT_SECONDS", "2");
  portsBefore = openPorts();
  host = await startHost(
    {
      appDir: appFolder("streaming"),
      dataDir,
      port: 0,
      write: (level, message) => lines.push(`${level}: ${message}`),
    },
    async () => ({
      hub: createScriptedHub(),
      historyJson: async () => "[]",
      runFile: async (runId) => `the file of ${runId}`,
      schedules: { read: () => null, write: () => {} },
    }),
  );
});

afterAll(async () => {
  await host.close();
  rmSync(dataDir, { recursive: true, force: true });
});

beforeEach(() => {
  seen().cancelled.length = 0;
});

const call = (path: string, init?: RequestInit) => fetch(`${host.url}/api/${path}`, init);

/** Lets the app go on with its stream once it waits for that. */
async function release(): Promise<void> {
  await vi.waitFor(() => expect(seen().release).toBeDefined());
  const goOn = seen().release;
  delete seen().release;
  goOn?.();
}

describe("an app that streams HTTP", () => {
  it("opens no port besides the one of the host", () => {
    const own = openPorts() - portsBefore;
    // 127.0.0.1, and ::1 where the machine has it.
    expect([1, 2]).toContain(own);
    expect(lines).toEqual([]);
  });

  it("gets the body piece by piece and answers piece by piece, both at once", async () => {
    const { answer, text } = await new Promise<{ answer: IncomingMessage; text: string }>((resolve) => {
      const sent = request(`${host.url}/api/upper/ada?q=1`, { method: "POST" }, (response) => {
        let sofar = "";
        response.on("data", (chunk) => {
          sofar += chunk;
          // The second half is sent only when the answer to the first one is here.
          if (sofar === "true upper ONE ") sent.end("two");
        });
        response.on("end", () => resolve({ answer: response, text: sofar }));
      });
      sent.write("one ");
    });
    expect(text).toBe("true upper ONE TWO");
    expect([answer.headers["x-name"], answer.headers["x-query"]]).toEqual(["ada", "1"]);
    expect(answer.headers["x-ms-invocation-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("sends an event when it comes, not when all are there", async () => {
    const response = await call("events?count=3");
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const reader = response.body?.getReader();
    const next = async () => Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(await next()).toBe("data: 0\n\n");
    await release();
    expect(await next()).toBe("data: 1\n\n");
    await release();
    expect(await next()).toBe("data: 2\n\n");
    expect((await reader?.read())?.done).toBe(true);
  });

  it("is told when the reader goes away", async () => {
    const leave = new AbortController();
    const response = await call("events", { signal: leave.signal });
    await response.body?.getReader().read();
    leave.abort();
    await vi.waitFor(() => expect(seen().cancelled).toEqual(["events"]));
  });

  it("waits for a slow reader, who is cut when nothing is taken for the idle time", async () => {
    seen().chunks = 0;
    const socket = connect(host.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(`GET /api/endless HTTP/1.1\r\nHost: localhost:${host.port}\r\n\r\n`);
    socket.pause();
    await vi.waitFor(() => expect(seen().cancelled).toEqual(["endless"]), { timeout: 20_000, interval: 50 });
    // One MiB waits in this process, some in the buffers of the system; the rest was never made.
    expect(seen().chunks * 64).toBeLessThan(32 * 1024);
    socket.destroy();
  });

  it("may have as many streams open as the host allows; the next caller is told to come again", async () => {
    const leave = new AbortController();
    const open = await Promise.all([0, 1].map(() => call("events", { signal: leave.signal })));
    const refused = await call("events");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await refused.json()).toMatchObject({ code: "HOST_OVERLOADED" });
    leave.abort();
    await vi.waitFor(() => expect(seen().cancelled).toHaveLength(2));
    expect(open.map(({ status }) => status)).toEqual([200, 200]);
    await vi.waitFor(async () => expect((await call("hello")).status).toBe(200));
  });

  it("cuts the connection when its stream fails, so that half an answer is not taken for a whole one", async () => {
    const response = await call("breaks");
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(lines.join("\n")).toContain("GET /api/breaks failed: Error: the source broke");
  });

  it("gives status, headers and cookies as the library writes them", async () => {
    const response = await call("cookies");
    expect(response.status).toBe(201);
    expect([response.headers.get("x-hop"), response.headers.get("x-kept")]).toEqual([null, "2"]);
    expect(response.headers.getSetCookie()).toEqual([
      "a=1%202; Max-Age=60; Domain=localhost; Path=/b; Expires=Thu, 01 Jan 1970 00:00:01 GMT; HttpOnly; Secure; SameSite=None",
    ]);
  });

  it("answers 204 for nothing, 500 for a primitive and an error, and no body where the status has none", async () => {
    expect((await call("nothing")).status).toBe(204);
    expect((await call("primitive")).status).toBe(500);
    const failed = await call("fails");
    expect([failed.status, await failed.text()]).toEqual([500, ""]);
    const empty = await call("empty");
    expect([empty.status, await empty.text()]).toEqual([204, ""]);
  });

  it("may answer through an output of another name, by a hook, and to HEAD", async () => {
    const named = await call("namedOutput");
    expect([named.status, await named.text()]).toEqual([418, "named"]);
    expect(await (await call("hooked")).text()).toBe("from the hook");
    const head = await call("head", { method: "HEAD" });
    expect([head.status, head.headers.get("x-head"), await head.text()]).toEqual([200, "yes", ""]);
  });

  it("gets no body above the limit, announced or not", async () => {
    expect((await call("upper/ada", { method: "POST", body: "x".repeat(1_001) })).status).toBe(413);
    const chunked = await call("upper/ada", {
      method: "POST",
      body: new Blob(["x".repeat(2_000)]).stream(),
      duplex: "half",
    } as RequestInit);
    await expect(chunked.text()).rejects.toThrow();
    expect(lines.join("\n")).toContain("The body is longer than 1000 bytes.");
  });
});

describe("a caller who takes too long", () => {
  it.each([
    ["to send the headers", "GET /api/hello HTTP/1.1\r\nHost: local"],
    ["to send the body", "POST /api/upper/ada HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf"],
    ["between two requests", ""],
  ])("%s is cut off", async (_title, text) => {
    const socket = connect(host.port, "127.0.0.1");
    let came = "";
    socket.on("data", (chunk) => {
      came += chunk;
    });
    socket.on("error", () => undefined);
    socket.write(text.replace("Host: localhost", `Host: localhost:${host.port}`));
    await new Promise((resolve) => socket.once("close", resolve));
    // An answer that had begun has no end.
    expect(came).toMatch(/^$|^HTTP\/1\.1 (408|200)/);
    expect(came.endsWith("0\r\n\r\n")).toBe(false);
  });
});

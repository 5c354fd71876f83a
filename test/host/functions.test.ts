import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { FunctionInvoker } from "../../src/host/hub/task-hub.ts";
import { type LocalHost, startHost } from "../../src/host/local-host.ts";
import type { ScheduleStatus } from "../../src/host/timers/schedule-status.ts";
import { answerJsonOf } from "../support/capture-functions.ts";
import { createScriptedHub } from "./support/scripted-hub.ts";

const dataDir = mkdtempSync(join(tmpdir(), "host-functions-"));
const hub = createScriptedHub();
const kept = new Map<string, ScheduleStatus>();
const schedules = {
  read: (name: string) => kept.get(name) ?? null,
  write: (name: string, status: ScheduleStatus) => void kept.set(name, status),
};
const lines: string[] = [];
let host: LocalHost;
let invoker: FunctionInvoker;
const BODY_LIMIT_BYTES = 100_000;

beforeAll(async () => {
  vi.stubEnv("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", String(BODY_LIMIT_BYTES));
  host = await startHost(
    {
      appDir: fileURLToPath(new URL("apps/foreign", import.meta.url)),
      dataDir,
      port: 0,
      write: (level, message) => lines.push(`${level}: ${message}`),
    },
    async () => ({ hub, historyJson: async () => "[]", runFile: async (runId) => `the file of ${runId}`, schedules }),
  );
  invoker = hub.calls.find(([method]) => method === "open")?.[1] as FunctionInvoker;
});

afterAll(async () => {
  await host.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const call = (path: string, init?: RequestInit) => fetch(`${host.url}${path}`, init);

/** What `fetch` does not let a caller do: a Host header of one's own, a chunked body. */
function rawCall(
  path: string,
  headers: Record<string, string>,
  chunks: readonly string[] = [],
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const method = chunks.length > 0 ? "POST" : "GET";
    const sent = request({ host: "127.0.0.1", port: host.port, path, method, headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.once("error", reject);
    for (const chunk of chunks) sent.write(chunk);
    sent.end();
  });
}

interface SeenByHooks {
  readonly appStart: number;
  readonly postInvocation: readonly (readonly [functionName: string, from: string])[];
}

describe("HTTP functions of a foreign app", () => {
  it("hand the handler URL, parameters, query, headers and body", async () => {
    const response = await call("/api/ECHO/caf%C3%A9?x=1", { method: "POST", body: "text" });
    expect(response.status).toBe(404);
    const fits = await call("/api/ECHO/abc/7?q=a%20b&q=c&empty=", {
      method: "POST",
      body: "text",
      headers: [
        ["x-twice", "1"],
        ["x-twice", "2"],
      ],
    });
    expect(await fits.json()).toEqual({
      url: `${host.url}/api/ECHO/abc/7?q=a%20b&q=c&empty=`,
      params: { name: "abc", count: "7" },
      query: { q: "a b,c", empty: "" },
      header: "1, 2",
      user: null,
      text: "text",
    });
  });

  it("leave an absent optional parameter out", async () => {
    const response = await call("/api/echo/abc/");
    expect(await response.json()).toMatchObject({ params: { name: "abc" } });
  });

  it("answer 404 for a method that no function has on this route", async () => {
    expect((await call("/api/echo/abc", { method: "PUT" })).status).toBe(404);
  });

  it("answer 204 when the handler returns nothing", async () => {
    const response = await call("/api/returnsNothing");
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });

  it("answer 500 with nothing in it when the handler throws, and say why in the log", async () => {
    const response = await call("/api/fails");
    expect([response.status, await response.text()]).toEqual([500, ""]);
    expect(lines.join("\n")).toContain('Function "fails" failed: Error: this text must not reach the caller');
  });

  it("answer 500 when the handler returns a primitive", async () => {
    expect((await call("/api/primitive")).status).toBe(500);
  });

  it("send bytes, status and cookies as the real host formats them", async () => {
    const response = await call("/api/cookies");
    expect(response.status).toBe(201);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([1, 2, 255]));
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    expect(response.headers.getSetCookie()).toEqual([
      "a=1%202; max-age=60; path=/; samesite=lax; httponly",
      "b=2; expires=Thu, 01 Jan 1970 00:00:01 GMT; path=/b; secure; samesite=none",
    ]);
  });

  it("may answer through an output of another name", async () => {
    const response = await call("/api/namedOutput");
    expect([response.status, await response.text()]).toEqual([418, "named"]);
  });

  it("get no body above the limit, announced or not", async () => {
    const body = "x".repeat(BODY_LIMIT_BYTES);
    expect((await call("/api/echo/abc", { method: "POST", body })).status).toBe(200);
    expect((await rawCall("/api/echo/abc", { "content-length": `${BODY_LIMIT_BYTES + 1}` }, [`${body}x`])).status).toBe(
      413,
    );
    expect((await rawCall("/api/echo/abc", {}, [body, "x"])).status).toBe(413);
  });

  it("are found in the order of their names: an earlier catch-all hides a later literal", async () => {
    expect(await (await call("/api/files/literal")).json()).toEqual({ rest: "literal" });
    expect(await (await call("/api/files/a/b%20c")).json()).toEqual({ rest: "a/b c" });
  });

  it("lose a chunked body, as in Azure, and the log names the trap", async () => {
    const { text } = await rawCall("/api/echo/abc", { "content-type": "text/plain" }, ["one", "two"]);
    expect(JSON.parse(text)).toMatchObject({ text: "" });
    expect(lines.join("\n")).toContain('Function "echo" got a chunked body. It arrives empty, as in Azure.');
  });

  it("never believe a caller who says who they are", async () => {
    const principal = Buffer.from(JSON.stringify({ userId: "1", userDetails: "eve", userRoles: ["admin"] }));
    const headers = { "x-ms-client-principal": principal.toString("base64") };
    expect(await (await call("/api/echo/abc", { headers })).json()).toMatchObject({ user: null });
    expect(lines.join("\n")).toContain("X-MS-CLIENT-PRINCIPAL headers. They are dropped");
  });

  it("find the settings of local.settings.json and of the host in their environment", async () => {
    expect(await (await call("/api/settings")).json()).toEqual({
      greeting: "Hello from the settings",
      hostname: `localhost:${host.port}`,
      environment: "Development",
      noProxy: expect.stringContaining("127.0.0.1,localhost"),
    });
  });
});

describe("hooks of a foreign app", () => {
  it("may replace the handler before an invocation, and the result after a failure", async () => {
    expect((await call("/api/hooked")).headers.get("x-hook")).toBe("pre");
    const cleared = await call("/api/cleared");
    expect([cleared.status, await cleared.text()]).toEqual([299, "cleared"]);
  });

  it("share their data over one invocation", async () => {
    await call("/api/returnsNothing");
    const { appStart, postInvocation } = (globalThis as unknown as { foreignAppHooks: SeenByHooks }).foreignAppHooks;
    expect([appStart, postInvocation.at(-1)]).toEqual([1, ["returnsNothing", "pre"]]);
  });

  it("may rewrite a log line; lines below the threshold are not written", async () => {
    await call("/api/logs");
    const text = lines.join("\n");
    expect(text).toContain("information: a line with values");
    expect(text).toContain("warning: (removed by a hook)");
    expect(text).not.toContain("too low to be shown");
  });
});

describe("requests that a page of another site could cause", () => {
  it("are refused by their Host header", async () => {
    const { status } = await rawCall("/api/returnsNothing", { host: `evil.example:${host.port}` });
    expect(status).toBe(403);
  });

  it("are refused by their Origin", async () => {
    const evil = await call("/api/returnsNothing", { headers: { origin: "http://evil.example" } });
    const own = await call("/api/returnsNothing", { headers: { origin: host.url } });
    expect([evil.status, own.status]).toEqual([403, 204]);
  });
});

describe("the host itself", () => {
  it("lists functions with routes and triggers, by name", () => {
    expect(host.functions.slice(0, 3)).toEqual([
      { name: "aCatchAll", triggerType: "httpTrigger", methods: ["GET"], path: "api/files/{*rest}", isDisabled: false },
      { name: "addOne", triggerType: "activityTrigger", methods: [], path: null, isDisabled: false },
      { name: "approval", triggerType: "orchestrationTrigger", methods: [], path: null, isDisabled: false },
    ]);
  });

  it("listens on both loopback addresses of this machine, and on no other", async () => {
    const addresses = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
    for (const { address, family, internal } of addresses.filter((one) => !one.address.startsWith("fe80"))) {
      const authority = family === "IPv6" ? `[${address}]` : address;
      const answered = fetch(`http://${authority}:${host.port}/`).then(({ status }) => status);
      await (internal ? expect(answered).resolves.toBe(200) : expect(answered).rejects.toThrow());
    }
  });

  it("says which functions it never fires", () => {
    const text = lines.join("\n");
    expect(text).toContain('Function "queue" has a queueTrigger, which this host never fires.');
  });

  it("answers its home page and the admin routes that monitors ask for", async () => {
    expect((await call("/")).status).toBe(200);
    expect((await call("/admin/host/ping", { method: "POST" })).status).toBe(200);
    expect(await (await call("/admin/host/status")).json()).toMatchObject({ id: "foreignhub", state: "Running" });
    const functions = (await (await call("/admin/functions")).json()) as { name: string }[];
    expect(functions).toHaveLength(host.functions.length);
    expect(await (await call("/admin/functions/Start")).json()).toMatchObject({
      name: "start",
      invoke_url_template: `${host.url}/api/start/{name}/{id?}`,
    });
  });
});

describe("timers of a foreign app", () => {
  it("hand the handler its timer in the library's own words, and keep when they come next", () => {
    const timers = (globalThis as unknown as { foreignAppTimers: unknown[] }).foreignAppTimers;
    expect(timers).toEqual([
      {
        schedule: { adjustForDST: true },
        scheduleStatus: { last: "0001-01-01T00:00:00", next: expect.any(String), lastUpdated: expect.any(String) },
        isPastDue: false,
      },
    ]);
    const { nextMs = 0, lastMs } = kept.get("everyMinute") ?? {};
    expect([nextMs % 60_000, lastMs]).toEqual([0, expect.any(Number)]);
  });
});

describe("activities of a foreign app", () => {
  it("are found without case, by kind", () => {
    expect(invoker.hasFunction("activity", "ADDONE")).toBe(true);
    expect(invoker.hasFunction("orchestration", "addOne")).toBe(false);
  });

  it.each([
    ["nothing", null, '"undefined"'],
    ["null", "null", '"undefined"'],
    ["an object", '{"a":1}', '"object [object Object]"'],
    ["a number", "7", '"number 7"'],
    ["a string that the SDK quoted", String.raw`"\"7\""`, '"string 7"'],
    ["a bare boolean, which production turns into text", "true", '"string True"'],
  ])("receive %s", async (_, inputJson, resultJson) => {
    expect(await invoker.invokeActivity("typeOf", inputJson, "ada")).toEqual({ ok: true, resultJson });
  });

  it.each([
    ["nothing", null],
    ["number", "0.5"],
    ["bytes", '"Ynl0ZXM="'],
  ])("give back %s as JSON text", async (name, resultJson) => {
    expect(await invoker.invokeActivity(name, null, "ada")).toEqual({ ok: true, resultJson });
  });

  it("fail with their message and stack", async () => {
    expect(await invoker.invokeActivity("flaky", '{"failures":1}', "fails-once")).toEqual({
      ok: false,
      message: "attempt 1 fails",
      stack: expect.stringContaining("orchestrations.js"),
    });
  });

  it("that do not exist are a failure, not a crash", async () => {
    expect(await invoker.invokeActivity("missing", null, "ada")).toMatchObject({
      ok: false,
      message: 'The function "missing" does not exist.',
    });
  });
});

describe("orchestrators of a foreign app", () => {
  it("answer a trigger with their decisions", async () => {
    const trigger = {
      history: [
        { EventType: 12, EventId: -1, IsPlayed: false, Timestamp: "2026-01-02T03:04:05.000Z" },
        {
          EventType: 0,
          EventId: -1,
          IsPlayed: false,
          Timestamp: "2026-01-02T03:04:05.000Z",
          Name: "sequence",
          Input: '{"value":1}',
        },
      ],
      input: { value: 1 },
      instanceId: "ada",
      isReplaying: false,
      parentInstanceId: null,
      upperSchemaVersion: 1,
      upperSchemaVersionNew: 3,
      longRunningTimerIntervalDuration: "3.00:00:00",
      maximumShortTimerDuration: "6.00:00:00",
      defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
    };
    const json = JSON.stringify(trigger);
    const result = await invoker.invokeOrchestrator("Sequence", { json, toValue: () => trigger }, "ada");
    expect(JSON.parse(answerJsonOf(result))).toMatchObject({
      isDone: false,
      actions: [[{ actionType: 0, functionName: "addOne", input: { value: 1 } }]],
    });
  });
});

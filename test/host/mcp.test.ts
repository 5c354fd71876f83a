import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalHost, startHost } from "../../src/host/local-host.ts";
import { connectMcp, type McpConnection } from "../support/mcp-client.ts";
import { createScriptedHub } from "./support/scripted-hub.ts";

const dataDir = mkdtempSync(join(tmpdir(), "host-mcp-"));
const lines: string[] = [];
let host: LocalHost;
let key: string;
let client: McpConnection["client"];
let transport: McpConnection["transport"];

beforeAll(async () => {
  host = await startHost(
    {
      appDir: fileURLToPath(new URL("apps/tools", import.meta.url)),
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
  key = readFileSync(join(dataDir, "system.key"), "utf8").trim();
  ({ client, transport } = await connectMcp(host.url, { "x-functions-key": key }));
});

afterAll(async () => {
  await client.close();
  await host.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const ACCEPT = "application/json, text/event-stream";

function post(body: unknown, headers: Readonly<Record<string, string>> = {}, query = ""): Promise<Response> {
  return fetch(`${host.url}/runtime/webhooks/mcp${query}`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { accept: ACCEPT, "content-type": "application/json", "x-functions-key": key, ...headers },
  });
}

const ping = { jsonrpc: "2.0", id: 1, method: "ping" };

describe("MCP tools of a foreign app, called by the official client", () => {
  it("are offered under the name, version and instructions of host.json", () => {
    expect(client.getServerVersion()).toEqual({ name: "Toolbox", version: "2.5.0" });
    expect(client.getInstructions()).toBe("Tools of a test.");
    expect(client.getServerCapabilities()).toEqual({ tools: {} });
    expect(transport.protocolVersion).toBe("2025-11-25");
  });

  it("are listed with the schemas that the extension makes of their triggers, without the disabled ones", async () => {
    const { tools } = await client.listTools();
    expect(tools).toEqual([
      { name: "bare", inputSchema: { type: "object", properties: {}, required: [] } },
      { name: "breaks", description: "Throws", inputSchema: { type: "object", properties: {}, required: [] } },
      {
        name: "buy",
        description: "Has a schema of its own",
        inputSchema: {
          type: "object",
          properties: { order: { type: "object", properties: { id: { type: "string" } }, required: ["id"] } },
          required: ["order"],
        },
        outputSchema: { type: "object", properties: { price: { type: "number" } }, required: ["price"] },
      },
      {
        name: "Echo",
        description: "Gives back what it was given",
        inputSchema: {
          type: "object",
          properties: {
            text: { type: "string", description: "What to say" },
            times: { type: "number", description: "" },
            tags: { type: "array", items: { type: "string" }, description: "" },
          },
          required: ["text"],
        },
        _meta: { "ui/colour": "green" },
      },
      {
        name: "measure",
        description: "Two blocks and a value",
        inputSchema: { type: "object", properties: {}, required: [] },
      },
      { name: "silent", inputSchema: { type: "object", properties: {}, required: [] } },
    ]);
  });

  it("get the call as the extension hands it over: arguments, session and transport, but not the key", async () => {
    const result = await client.callTool({ name: "echo", arguments: { text: "hello", times: 2, tags: ["a"] } });
    const [{ text }] = result.content as [{ text: string }];
    const { call, metadata } = JSON.parse(text);
    expect(call).toMatchObject({
      name: "Echo",
      arguments: { text: "hello", times: 2, tags: ["a"] },
      sessionid: transport.sessionId,
      transport: { name: "http-streamable", sessionId: transport.sessionId },
    });
    expect(call.transport.properties.headers.accept).toBe(ACCEPT);
    expect(call.transport.properties.headers["x-functions-key"]).toBeUndefined();
    expect(metadata.mcptoolargs).toEqual({ text: "hello", times: "2", tags: '["a"]' });
    expect(metadata.mcpsessionid).toBe(transport.sessionId);
  });

  it("answer with several blocks and a structured value", async () => {
    expect(await client.callTool({ name: "measure" })).toEqual({
      content: [
        { type: "text", text: "one" },
        { type: "text", text: "two" },
      ],
      structuredContent: { blocks: 2 },
    });
  });

  it("answer with a whole result, an error for example", async () => {
    expect(await client.callTool({ name: "buy", arguments: { order: { id: "7" } } })).toEqual({
      content: [{ type: "text", text: "The shop is closed." }],
      isError: true,
    });
  });

  it("answer with nothing where the function returns nothing", async () => {
    expect(await client.callTool({ name: "silent" })).toEqual({ content: [] });
  });

  it("answer with what the library sends as it stands, where the trigger asks for no envelope", async () => {
    const text = '{"type":"text","content":"{\\"type\\":\\"text\\",\\"text\\":\\"as it is\\"}"}';
    expect(await client.callTool({ name: "bare" })).toEqual({ content: [{ type: "text", text }] });
  });

  it("are failed by what they throw, and why stands in the log alone", async () => {
    expect(await client.callTool({ name: "breaks" })).toEqual({
      content: [{ type: "text", text: "An error occurred invoking 'breaks'." }],
      isError: true,
    });
    expect(lines.join("\n")).toContain('MCP tool "breaks" failed: Error: this text must not reach the caller');
  });

  it("are not called without an argument they need", async () => {
    const call = client.callTool({ name: "buy", arguments: { order: null } });
    await expect(call).rejects.toMatchObject({ code: -32_602, message: expect.stringContaining("provide: order") });
  });

  it("are not found under a name that none has", async () => {
    const call = client.callTool({ name: "hidden" });
    await expect(call).rejects.toMatchObject({ code: -32_602, message: expect.stringContaining("'hidden'") });
  });

  it("leave the server alive for a ping", async () => {
    expect(await client.ping()).toEqual({});
  });
});

describe("the MCP endpoint", () => {
  it("asks for the system key where host.json says so, as header or query", async () => {
    expect((await post(ping, { "x-functions-key": "wrong" })).status).toBe(401);
    expect((await fetch(`${host.url}/runtime/webhooks/mcp`, { method: "POST" })).status).toBe(401);
    expect((await post(ping)).status).toBe(200);
    const byQuery = await fetch(`${host.url}/runtime/webhooks/MCP/?code=${key}`, {
      method: "POST",
      body: JSON.stringify(ping),
      headers: { accept: ACCEPT, "content-type": "application/json" },
    });
    expect(await byQuery.text()).toBe('event: message\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n');
  });

  it("refuses pages of other sites before it looks at the key", async () => {
    const response = await post(ping, { origin: "https://evil.example" });
    expect([response.status, JSON.parse(await response.text()).code]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
  });

  it("has neither a stream of its own nor a session to end", async () => {
    for (const method of ["GET", "DELETE"]) {
      const response = await fetch(`${host.url}/runtime/webhooks/mcp?code=${key}`, { method });
      expect([method, response.status, response.headers.get("allow")]).toEqual([method, 405, "POST"]);
    }
  });

  it("answers only clients that take both JSON and event streams", async () => {
    const response = await post(ping, { accept: "application/json" });
    expect([response.status, JSON.parse(await response.text()).error.code]).toEqual([406, -32_000]);
    expect((await post(ping, { accept: "*/*" })).status).toBe(200);
  });

  it("refuses a version of the protocol it does not speak", async () => {
    const response = await post(ping, { "mcp-protocol-version": "1999-01-01" });
    expect([response.status, JSON.parse(await response.text()).error.message]).toEqual([
      400,
      expect.stringContaining("1999-01-01"),
    ]);
    expect((await post(ping, { "mcp-protocol-version": "2025-03-26" })).status).toBe(200);
  });

  it("offers its newest version to a client that wants one nobody speaks", async () => {
    const params = { protocolVersion: "2099-01-01", capabilities: {}, clientInfo: { name: "t", version: "1" } };
    const response = await post({ jsonrpc: "2.0", id: "a", method: "initialize", params });
    expect(response.headers.get("mcp-session-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.text()).toContain('"protocolVersion":"2025-11-25"');
  });

  it("takes notifications and answers of the client with 202", async () => {
    const notification = await post({ jsonrpc: "2.0", method: "notifications/initialized" });
    expect([notification.status, await notification.text()]).toEqual([202, ""]);
    expect((await post({ jsonrpc: "2.0", id: 5, result: {} })).status).toBe(202);
  });

  it.each([
    ["what is no JSON", "{", -32_700],
    ["a batch, which MCP has no more", [ping], -32_600],
    ["another version of JSON-RPC", { ...ping, jsonrpc: "1.0" }, -32_600],
    ["an id that is no text and no whole number", { ...ping, id: null }, -32_600],
  ])("refuses %s with 400", async (_what, body, code) => {
    const response = await post(body);
    expect([response.status, JSON.parse(await response.text()).error.code]).toEqual([400, code]);
  });

  it("answers a method it does not have with an error of JSON-RPC", async () => {
    const response = await post({ jsonrpc: "2.0", id: 9, method: "resources/list" });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('"id":9,"error":{"code":-32601');
  });
});

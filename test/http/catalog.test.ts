import { describe, expect, it } from "vitest";
import { serveTestApp } from "./support.ts";

const api = serveTestApp();

describe("the catalog", () => {
  it("lists the workflows", async () => {
    const { status, body } = await api.get("workflows");
    expect(status).toBe(200);
    expect(body.workflows).toEqual([
      { name: "Greeting", description: "Greets by name", version: expect.stringMatching(/^[0-9a-f]{16}$/) },
      { name: "Nap", description: null, version: expect.any(String) },
      { name: "Failing", description: null, version: expect.any(String) },
      { name: "Approval", description: null, version: expect.any(String) },
      { name: "Signing", description: null, version: expect.any(String) },
      { name: "Counting", description: null, version: expect.any(String) },
    ]);
  });

  it("describes one with its schemas and its graph", async () => {
    const { body } = await api.get("workflows/Approval");
    const $schema = "https://json-schema.org/draft/2020-12/schema";
    const decision = {
      $schema,
      type: "object",
      properties: { approved: { type: "boolean" }, comments: { type: "string" } },
      required: ["approved"],
    };
    const request = { $schema, type: "object", properties: { amount: { type: "number" } }, required: ["amount"] };
    expect(body).toMatchObject({
      name: "Approval",
      input: request,
      ports: [{ id: "Manager", request, response: decision, sends: "response" }],
      outputs: [{ executorId: "Finish", place: "returned", schema: { $schema, type: "string" } }],
    });
    expect(body.mermaid).toMatch(/^flowchart/);
  });

  it("draws what a port sends on when it keeps the request beside the response", async () => {
    const { body } = await api.get("workflows/Signing");
    expect(body.outputs).toMatchObject([
      {
        executorId: "SignOff",
        schema: {
          type: "object",
          properties: { request: { type: "string" }, response: { type: "boolean" } },
          required: ["request", "response"],
        },
      },
    ]);
  });

  it("knows only exact names", async () => {
    const reply = await api.get("workflows/approval");
    expect([reply.status, reply.body.code]).toEqual([404, "WORKFLOW_NOT_FOUND"]);
  });

  it("says that the app is healthy", async () => {
    expect(await api.get("health")).toMatchObject({ status: 200, body: { status: "healthy", workflows: 6 } });
  });
});

describe("what no answer gives away", () => {
  it("holds no URL of the Durable extension and no key", async () => {
    const replies = [
      await api.post("workflows/Approval/run?runId=secret", { amount: 1 }),
      await api.post("workflows/Approval/run?runId=secret&waitForResponse=true&timeoutSeconds=1", { amount: 1 }),
      await api.get("workflows/Approval/status/secret"),
      await api.get("workflows/Approval/events/secret"),
      await api.get("workflows/Approval/status/unknown?code=abc"),
      await api.get("workflows"),
      await api.get("workflows/Approval"),
      await api.get("health"),
      await api.post("workflows/Approval/respond/secret", { eventName: "Manager", response: { approved: true } }),
      await api.post("workflows/Approval/cancel/secret"),
    ];
    for (const { text, headers } of replies) {
      const all = `${text} ${JSON.stringify([...headers])}`;
      expect(all).not.toMatch(/code=|\/runtime\/webhooks\/|durabletask/);
    }
  });
});

import { afterEach, expect, it } from "vitest";
import { ADA, createScriptedHub } from "../../../test/host/support/scripted-hub.ts";
import { callHost } from "../../durable/host-call.ts";
import { createDurableApi } from "./durable-api.ts";
import { openShortcut } from "./shortcut.ts";

const BASE = "http://127.0.0.1:9/secret/durabletask/";
const urls = { hubName: "Hub", systemKey: "key", webhookUrl: "http://localhost:9/durable", rpcBaseUrl: BASE };
let close = async (): Promise<void> => {};
afterEach(() => close());

function open(bodyLimitBytes = 1_000) {
  const hub = createScriptedHub();
  const api = createDurableApi({ hub, urls, historyJson: async () => "[]" });
  close = openShortcut(BASE, { api, bodyLimitBytes, write: () => {} });
  return hub;
}

const JSON_TYPE = { "content-type": "application/json" };

it("answers what is below its base URL as HTTP would, and opens no socket", async () => {
  const hub = open();
  const url = new URL("orchestrators/sequence/a%20b?timeout=1", BASE);
  const headers = { ...JSON_TYPE, "x-durable-host-existing": "keep" };
  const answer = await callHost(url, { method: "POST", headers, body: '{"value":2}' });
  expect(answer).toMatchObject({ status: 202, ok: true });
  expect(answer.headers.get("Location")).toContain("/instances/a%20b?");
  expect(hub.calls[0]).toEqual([
    "start",
    { name: "sequence", instanceId: "a b", inputJson: '{"value":2}', keepExisting: true },
  ]);
});

it("gives queries, statuses and bodies on", async () => {
  open();
  const known = await callHost(new URL(`instances/${ADA.instanceId}?showInput=false`, BASE));
  expect([known.status, JSON.parse(await known.text())]).toMatchObject([202, { instanceId: "ada", input: null }]);
  const unknown = await callHost(new URL("instances/nobody", BASE));
  expect([unknown.status, unknown.ok]).toEqual([404, false]);
});

it("refuses a body that is too long, as HTTP does", async () => {
  open(10);
  const url = new URL("instances/ada/raiseEvent/go", BASE);
  const answer = await callHost(url, { method: "POST", headers: JSON_TYPE, body: '"12345678901"' });
  expect(answer.status).toBe(413);
});

it("leaves every other URL to HTTP, and its own after it was closed", async () => {
  open();
  await expect(callHost(new URL("http://127.0.0.1:9/other/instances/ada"))).rejects.toThrow();
  await close();
  await expect(callHost(new URL("instances/ada", BASE))).rejects.toThrow();
});

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { InvocationContext } from "@azure/functions";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { durableClientInput, instancesOf } from "./sdk.ts";

interface Seen {
  readonly call: string;
  readonly body: string;
  readonly existing: string | undefined;
  readonly token?: string;
}

const status = {
  name: "dafx-CancelOrder",
  instanceId: "r",
  runtimeStatus: "Running",
  input: null,
  customStatus: null,
  output: null,
  createdTime: "2026-11-23T08:00:00Z",
  lastUpdatedTime: "2026-11-23T08:00:01Z",
};
let answer: { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> };
let seen: Seen[];
let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const existing = request.headers["x-durable-host-existing"]?.toString();
    const token = request.headers["x-ms-continuation-token"]?.toString();
    const call = `${request.method} ${request.url}`;
    seen.push({ call, body: Buffer.concat(chunks).toString(), existing, ...(token !== undefined && { token }) });
    const headers = { "content-type": "application/json", ...answer.headers };
    response.writeHead(answer.status, headers).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  seen = [];
  answer = { status: 200, body: status };
});

/** A context as the host makes it for a function with the durable client input. */
function instances({ isOverRpc }: { readonly isOverRpc: boolean }) {
  const webhooks = `${origin}/runtime/webhooks/durabletask`;
  const context = new InvocationContext({ options: { extraInputs: [durableClientInput] } });
  context.extraInputs.set(durableClientInput, {
    taskHubName: "Hub",
    creationUrls: {
      createNewInstancePostUri: `${webhooks}/orchestrators/{functionName}[/{instanceId}]?code=key`,
      createAndWaitOnNewInstancePostUri: `${webhooks}/orchestrators/{functionName}[/{instanceId}]?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&code=key`,
    },
    managementUrls: {
      id: "INSTANCEID",
      statusQueryGetUri: `${webhooks}/instances/INSTANCEID?taskHub=Hub&code=key`,
      sendEventPostUri: `${webhooks}/instances/INSTANCEID/raiseEvent/{eventName}?taskHub=Hub&code=key`,
      suspendPostUri: `${webhooks}/instances/INSTANCEID/suspend?reason={text}&taskHub=Hub&code=key`,
      resumePostUri: `${webhooks}/instances/INSTANCEID/resume?reason={text}&taskHub=Hub&code=key`,
      purgeHistoryDeleteUri: `${webhooks}/instances/INSTANCEID?taskHub=Hub&code=key`,
    },
    ...(isOverRpc && { rpcBaseUrl: `${origin}/secret/durabletask/` }),
  });
  return instancesOf(context);
}

describe("over the local endpoint of the extension", () => {
  it("reads a status without its input, unless it is asked for", async () => {
    expect(await instances({ isOverRpc: true }).read("r")).toMatchObject({ instanceId: "r", runtimeStatus: "Running" });
    await instances({ isOverRpc: true }).read("r", { withInput: true, withHistory: true });
    expect(seen.map(({ call }) => call)).toEqual([
      "GET /secret/durabletask/instances/r?showInput=false",
      "GET /secret/durabletask/instances/r?showInput=true&showHistory=true&showHistoryOutput=true",
    ]);
  });

  it("encodes ids, and asks to keep an instance that exists", async () => {
    const hub = instances({ isOverRpc: true });
    answer = { status: 202, body: { id: "a%41 &?" } };
    await hub.start("dafx-CancelOrder", "a%41 &?", { format: 1 });
    await hub.raiseEvent("a%41 &?", "response-ask-1", { responseJson: "1" });
    expect(seen).toEqual([
      {
        call: "POST /secret/durabletask/orchestrators/dafx-CancelOrder/a%2541%20%26%3F",
        body: '{"format":1}',
        existing: "keep",
      },
      {
        call: "POST /secret/durabletask/instances/a%2541%20%26%3F/raiseEvent/response-ask-1",
        body: '{"responseJson":"1"}',
        existing: undefined,
      },
    ]);
  });

  it("lists instances without their inputs, page by page", async () => {
    answer = { status: 200, body: [status], headers: { "x-ms-continuation-token": "page 2" } };
    const filter = { runtimeStatus: ["Running", "Failed"], createdFromMs: 0, createdToMs: 1_000 } as const;
    const page = await instances({ isOverRpc: true }).list(filter);
    expect(page).toEqual({ instances: [expect.objectContaining({ instanceId: "r" })], next: "page 2" });
    answer = { status: 200, body: [] };
    expect(await instances({ isOverRpc: true }).list({}, page.next)).toEqual({ instances: [], next: undefined });
    expect(seen).toMatchObject([
      {
        call:
          "GET /secret/durabletask/instances/?showInput=false&top=200&runtimeStatus=Running%2CFailed" +
          "&createdTimeFrom=1970-01-01T00%3A00%3A00.000Z&createdTimeTo=1970-01-01T00%3A00%3A01.000Z",
      },
      { call: "GET /secret/durabletask/instances/?showInput=false&top=200", token: "page 2" },
    ]);
  });

  it("suspends, resumes and purges; what is gone already is purged", async () => {
    const hub = instances({ isOverRpc: true });
    answer = { status: 202, body: {} };
    await hub.suspend("a%41 &?", "why & when?");
    await hub.resume("a%41 &?", "");
    await hub.purge("a%41 &?");
    answer = { status: 404, body: {} };
    await hub.purge("a%41 &?");
    await expect(hub.suspend("r", "")).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    answer = { status: 410, body: {} };
    await expect(hub.resume("r", "")).rejects.toMatchObject({ code: "RUN_ENDED" });
    answer = { status: 500, body: {} };
    await expect(hub.purge("r")).rejects.toThrow("500");
    expect(seen.slice(0, 4).map(({ call }) => call)).toEqual([
      "POST /secret/durabletask/instances/a%2541%20%26%3F/suspend?reason=why+%26+when%3F",
      "POST /secret/durabletask/instances/a%2541%20%26%3F/resume?reason=",
      "DELETE /secret/durabletask/instances/a%2541%20%26%3F",
      "DELETE /secret/durabletask/instances/a%2541%20%26%3F",
    ]);
  });

  it("lets the extension wait for the end", async () => {
    await instances({ isOverRpc: true }).startAndWait("dafx-CancelOrder", "r", { format: 1 }, 9_500);
    expect(seen).toEqual([
      {
        call: "POST /secret/durabletask/orchestrators/dafx-CancelOrder/r?timeout=10&pollingInterval=1",
        body: '{"format":1}',
        existing: "keep",
      },
    ]);
  });

  it("says so when an event comes too late, or to no run", async () => {
    const raise = () => instances({ isOverRpc: true }).raiseEvent("r", "response-ask-1", { responseJson: "1" });
    answer = { status: 410, body: null };
    await expect(raise()).rejects.toMatchObject({ code: "RUN_ENDED" });
    answer = { status: 404, body: { Message: "No instance" } };
    await expect(raise()).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    answer = { status: 500, body: { Message: "storage is away" } };
    await expect(raise()).rejects.toThrow("storage is away");
  });

  it("tells an unknown instance from a failing host", async () => {
    answer = { status: 404, body: { Message: "No instance" } };
    expect(await instances({ isOverRpc: true }).read("r")).toBeUndefined();
    answer = { status: 500, body: { Message: "storage is away" } };
    await expect(instances({ isOverRpc: true }).read("r")).rejects.toThrow("500");
    await expect(instances({ isOverRpc: true }).start("o", "r", {})).rejects.toThrow();
    await expect(instances({ isOverRpc: true }).startAndWait("o", "r", {}, 1_000)).rejects.toThrow("storage is away");
  });
});

describe("over the public webhooks of the extension", () => {
  it("uses the URLs of the binding", async () => {
    const hub = instances({ isOverRpc: false });
    await hub.read("a b$&", { withHistory: true });
    await hub.startAndWait("dafx-CancelOrder", "a b$&", {}, 1_000);
    await hub.start("dafx-CancelOrder", "a b$&", {});
    await hub.raiseEvent("a b$&", "response-ask-1", {});
    await hub.suspend("a b$&", "why");
    await hub.resume("a b$&", "why");
    await hub.purge("a b$&");
    answer = { status: 200, body: [] };
    await hub.list({});
    expect(seen.map(({ call }) => call)).toEqual([
      "GET /runtime/webhooks/durabletask/instances/a%20b%24%26?taskHub=Hub&code=key&showInput=false&showHistory=true&showHistoryOutput=true",
      "POST /runtime/webhooks/durabletask/orchestrators/dafx-CancelOrder/a%20b%24%26?timeout=1&pollingInterval=1&code=key",
      "POST /runtime/webhooks/durabletask/orchestrators/dafx-CancelOrder/a%20b%24%26?code=key",
      "POST /runtime/webhooks/durabletask/instances/a%20b%24%26/raiseEvent/response-ask-1?taskHub=Hub&code=key",
      "POST /runtime/webhooks/durabletask/instances/a%20b%24%26/suspend?reason=why&taskHub=Hub&code=key",
      "POST /runtime/webhooks/durabletask/instances/a%20b%24%26/resume?reason=why&taskHub=Hub&code=key",
      "DELETE /runtime/webhooks/durabletask/instances/a%20b%24%26?taskHub=Hub&code=key",
      "GET /runtime/webhooks/durabletask/instances/?taskHub=Hub&code=key&showInput=false&top=200",
    ]);
  });
});

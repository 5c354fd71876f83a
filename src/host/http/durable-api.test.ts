import type { OrchestrationContext, Task } from "durable-functions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { df } from "../../../test/support/capture-functions.ts";
import { type Harness, openHub } from "../../../test/support/hub-harness.ts";
import { quiet } from "../../../test/support/manual-environment.ts";
import type { Answer } from "./answer.ts";
import { createDurableApi, type DurableApi } from "./durable-api.ts";
import type { DurableCall } from "./durable-call.ts";
import { MAX_WAIT_SECONDS } from "./wait-query.ts";

df.app.orchestration("AsToldByEvents", function* (context: OrchestrationContext): Generator<Task, string, string> {
  const word = yield context.df.waitForExternalEvent("Word");
  if (word === "fail") throw new Error("as told");
  return word;
});

const URLS = {
  webhookUrl: "http://localhost/webhook",
  rpcBaseUrl: "http://localhost/rpc/",
  hubName: "H",
  systemKey: "k",
};
let harness: Harness;
let api: DurableApi;
beforeEach(async () => {
  harness = await openHub();
  api = createDurableApi({ hub: harness.hub, urls: URLS, historyJson: async () => "[]" });
});
afterEach(() => harness.hub.close());

async function call(method: string, path: string, body: Partial<DurableCall> & { readonly text?: string } = {}) {
  const { pathname, searchParams: query } = new URL(path, "http://localhost");
  const { text = "{}", ...more } = body;
  const answer: Answer = await api({
    ...{ method, query, contentType: "application/json", continuationToken: undefined, webhookUrl: null },
    ...{ segments: pathname.slice(1).split("/"), keepsExisting: false, readBody: async () => text, ...more },
  });
  return { status: answer.status, body: answer.body === undefined ? null : String(answer.body) };
}

const statusOf = async (method: string, path: string) => (await call(method, path)).status;
const start = (): Promise<string> => harness.run({ name: "AsToldByEvents", instanceId: "one" });
const tell = async (word: string): Promise<void> => {
  await harness.hub.raiseEvent("one", "Word", JSON.stringify(word));
  await quiet();
};

/** How an instance "one" comes into each state. */
const STATES: Readonly<Record<string, () => Promise<unknown>>> = {
  Pending() {
    harness.hub.beginNoMore();
    return start();
  },
  Running: start,
  async Suspended() {
    await start();
    await harness.hub.suspend("one", "");
    await quiet();
  },
  async Completed() {
    await start();
    await tell("done");
  },
  async Failed() {
    await start();
    await tell("fail");
  },
  async Terminated() {
    await start();
    await harness.hub.terminate("one", "");
    await quiet();
  },
};

// The operations of protocol and extension against the states of an instance; the last column: there is no such instance.
const TABLE = [
  ["operation", "Pending", "Running", "Suspended", "Completed", "Failed", "Terminated", "unknown"],
  ["GET instances/one", 202, 202, 202, 200, 200, 200, 404],
  ["POST instances/one/terminate?reason=why", 202, 202, 202, 410, 410, 410, 404],
  ["POST instances/one/suspend?reason=why", 202, 202, 500, 410, 410, 410, 404],
  ["POST instances/one/resume?reason=why", 500, 500, 202, 410, 410, 410, 404],
  ["POST instances/one/raiseEvent/Other", 202, 202, 202, 410, 410, 410, 404],
  ["POST instances/one/rewind?reason=why", 412, 412, 412, 410, 202, 410, 404],
  ["POST instances/one/restart", 202, 202, 202, 202, 202, 202, 400],
  ["POST instances/one/restart?restartWithNewInstanceId=false", 409, 409, 409, 202, 202, 202, 400],
  ["POST orchestrators/AsToldByEvents/one", 409, 409, 409, 202, 202, 202, 202],
  ["DELETE instances/one", 200, 200, 200, 200, 200, 200, 404],
  ["DELETE instances?createdTimeFrom=2026-01-01T00:00:00Z", 404, 404, 404, 200, 200, 200, 404],
] as const;
const [[, ...states], ...rows] = TABLE;

describe("an operation of the management API", () => {
  const cells = rows.flatMap(([operation, ...statuses]) =>
    states.map((state, column) => [operation, state, statuses[column]] as const),
  );

  it.each(cells)("%s answers for an instance that is %s: %i", async (operation, state, status) => {
    await STATES[state]?.();
    if (state !== "unknown") expect(await harness.view("one")).toMatchObject({ runtimeStatus: state });
    const [method, path] = operation.split(" ") as [string, string];
    expect(await statusOf(method, `/${path}`)).toBe(status);
  });

  it("says what is so already", async () => {
    await start();
    expect(await call("POST", "/instances/one/resume")).toEqual({
      status: 500,
      body: '{"Message":"Cannot resume the orchestration instance one because instance is in the Running state."}',
    });
    expect(await statusOf("POST", "/instances/one/suspend")).toBe(202);
    await quiet();
    expect(await call("POST", "/instances/one/suspend")).toEqual({
      status: 500,
      body: '{"Message":"Cannot suspend the orchestration instance one because instance is in the Suspended state."}',
    });
  });

  it("deletes none that is open", async () => {
    await start();
    expect(await call("DELETE", "/instances/one")).toEqual({ status: 200, body: '{"instancesDeleted":0}' });
    expect(await statusOf("GET", "/instances/one")).toBe(202);
  });

  it("tells of an event first that nobody takes it in, then what is wrong with it", async () => {
    const wrong = { contentType: "text/plain", text: "text" };
    const badJson = { text: "" };
    const sent = async (body: typeof wrong | typeof badJson) =>
      (await call("POST", "/instances/one/raiseEvent/Word", body)).status;
    expect([await sent(wrong), await sent(badJson)]).toEqual([404, 404]);
    await start();
    expect([await sent(wrong), await sent(badJson)]).toEqual([400, 400]);
    await tell("done");
    expect([await sent(wrong), await sent(badJson)]).toEqual([410, 410]);
  });
});

describe("a start that waits for the end", () => {
  const path = (query: string): string => `/orchestrators/AsToldByEvents/one?${query}`;

  it("answers with the output when the instance ends in time", async () => {
    const answer = call("POST", path("timeout=230&pollingInterval=1"));
    await quiet();
    expect(harness.environment.waitingMs).toContain(230_000);
    await tell("done");
    expect(await answer).toEqual({ status: 200, body: '"done"' });
  });

  it("answers with the links when the time is up, also one that starts an instance again", async () => {
    const answer = call("POST", path("timeout=2.5&pollingInterval=1"));
    await harness.environment.advance(2_500);
    expect((await answer).status).toBe(202);
    await tell("done");
    const again = call("POST", "/instances/one/restart?restartWithNewInstanceId=false&timeout=5&pollingInterval=5");
    await quiet();
    await tell("again");
    expect(await again).toEqual({ status: 200, body: '"again"' });
  });

  it.each([
    "timeout=5",
    "pollingInterval=5",
    "timeout=soon&pollingInterval=1",
    "timeout=5&pollingInterval=",
    "timeout=0&pollingInterval=0",
    "timeout=-5&pollingInterval=-5",
  ])("does not wait with %s, as the extension does not", async (query) => {
    expect(await statusOf("POST", path(query))).toBe(202);
  });

  it.each([
    ["timeout=230.5&pollingInterval=1", "The 'timeout' of 230.5 seconds is longer than 230"],
    ["timeout=1e9", "The 'timeout' of 1000000000 seconds is longer than 230"],
    ["timeout=Infinity&pollingInterval=1", "The 'timeout' of Infinity seconds is longer than 230"],
    ["timeout=5&pollingInterval=6", "Total timeout 5 should be bigger than retry timeout 6"],
  ])("is refused with %s, and starts nothing", async (query, message) => {
    const { status, body } = await call("POST", path(query));
    expect([status, body]).toEqual([400, expect.stringContaining(message)]);
    expect(await harness.hub.get("one")).toBeNull();
  });

  it("waits no longer than a front end of Azure does", () => expect(MAX_WAIT_SECONDS).toBe(230));
});

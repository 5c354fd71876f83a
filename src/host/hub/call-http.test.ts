import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { OrchestrationContext, Task } from "durable-functions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { df } from "../../../test/support/capture-functions.ts";
import { type Harness, openHub, type StorePlace, storePlaces } from "../../../test/support/hub-harness.ts";
import { quiet } from "../../../test/support/manual-environment.ts";

type Flow = Generator<Task, unknown, unknown>;
type Http = Parameters<OrchestrationContext["df"]["callHttp"]>[0];

df.app.activity("After http", { handler: () => "after" });
df.app.orchestration("Http", function* (context: OrchestrationContext): Flow {
  try {
    const answer = yield context.df.callHttp(context.df.getInput() as Http);
    return [answer, yield context.df.callActivity("After http", {})];
  } catch (error) {
    return `failed: ${(error as Error).message}`;
  }
});

describe.each(storePlaces)("callHttp on a hub over a store in %s", (_kind, makePlace) => {
  let place: StorePlace;
  let harness: Harness;
  let server: Server;
  let url: string;
  let pollsLeft: number;
  const requests: string[] = [];

  const bodyOf = async (request: IncomingMessage): Promise<string> => {
    let body = "";
    for await (const chunk of request) body += chunk;
    return body;
  };
  const open = async () => openHub({ store: await place.open(), ...(harness && { environment: harness.environment }) });

  beforeEach(async () => {
    place = makePlace();
    harness = await open();
    requests.length = 0;
    pollsLeft = 2;
    server = createServer(async (request, response) => {
      const { method, url: path, headers } = request;
      requests.push([method, path, headers["x-mine"], headers["x-functions-key"], await bodyOf(request)].join(" "));
      if (path === "/job" || (path === "/job/1" && pollsLeft > 0)) {
        if (path === "/job/1") pollsLeft -= 1;
        response.writeHead(202, { location: "/job/1", ...(path === "/job" ? { "retry-after": "5" } : {}) }).end();
      } else if (path === "/none") response.destroy();
      else response.writeHead(path === "/sorry" ? 500 : 200, { "content-type": "text/plain", "x-own": "1" }).end("ok");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    await harness.hub.close();
    await new Promise((resolve) => server.close(resolve));
    place.remove();
  });

  const start = async (input: object) => harness.run({ name: "Http", inputJson: JSON.stringify(input) });
  const output = async (id: string): Promise<unknown> => JSON.parse((await harness.view(id)).output ?? "null");
  const ended = (id: string) =>
    expect.poll(async () => (await harness.view(id)).runtimeStatus, { interval: 5 }).not.toBe("Running");
  const asked = (count: number) => expect.poll(() => requests.length, { interval: 5 }).toBe(count);

  it.each([
    ["/sorry", 500],
    ["/fine", 200],
  ])("hands over whatever the answer is: %s", async (path, statusCode) => {
    const id = await start({ method: "POST", url: url + path, body: { a: "ü" }, headers: { "x-mine": "1" } });
    await ended(id);
    const answer = { statusCode, content: "ok", headers: expect.objectContaining({ "x-own": "1" }) };
    expect(await output(id)).toEqual([answer, "after"]);
    expect((await output(id)) as object[]).not.toHaveProperty("0.headers.content-type");
    expect(requests).toEqual([`POST ${path} 1  {"a":"ü"}`]);
  });

  it("fails like an activity when there is no answer", async () => {
    const id = await start({ method: "GET", url: `${url}/none` });
    await ended(id);
    expect(await output(id)).toContain("Activity function 'BuiltIn::HttpActivity' failed:  fetch failed");
  });

  it("asks again where a 202 points to, after the time it names or 30 s, without the function key", async () => {
    const headers = { "x-mine": "1", "x-functions-key": "secret" };
    const id = await start({ method: "POST", url: `${url}/job`, body: "text", headers });
    await asked(1);
    await harness.environment.advance(4_999);
    expect(requests).toHaveLength(1);
    await harness.environment.advance(1);
    await asked(2);
    await quiet();
    await harness.hub.close();
    harness = await open();
    await harness.environment.advance(30_000);
    await asked(3);
    await quiet();
    await harness.environment.advance(30_000);
    await ended(id);
    expect(await output(id)).toMatchObject([{ statusCode: 200, content: "ok" }, "after"]);
    expect(requests).toEqual(["POST /job 1 secret text", "GET /job/1 1  ", "GET /job/1 1  ", "GET /job/1 1  "]);
  });

  it("does not ask again when polling is off", async () => {
    const id = await start({ method: "GET", url: `${url}/job`, enablePolling: false });
    await ended(id);
    expect(await output(id)).toMatchObject([{ statusCode: 202 }, "after"]);
  });

  it("refuses a token source, which only Azure can use", async () => {
    const id = await start({ method: "GET", url, tokenSource: { resource: "https://management.core.windows.net" } });
    expect(await harness.view(id)).toMatchObject({ runtimeStatus: "Failed" });
    expect((await harness.view(id)).output).toContain("needs a managed identity");
    expect(requests).toEqual([]);
  });
});

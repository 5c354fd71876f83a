import { describe, expect, it } from "vitest";
import { Connection, type HttpOptions } from "./connection.ts";

type Answer = Response | Error;

/** A host that gives these answers, one a request; time passes only while somebody waits. */
function host(answers: readonly Answer[], options: Partial<HttpOptions> = {}) {
  const left = [...answers];
  const requests: { readonly url: string; readonly init: RequestInit | undefined }[] = [];
  const delays: number[] = [];
  let nowMs = 0;
  const connection = new Connection({
    url: "http://host.example",
    ...options,
    fetch: async (url, init) => {
      requests.push({ url: String(url), init });
      const answer = left.shift() ?? new Error("There is no answer left.");
      if (answer instanceof Error) throw answer;
      return answer;
    },
    clock: {
      nowMs: () => nowMs,
      async delay(milliseconds) {
        delays.push(milliseconds);
        nowMs += milliseconds;
      },
    },
  });
  return { connection, requests, delays };
}

const GET = { method: "GET", path: ["workflows", "A B", "status", "r/1"], isRepeatable: true } as const;
const POST = { method: "POST", path: ["workflows", "A", "respond", "r"], bodyJson: "1", isRepeatable: false } as const;
const refused = () => new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") });

describe("where requests go", () => {
  it.each([
    ["http://host.example", "http://host.example/api"],
    ["http://host.example/", "http://host.example/api"],
    ["https://host.example/flows/", "https://host.example/flows"],
  ])("to %s: below %s, with encoded parts, the query and the key", async (url, base) => {
    const { connection, requests } = host([Response.json({ a: 1 })], { url, key: "secret" });
    expect(await connection.send({ ...GET, query: { after: "3", none: undefined } })).toEqual({ a: 1 });
    expect(requests[0]?.url).toBe(`${base}/workflows/A%20B/status/r%2F1?after=3`);
    expect(requests[0]?.init?.headers).toMatchObject({ "x-functions-key": "secret" });
  });

  it("with a body as JSON", async () => {
    const { connection, requests } = host([new Response(null, { status: 204 })]);
    expect(await connection.send(POST)).toBeUndefined();
    expect(requests[0]?.init).toMatchObject({
      method: "POST",
      body: "1",
      headers: { "content-type": "application/json" },
    });
  });
});

describe("what an answer becomes", () => {
  it("a refusal of the host: an error with its code, message and issues", async () => {
    const problem = {
      code: "PORT_RESPONSE_INVALID",
      detail: "Wrong. Send it right.",
      errors: [{ pointer: "/a", detail: "is text" }],
    };
    const { connection } = host([Response.json(problem, { status: 422 })]);
    await expect(connection.send(POST)).rejects.toMatchObject({
      name: "WorkflowError",
      code: "PORT_RESPONSE_INVALID",
      message: "Wrong. Send it right.",
      issues: [{ pointer: "/a", message: "is text" }],
    });
  });

  it.each([
    [new Response("", { status: 401 }), /401 with no body\. Check the key/],
    [new Response("<html>", { status: 404 }), /404 with "<html>"\. Check the URL/],
    [new Response("<html>", { status: 200 }), /200 with "<html>"/],
    [Response.json({ code: "FROM_ELSEWHERE", detail: "", errors: [] }, { status: 400 }), /400 with/],
  ])("something that is not of this contract: ANSWER_UNEXPECTED that shows it", async (answer, message) => {
    const { connection } = host([answer]);
    await expect(connection.send(GET)).rejects.toMatchObject({
      code: "ANSWER_UNEXPECTED",
      message: expect.stringMatching(message),
    });
  });
});

describe("a host that is away", () => {
  it("is asked again, less and less often, until it is back", async () => {
    const away = new Response("", { status: 503 });
    const stopping = Response.json({ code: "HOST_UNAVAILABLE", detail: "It stops." }, { status: 503 });
    const { connection, delays } = host([refused(), away, stopping, refused(), Response.json({ a: 1 })]);
    expect(await connection.send(GET)).toEqual({ a: 1 });
    expect(delays).toEqual([100, 200, 400, 800]);
  });

  it("is given up after the time set for it, with the reason", async () => {
    const { connection, delays } = host(Array.from({ length: 9 }, refused), { retryForMs: 1_000 });
    await expect(connection.send(GET)).rejects.toMatchObject({
      code: "HOST_UNREACHABLE",
      retryable: true,
      message: expect.stringContaining("connect ECONNREFUSED"),
    });
    expect(delays).toEqual([100, 200, 400]);
  });

  it("is asked once where a second request could do something twice", async () => {
    const { connection, delays } = host([refused(), Response.json({})]);
    await expect(connection.send(POST)).rejects.toMatchObject({ code: "HOST_UNREACHABLE" });
    expect(delays).toEqual([]);
  });

  it("is not waited for longer than a request may take", async () => {
    const connection = new Connection({
      url: "http://host.example",
      requestTimeoutMs: 20,
      fetch: (_url, init) =>
        new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason))),
    });
    await expect(connection.send(POST)).rejects.toMatchObject({ code: "HOST_UNREACHABLE" });
  });
});

import { describe, expect, it } from "vitest";
import { countedCalls } from "./apps/counted-calls.ts";
import { serveTestApp } from "./support.ts";

const api = serveTestApp();

describe("POST workflows/{name}/run", () => {
  it("answers 202 with the ways to follow the run", async () => {
    const reply = await api.post("workflows/Greeting/run?runId=hello%201", "Jerry");
    expect(reply.status).toBe(202);
    const base = `${api.url}/api/workflows/Greeting`;
    expect(reply.body).toEqual({
      runId: "hello 1",
      workflow: "Greeting",
      status: "Pending",
      statusUrl: `${base}/status/hello%201`,
      respondUrl: `${base}/respond/hello%201`,
      eventsUrl: `${base}/events/hello%201`,
    });
    expect(reply.headers.get("location")).toBe(`${base}/status/hello%201`);
    expect(reply.headers.get("cache-control")).toBe("no-store");
    const status = await fetch(reply.body.statusUrl);
    expect(await status.json()).toMatchObject({ runId: "hello 1" });
  });

  it("makes a random id when none is given", async () => {
    const ids = [await api.post("workflows/Greeting/run", "A"), await api.post("workflows/Greeting/run", "A")];
    expect(ids.map(({ body }) => body.runId)).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.any(String)]);
    expect(ids[0]?.body.runId).not.toBe(ids[1]?.body.runId);
  });

  it("waits for the end when asked to, by the query or by the header", async () => {
    const byQuery = await api.post("workflows/Greeting/run?waitForResponse=true", "Jerry");
    expect(byQuery.status).toBe(200);
    expect(byQuery.body).toMatchObject({
      workflow: "Greeting",
      status: "Completed",
      superstep: 1,
      executors: [{ id: "Greet", status: "completed", calls: 1 }],
      waitingForInput: [],
      output: "Hello Jerry",
      outputs: ["Hello Jerry"],
      error: null,
    });
    const byHeader = await api.post("workflows/Greeting/run", "Jerry", { "x-ms-wait-for-response": "true" });
    expect(byHeader.body.output).toBe("Hello Jerry");
    const headerWins = await api.post("workflows/Greeting/run?waitForResponse=true", "Jerry", {
      "x-ms-wait-for-response": "false",
    });
    expect(headerWins.status).toBe(202);
  });

  it("answers 202 when the run takes longer than the caller waits", async () => {
    const path = "workflows/Nap/run?waitForResponse=true&timeoutSeconds=1&runId=long-nap";
    const reply = await api.post(path, { milliseconds: 2_500 });
    expect(reply.status).toBe(202);
    expect(reply.body).toMatchObject({ runId: "long-nap", status: "Running" });
  });

  it("answers 200 with the status of a run that failed while the caller waited", async () => {
    const reply = await api.post("workflows/Failing/run?waitForResponse=true", null);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      status: "Failed",
      output: null,
      error: { code: "OVEN_BROKEN", executorId: "Fail", message: "The oven is broken." },
    });
  });

  it("gives the same run for the same id and input, and 409 for another input", async () => {
    const path = "workflows/Greeting/run?runId=same";
    expect((await api.post(path, "Jerry")).status).toBe(202);
    const again = await api.post(`${path}&waitForResponse=true`, "Jerry");
    expect([again.status, again.body.output]).toEqual([200, "Hello Jerry"]);
    const third = await api.post(path, "Jerry");
    expect([third.status, third.body.status]).toEqual([200, "Completed"]);
    const asJson = await api.post(path, new TextEncoder().encode('"Jerry"'), { "content-type": "application/json" });
    expect(asJson.status).toBe(200);
    const other = await api.post(path, "Tom");
    expect([other.status, other.body.code]).toEqual([409, "RUN_EXISTS"]);
    const elsewhere = await api.post("workflows/Nap/run?runId=same", { milliseconds: 1 });
    expect([elsewhere.status, elsewhere.body.code]).toEqual([409, "RUN_EXISTS"]);
  });

  it("makes one run of many starts at once, also when the first one has ended before the last one comes", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `fast ${index}`);
    const starts = names.flatMap((name) =>
      Array.from({ length: 20 }, () => api.post(`workflows/Counting/run?runId=${name}&waitForResponse=true`, name)),
    );
    const replies = await Promise.all(starts);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect(names.map((name) => countedCalls.get(name))).toEqual(names.map(() => 1));
  });

  it("takes text as the input, also where it looks like JSON", async () => {
    const reply = await api.post("workflows/Greeting/run?waitForResponse=true", '{"a":1}');
    expect(reply.body.output).toBe('Hello {"a":1}');
  });

  it("takes no body at all for null", async () => {
    const reply = await api.post("workflows/Failing/run?waitForResponse=true");
    expect(reply.body.error.code).toBe("OVEN_BROKEN");
  });

  it.each(["a%2541", "100%25", "a%26b%3Dc", "%E6%B3%A8%E6%96%87", "a+b", "x;y=z", "%C3%84"])(
    "keeps the id %s to itself on its way through every URL",
    async (encoded) => {
      const started = await api.post(`workflows/Greeting/run?runId=${encoded}&waitForResponse=true`, "Jerry");
      expect(started.body).toMatchObject({ status: "Completed" });
      const { runId } = started.body;
      const status = await api.get(`workflows/Greeting/status/${encodeURIComponent(runId)}`);
      expect(status.body.runId).toBe(runId);
      const events = await api.get(`workflows/Greeting/events/${encodeURIComponent(runId)}`);
      expect(events.body.events.at(-1).type).toBe("runCompleted");
    },
  );

  const raw = (text: string) => new TextEncoder().encode(text);
  const json = { "content-type": "application/json" };
  it.each([
    ["Greeting/run?runId=a%2Fb", "x", {}, 400, "RUN_ID_INVALID"],
    ["Greeting/run?runId=", "x", {}, 400, "RUN_ID_INVALID"],
    ["Greeting/run?waitForResponse=maybe", "x", {}, 400, "PARAMETER_INVALID"],
    ["Greeting/run?timeoutSeconds=201", "x", {}, 400, "PARAMETER_INVALID"],
    ["Greeting/run", "x".repeat(1_048_577), {}, 413, "BODY_TOO_LARGE"],
    [
      "Greeting/run",
      raw("name=x"),
      { "content-type": "application/x-www-form-urlencoded" },
      415,
      "CONTENT_TYPE_UNSUPPORTED",
    ],
    ["Greeting/run", "x".repeat(600_000), {}, 413, "RUN_INPUT_TOO_LARGE"],
    ["Greeting/run?runId=a&runId=b", "x", {}, 400, "PARAMETER_INVALID"],
    ["Greeting/run?runId=a%FF", "x", {}, 400, "RUN_ID_INVALID"],
    ["Greeting/run", raw("{"), json, 400, "BODY_NOT_JSON"],
    ["Greeting/run", raw('{"a":1,"a":2}'), json, 400, "BODY_NOT_JSON"],
    ["Greeting/run", raw('{"__proto__":1}'), json, 400, "BODY_NOT_JSON"],
    ["Greeting/run", raw(`${"[".repeat(65)}${"]".repeat(65)}`), json, 400, "BODY_TOO_DEEP"],
    ["Greeting/run", raw("1"), json, 422, "RUN_INPUT_INVALID"],
    ["Greeting/run", "", {}, 422, "RUN_INPUT_INVALID"],
    ["greeting/run", "x", {}, 404, "WORKFLOW_NOT_FOUND"],
    ["Nobody/run", "x", {}, 404, "WORKFLOW_NOT_FOUND"],
  ] as const)("answers %s with a problem", async (path, body, headers, status, code) => {
    const reply = await api.post(`workflows/${path}`, body, headers);
    expect(reply.headers.get("content-type")).toBe("application/problem+json");
    expect(reply.body).toMatchObject({ status, code, type: `urn:durable-workflows:error:${code}` });
    expect(reply.body.instance).toBe(`/api/workflows/${path.split("?")[0]}`);
    expect(reply.status).toBe(status);
  });

  it("says where an input does not fit, by JSON pointers", async () => {
    const reply = await api.post("workflows/Nap/run", { milliseconds: "long" });
    expect(reply.body.errors).toEqual([{ pointer: "/milliseconds", detail: expect.stringContaining("number") }]);
  });
});

it("runs workflows from a function of the app's own, by the runner", async () => {
  const { status, body } = await api.post("greet-all", ["Tom", "Jerry"]);
  expect([status, body]).toEqual([200, ["Hello Tom", "Hello Jerry"]]);
});

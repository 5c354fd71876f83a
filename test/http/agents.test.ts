import { describe, expect, it } from "vitest";
import { gates } from "./gates.ts";
import { byCall, documentedRoutes, servedRoutes } from "./served-routes.ts";
import { type Reply, serveTestApp } from "./support.ts";

const api = serveTestApp("agents");

const say = (thread: string, message: string, query = "") =>
  api.post(`agents/Parrot/run${query}`, { message, threadId: thread });

async function until(path: string, isThere: (reply: Reply) => boolean): Promise<Reply> {
  for (let attempt = 0; attempt < 2_000; attempt++) {
    const reply = await api.get(path);
    if (isThere(reply)) return reply;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`${path} did not get there.`);
}

describe("POST agents/{name}/run", () => {
  it("takes text, waits for the answer, and gives it with the thread it began", async () => {
    const reply = await api.post("agents/Parrot/run", "hello");
    const { threadId, runId } = reply.body;
    expect(reply.status).toBe(200);
    expect(threadId).toMatch(/^[0-9a-f]{32}$/);
    expect(reply.headers.get("x-ms-thread-id")).toBe(threadId);
    expect(reply.body).toEqual({
      agent: "Parrot",
      threadId,
      thread_id: threadId,
      session_id: threadId,
      runId,
      version: expect.stringMatching(/^[0-9a-f]{16}$/),
      status: "Completed",
      response: "1: hello",
      output: "1: hello",
      waitingForInput: [],
      usage: { modelCalls: 1, inputTokens: expect.any(Number), outputTokens: 2 },
      error: null,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
      statusUrl: `${api.url}/api/agents/Parrot/status/${runId}`,
      respondUrl: `${api.url}/api/agents/Parrot/respond/${runId}`,
      eventsUrl: `${api.url}/api/agents/Parrot/events/${runId}`,
    });
  });

  it("remembers what was said in the thread before", async () => {
    await say("memory", "one");
    expect((await say("memory", "two")).body.response).toBe("2: two");
    const { status, body } = await api.get("agents/Parrot/threads/memory");
    expect(status).toBe(200);
    expect(body.messages.map(({ content }: { content: string }) => content)).toEqual([
      "one",
      "1: one",
      "two",
      "2: two",
    ]);
    expect(body).toMatchObject({ agent: "Parrot", threadId: "memory", runId: null, waitingRuns: [] });
    expect(Date.parse(body.expiresAt) - Date.parse(body.updatedAt)).toBe(14 * 86_400_000);
  });

  it.each([
    ["the body", (id: string) => api.post("agents/Parrot/run", { message: "hi", thread_id: id })],
    ["the query", (id: string) => api.post(`agents/Parrot/run?session_id=${id}`, "hi")],
    ["a header", (id: string) => api.post("agents/Parrot/run", "hi", { "x-ms-thread-id": id })],
    [
      "all of them, when they agree",
      (id: string) =>
        api.post(`agents/Parrot/run?threadId=${id}`, { message: "hi", sessionId: id }, { "x-ms-session-id": id }),
    ],
  ])("takes the thread from %s", async (where, call) => {
    const id = `from-${where.length}`;
    const { status, body } = await call(id);
    expect([status, body.threadId]).toEqual([200, id]);
  });

  it("refuses two different threads, and ids that no thread can have", async () => {
    const two = await api.post("agents/Parrot/run?threadId=a", { message: "hi", threadId: "b" });
    expect([two.status, two.body.code]).toEqual([400, "PARAMETER_INVALID"]);
    const wrong = await api.post("agents/Parrot/run", { message: "hi", threadId: "a/b" });
    expect([wrong.status, wrong.body.code]).toEqual([400, "THREAD_ID_INVALID"]);
    const none = await api.post("agents/Parrot/run", { message: "hi", threadId: "$" });
    expect([none.status, none.body.code]).toEqual([400, "THREAD_ID_INVALID"]);
  });

  it.each([
    ["no message", {}],
    ["an empty one", { message: " " }],
    ["one that is no text", { message: 1 }],
  ])("refuses a body with %s", async (_what, body) => {
    const reply = await api.post("agents/Parrot/run", body);
    expect([reply.status, reply.body.code]).toEqual([422, "AGENT_BODY_INVALID"]);
    expect(reply.headers.get("content-type")).toBe("application/problem+json");
  });

  it("knows no agent that is not served, nor one by another case", async () => {
    for (const name of ["Nobody", "parrot", "Greeting"]) {
      const reply = await api.post(`agents/${name}/run`, "hi");
      expect([reply.status, reply.body.code]).toEqual([404, "AGENT_NOT_FOUND"]);
    }
    expect((await api.post("workflows/Parrot/run", "hi")).body.code).toBe("WORKFLOW_NOT_FOUND");
  });

  it("answers with text alone where that is asked for", async () => {
    const reply = await api.post("agents/Parrot/run", "hi", { accept: "text/plain" });
    expect([reply.status, reply.text]).toEqual([200, "1: hi"]);
    expect(reply.headers.get("x-ms-thread-id")).toMatch(/^[0-9a-f]{32}$/);
  });

  it("gives an answer of a schema as a value", async () => {
    const { body } = await api.post("agents/Reader/run", "Ada");
    expect([body.output, body.response]).toEqual([{ name: "Ada" }, '{"name":"Ada"}']);
  });

  it.each([
    ["query", (text: string) => api.post("agents/Parrot/run?waitForResponse=false", text)],
    ["query of other hosts", (text: string) => api.post("agents/Parrot/run?wait_for_response=false", text)],
    ["header", (text: string) => api.post("agents/Parrot/run", text, { "x-ms-wait-for-response": "false" })],
  ])("does not wait when the %s says so; the answer is found later", async (how, call) => {
    const gate = gates.get(how);
    const reply = await call(`wait ${how}`);
    expect([reply.status, reply.body.response]).toEqual([202, null]);
    expect(reply.headers.get("location")).toBe(reply.body.statusUrl);
    gate.open();
    const path = `agents/Parrot/status/${reply.body.runId}`;
    const ended = await until(path, ({ body }) => body.status === "Completed");
    expect(ended.body).toMatchObject({ threadId: reply.body.threadId, response: `1: wait ${how}` });
  });

  it("answers 202 when the time is up", async () => {
    const reply = await api.post("agents/Parrot/run?timeoutSeconds=1", "wait timeout");
    expect([reply.status, reply.body.status]).toEqual([202, "Running"]);
    gates.get("timeout").open();
  });

  it("is the same turn for the same id and message, and a conflict for another message", async () => {
    const first = await say("once", "hi", "?runId=turn-1");
    const again = await say("once", "hi", "?runId=turn-1");
    expect([again.status, again.body.runId, again.body.response]).toEqual([200, "turn-1", first.body.response]);
    expect((await api.get("agents/Parrot/threads/once")).body.messages).toHaveLength(2);
    const other = await say("once", "bye", "?runId=turn-1");
    expect([other.status, other.body.code]).toEqual([409, "RUN_EXISTS"]);
  });

  it("is the same turn also without a thread: the new one is named after the run", async () => {
    const [first, again] = [
      await api.post("agents/Parrot/run?runId=turn-2", "hi"),
      await api.post("agents/Parrot/run?runId=turn-2", "hi"),
    ];
    expect([first.body.threadId, again.body.threadId]).toEqual(["turn-2", "turn-2"]);
    expect([again.status, again.body.response]).toEqual([200, "1: hi"]);
  });

  it("takes one turn at a time in a thread, in the order they came in", async () => {
    const first = await say("busy", "wait first", "?waitForResponse=false");
    await until(`agents/Parrot/threads/busy`, ({ body }) => body.runId === first.body.runId);
    const second = await say("busy", "second", "?waitForResponse=false");
    await until(`agents/Parrot/threads/busy`, ({ body }) => body.waitingRuns.length === 1);
    expect((await api.get(`agents/Parrot/status/${second.body.runId}`)).body.status).toBe("Pending");
    gates.get("first").open();
    const ended = await until(`agents/Parrot/status/${second.body.runId}`, ({ body }) => body.status === "Completed");
    expect(ended.body.response).toBe("2: second");
  });

  it("says why the agent gave no answer, and leaves the conversation as it was", async () => {
    const reply = await api.post("agents/Broken/run", { message: "hi", threadId: "broken" });
    expect([reply.status, reply.body.code]).toEqual([502, "AGENT_RUN_FAILED"]);
    expect(reply.body.detail).toContain("OUT_OF_ORDER: The model is out of order.");
    const thread = await api.get("agents/Broken/threads/broken");
    expect([thread.status, thread.body.code]).toEqual([404, "THREAD_NOT_FOUND"]);
  });

  it.each([
    ["without an output", "hi", "without an output"],
    ["with an output that is none", "odd", "with an output that is no answer of an agent"],
  ])("says that there is no answer when an agent that is a workflow ends %s", async (_how, message, gave) => {
    const reply = await api.post(`agents/Diary/run?runId=diary-${message}`, { message, threadId: "diary" });
    expect([reply.status, reply.body.code]).toEqual([502, "AGENT_RUN_FAILED"]);
    const { body } = await api.get(`agents/Diary/status/diary-${message}`);
    expect([body.status, body.response, body.output, body.error.code]).toEqual([
      "Failed",
      null,
      null,
      "AGENT_WITHOUT_ANSWER",
    ]);
    expect(body.error.message).toBe(
      `Workflow "Diary" ended ${gave}, and it is served as an agent. Let every way through it end in an agent, or serve what asAgent makes of it.`,
    );
    const thread = await api.get("agents/Diary/threads/diary");
    expect([thread.status, thread.body.code]).toEqual([404, "THREAD_NOT_FOUND"]);
  });

  it("answers with what a person is asked, and goes on when that is answered", async () => {
    const asked = await api.post("agents/Clerk/run", { message: "Ada", threadId: "approval" });
    const { runId, waitingForInput } = asked.body;
    const [{ requestId }] = waitingForInput;
    expect(asked.status).toBe(202);
    expect(waitingForInput).toMatchObject([{ eventName: "approve_forget", input: { tool: "forget" } }]);
    expect(asked.body.response).toContain(`- approve_forget, requestId ${requestId}: {"agent":"Clerk","tool":"forget"`);
    const answered = await api.post(`agents/Clerk/respond/${runId}`, { requestId, response: { approved: true } });
    expect(answered.status).toBe(202);
    const ended = await until(`agents/Clerk/status/${runId}`, ({ body }) => body.status === "Completed");
    expect(ended.body.response).toBe("It is done.");
    const events = await api.get(`agents/Clerk/events/${runId}`);
    expect(events.body.events.map(({ type }: { type: string }) => type)).toContain("requestAnswered");
  });
});

describe("a workflow in the part of an agent", () => {
  it("asks its people, answers in words and with a value, and remembers", async () => {
    const asked = await api.post("agents/Notary/run", { message: "a contract", threadId: "papers" });
    expect([asked.status, asked.body.waitingForInput]).toMatchObject([
      202,
      [{ eventName: "Sign", input: "a contract" }],
    ]);
    const { runId } = asked.body;
    await api.post(`agents/Notary/respond/${runId}`, { eventName: "Sign", response: "Ada" });
    const { body } = await until(`agents/Notary/status/${runId}`, (reply) => reply.body.status === "Completed");
    expect([body.response, body.output]).toEqual(["Signed by Ada.", { signedBy: "Ada" }]);
    const thread = await until("agents/Notary/threads/papers", (reply) => reply.status === 200);
    expect(thread.body.messages).toMatchObject([
      { role: "user", content: "a contract" },
      { role: "assistant", content: "Signed by Ada.", author: "Notary" },
    ]);
  });

  it("is the tool of an agent, whose answer waits for the person it asks", async () => {
    const asked = await api.post("agents/Secretary/run", "a will");
    expect(asked.body.waitingForInput).toMatchObject([{ eventName: "Sign", input: "a will" }]);
    const { runId } = asked.body;
    await api.post(`agents/Secretary/respond/${runId}`, { eventName: "Sign", response: "Bob" });
    const { body } = await until(`agents/Secretary/status/${runId}`, (reply) => reply.body.status === "Completed");
    expect(body.response).toBe('The notary says {"signedBy":"Bob"}');
  });

  it("takes part in a group that is served as a workflow", async () => {
    await api.post("workflows/Office/run?runId=office", "a deed");
    await until("workflows/Office/status/office", ({ body }) => body.waitingForInput?.length === 1);
    await api.post("workflows/Office/respond/office", { eventName: "Sign", response: "Eve" });
    const { body } = await until("workflows/Office/status/office", (reply) => reply.body.status === "Completed");
    expect(body.output).toMatchObject({ agent: "Parrot", text: "2: Notary: Signed by Eve." });
  });
});

describe("the doors of a turn", () => {
  it("show no turn of another agent, and none that never was", async () => {
    const { body } = await api.post("agents/Parrot/run", "hi");
    for (const path of [`agents/Clerk/status/${body.runId}`, "agents/Parrot/status/nobody"]) {
      const reply = await api.get(path);
      expect([reply.status, reply.body.code]).toEqual([404, "RUN_NOT_FOUND"]);
    }
  });

  it("cancel a turn while its agent waits for a person; the thread is free again", async () => {
    const asked = await api.post("agents/Clerk/run", { message: "Ada", threadId: "cancelled" });
    expect((await api.post(`agents/Clerk/cancel/${asked.body.runId}`, { reason: "no" })).status).toBe(202);
    await until(`agents/Clerk/status/${asked.body.runId}`, ({ body }) => body.status === "Cancelled");
    const next = await api.post("agents/Clerk/run", { message: "Bob", threadId: "cancelled" });
    expect(next.status).toBe(202);
    expect(next.body.waitingForInput).toHaveLength(1);
  });

  it("cancel a turn while its model thinks, which is told to stop at once", async () => {
    const { runId } = (await api.post("agents/Thinker/run?waitForResponse=false", "think")).body;
    await until(`agents/Thinker/status/${runId}`, ({ body }) => body.status === "Running");
    const reply = await api.post(`agents/Thinker/cancel/${runId}`, { reason: "Enough" });
    expect([reply.status, reply.body]).toEqual([
      202,
      { message: "The run was asked to end, and its handlers to stop.", runId },
    ]);
    await gates.get("stopped thinking").passed;
    await until(`agents/Thinker/status/${runId}`, ({ body }) => body.status === "Cancelled");
  });

  it("cancel a turn that waits for its thread", async () => {
    const first = await say("queue", "wait queue", "?waitForResponse=false");
    await until("agents/Parrot/threads/queue", ({ body }) => body.runId === first.body.runId);
    const second = await say("queue", "never", "?waitForResponse=false");
    await until("agents/Parrot/threads/queue", ({ body }) => body.waitingRuns.length === 1);
    expect((await api.post(`agents/Parrot/cancel/${second.body.runId}`)).status).toBe(202);
    const ended = await until(`agents/Parrot/status/${second.body.runId}`, ({ body }) => body.status === "Cancelled");
    expect(ended.body.response).toBeNull();
    const again = await api.post(`agents/Parrot/cancel/${second.body.runId}`);
    expect([again.status, again.body.code]).toEqual([409, "RUN_ENDED"]);
    gates.get("queue").open();
  });
});

describe("threads", () => {
  it("are deleted when nobody talks in them", async () => {
    await say("gone", "hi");
    expect((await api.delete("agents/Parrot/threads/gone")).status).toBe(204);
    await until("agents/Parrot/threads/gone", ({ status }) => status === 404);
    expect((await say("gone", "hi")).body.response).toBe("1: hi");
  });

  it("are not deleted while a turn is going on", async () => {
    const first = await say("talking", "wait talking", "?waitForResponse=false");
    await until("agents/Parrot/threads/talking", ({ body }) => body.runId === first.body.runId);
    const reply = await api.delete("agents/Parrot/threads/talking");
    expect([reply.status, reply.body.code]).toEqual([409, "THREAD_BUSY"]);
    gates.get("talking").open();
  });

  it("belong to one agent each", async () => {
    await say("mine", "hi");
    expect((await api.get("agents/Reader/threads/mine")).body.code).toBe("THREAD_NOT_FOUND");
  });
});

describe("GET agents", () => {
  it("lists the agents, and says which model is a script", async () => {
    const { body } = await api.get("agents");
    expect(body.agents).toMatchObject([
      { name: "Parrot", description: "Repeats what it hears", model: "scripted", isScripted: true },
      { name: "Clerk", description: null },
      { name: "Reader" },
      { name: "Broken" },
      { name: "Notary", description: "Has papers signed", model: null, isScripted: false },
      { name: "Secretary", isScripted: true },
      { name: "Thinker", model: "thinker", isScripted: false },
      { name: "Diary", model: null, isScripted: false },
    ]);
  });

  it("shows one with its tools and what it may ask a person", async () => {
    const { body } = await api.get("agents/Clerk");
    expect(body.tools).toEqual([{ name: "forget", description: "Deletes a customer", needsApproval: true }]);
    expect(body.ports).toMatchObject([{ id: "approve_forget" }]);
    expect(body.mermaid).toContain("approve_forget");
    expect((await api.get("agents/Nobody")).body.code).toBe("AGENT_NOT_FOUND");
  });
});

describe("GET openapi.json", () => {
  it("documents the routes of agents where there are any", async () => {
    const { body } = await api.get("openapi.json");
    const documented = documentedRoutes(body.paths);
    expect(documented.map(({ call }) => call)).toContain("post /agents/{name}/run");
    expect(documented.sort(byCall)).toEqual((await servedRoutes(api.url)).sort(byCall));
    expect(body.components.schemas.Turn.required).toContain("thread_id");
  });
});

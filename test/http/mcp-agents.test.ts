import { afterAll, beforeAll, expect, it } from "vitest";
import { connectMcp, type McpConnection } from "../support/mcp-client.ts";
import { callTool, textOf } from "../support/tool-answer.ts";
import { serveTestApp } from "./support.ts";

const api = serveTestApp("agents");
let client: McpConnection["client"];

beforeAll(async () => {
  ({ client } = await connectMcp(api.url));
  // The client checks structured answers against the output schemas it has seen here.
  await client.listTools();
});
afterAll(() => client.close());

const call = (name: string, given: Record<string, unknown>) => callTool(client, name, given);

it("lists agents beside workflows, with a question and a thread as arguments", async () => {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    "Broken",
    "Clerk",
    "Diary",
    "Greeting",
    "Notary",
    "Parrot",
    "Reader",
    "run-respond",
    "run-status",
  ]);
  expect(tools.find(({ name }) => name === "Parrot")).toMatchObject({
    description: "Repeats what it hears",
    inputSchema: {
      type: "object",
      properties: { query: { type: "string" }, threadId: { type: "string" } },
      required: ["query"],
    },
  });
});

it("answers with the words of the agent, and with a thread to go on in", async () => {
  const first = await call("Parrot", { query: "one" });
  const { threadId, runId } = first.structuredContent;
  expect(textOf(first)).toBe("1: one");
  expect(first.structuredContent).toEqual({
    runId,
    workflow: "Parrot",
    status: "Completed",
    output: "1: one",
    threadId,
    waitingForInput: [],
    error: null,
    statusUrl: `${api.url}/api/agents/Parrot/status/${runId}`,
    respondUrl: `${api.url}/api/agents/Parrot/respond/${runId}`,
  });
  expect(textOf(await call("Parrot", { query: "two", threadId }))).toBe("2: two");
  expect(textOf(await call("Parrot", { query: "three", sessionId: threadId }))).toBe("3: three");
});

it("goes on in a thread that was begun over HTTP", async () => {
  await api.post("agents/Parrot/run", { message: "one", threadId: "shared" });
  expect(textOf(await call("Parrot", { query: "two", threadId: "shared" }))).toBe("2: two");
});

it("gives an answer of a schema as a value", async () => {
  expect((await call("Reader", { query: "Ada" })).structuredContent.output).toEqual({ name: "Ada" });
});

it("says why an agent gave no answer", async () => {
  const answer = await call("Broken", { query: "hi" });
  expect([answer.isError, textOf(answer)]).toEqual([
    true,
    expect.stringMatching(/^Run [0-9a-f]+ of Broken failed\. OUT_OF_ORDER: The model is out of order\.$/),
  ]);
});

it("says that there is no answer when an agent that is a workflow ends without an output", async () => {
  const answer = await call("Diary", { query: "hi" });
  expect([answer.isError, answer.structuredContent.status, answer.structuredContent.error.code]).toEqual([
    true,
    "Failed",
    "AGENT_WITHOUT_ANSWER",
  ]);
  expect(textOf(answer)).toMatch(
    /^Run [0-9a-f]+ of Diary failed\. AGENT_WITHOUT_ANSWER: Workflow "Diary" ended without an/,
  );
});

it("refuses arguments of the wrong shape", async () => {
  const wrong = await call("Parrot", { query: 1 });
  expect([wrong.isError, textOf(wrong)]).toEqual([true, expect.stringMatching(/^TOOL_ARGUMENTS_INVALID: .*\/query/s)]);
  const thread = await call("Parrot", { query: "hi", threadId: "a/b" });
  expect([thread.isError, textOf(thread)]).toEqual([true, expect.stringMatching(/^THREAD_ID_INVALID: /)]);
});

it("answers with what a workflow in the part of an agent asks a person, within the time a client waits", async () => {
  const asked = await call("Notary", { query: "a contract" });
  const { runId, threadId, waitingForInput } = asked.structuredContent;
  expect(waitingForInput).toMatchObject([{ eventName: "Sign", input: "a contract" }]);
  const run = { workflow: "Notary", runId, requestId: waitingForInput[0].requestId };
  const signed = await call("run-respond", { ...run, response: "Ada" });
  expect([textOf(signed), signed.structuredContent]).toMatchObject([
    "Signed by Ada.",
    { output: { signedBy: "Ada" }, threadId },
  ]);
});

it("answers with what a person is asked before a tool is run, and goes on once that is passed on", async () => {
  const asked = await call("Clerk", { query: "Ada" });
  const { runId, threadId, waitingForInput } = asked.structuredContent;
  const [{ requestId }] = waitingForInput;
  expect(textOf(asked)).toContain(`- approve_forget, requestId ${requestId}: {"agent":"Clerk","tool":"forget"`);
  const status = await call("run-status", { workflow: "Clerk", runId });
  expect(status.structuredContent).toMatchObject({ status: "Running", threadId, waitingForInput: [{ requestId }] });
  const run = { workflow: "Clerk", runId, requestId };
  const denied = await call("run-respond", { ...run, response: { approved: false, reason: "No." } });
  expect([textOf(denied), denied.structuredContent.threadId]).toEqual(["Nothing was done.", threadId]);
});

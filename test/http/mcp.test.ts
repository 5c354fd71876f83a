import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectMcp, type McpConnection } from "../support/mcp-client.ts";
import { callTool, type ToolAnswer, textOf } from "../support/tool-answer.ts";
import { serveTestApp } from "./support.ts";

const api = serveTestApp();
let client: McpConnection["client"];

beforeAll(async () => {
  ({ client } = await connectMcp(api.url));
  // The client checks structured answers against the output schemas it has seen here.
  await client.listTools();
});
afterAll(() => client.close());

const call = (name: string, given: Record<string, unknown> = {}) => callTool(client, name, given);

describe("workflows as MCP tools", () => {
  it("are listed by name, with their description, and with the input of a run as arguments", async () => {
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(["Approval", "Failing", "Greeting", "Nap", "run-respond", "run-status"]);
    expect(tools.find(({ name }) => name === "Greeting")).toMatchObject({
      description: "Greets by name",
      inputSchema: { type: "object", properties: { input: { type: "string", minLength: 1 } }, required: ["input"] },
    });
    expect(tools.find(({ name }) => name === "Nap")).toMatchObject({
      description: "Runs the workflow Nap.",
      inputSchema: { type: "object", properties: { milliseconds: { type: "number" } }, required: ["milliseconds"] },
    });
  });

  it("answer with the output of the run, and with the run itself as a value", async () => {
    const answer = await call("Greeting", { input: "Ada" });
    const { runId, ...rest } = answer.structuredContent;
    expect(answer.content).toEqual([{ type: "text", text: "Hello Ada" }]);
    expect(answer.isError).toBeUndefined();
    expect(rest).toEqual({
      workflow: "Greeting",
      status: "Completed",
      output: "Hello Ada",
      waitingForInput: [],
      error: null,
      statusUrl: `${api.url}/api/workflows/Greeting/status/${runId}`,
      respondUrl: `${api.url}/api/workflows/Greeting/respond/${runId}`,
    });
    const status = await fetch(rest.statusUrl);
    expect([status.status, JSON.parse(await status.text()).output]).toEqual([200, "Hello Ada"]);
  });

  it("refuse arguments of the wrong shape, and say where", async () => {
    const answer = await call("Nap", { milliseconds: "long" });
    expect(answer.isError).toBe(true);
    expect(textOf(answer)).toMatch(/^RUN_INPUT_INVALID: .*\n\/milliseconds: .*number/s);
    await expect(call("Nap")).rejects.toMatchObject({ code: -32_602 });
  });

  it("say why a run failed", async () => {
    const answer = await call("Failing");
    const { runId, error } = answer.structuredContent;
    expect(answer.isError).toBe(true);
    expect(textOf(answer)).toBe(`Run ${runId} of Failing failed. OVEN_BROKEN: The oven is broken.`);
    expect(error).toEqual({ code: "OVEN_BROKEN", message: "The oven is broken." });
  });

  it("answer with a handle when a run waits for a person, at once", async () => {
    const answer = await call("Approval", { amount: 900 });
    const { runId, status, output, waitingForInput } = answer.structuredContent;
    expect([answer.isError, status, output]).toEqual([undefined, "Running", null]);
    expect(waitingForInput).toEqual([
      expect.objectContaining({
        eventName: "Manager",
        input: { amount: 900 },
        responseSchema: expect.objectContaining({ required: ["approved"] }),
      }),
    ]);
    expect(textOf(answer)).toBe(
      `Run ${runId} of Approval waits for a person to answer:\n` +
        `- Manager, requestId ${waitingForInput[0].requestId}: {"amount":900}\n` +
        'Ask the person, and pass the answer on with the tool "run-respond". Look again with the tool "run-status".',
    );
  });

  it("answer with a handle when a run takes longer than a call may wait", async () => {
    const answer = await call("Nap", { milliseconds: 600_000 });
    const { runId, status } = answer.structuredContent;
    expect([answer.isError, status]).toEqual([undefined, "Running"]);
    expect(textOf(answer)).toBe(`Run ${runId} of Nap goes on (Running). Look again with the tool "run-status".`);
  });
});

describe("the tools for runs", () => {
  const waiting = async () => {
    const { structuredContent } = await call("Approval", { amount: 900 });
    const { runId, waitingForInput } = structuredContent;
    return { workflow: "Approval", runId, requestId: waitingForInput[0].requestId };
  };

  it("show how a run is doing, and how it ended", async () => {
    const { requestId, ...run } = await waiting();
    expect((await call("run-status", { ...run, waitSeconds: 1 })).structuredContent).toMatchObject({
      status: "Running",
      waitingForInput: [{ requestId }],
    });
    await api.post(`workflows/Approval/respond/${run.runId}`, { requestId, response: { approved: false } });
    const ended = await call("run-status", { ...run, waitSeconds: 30 });
    // The request may still be listed until the run has taken the answer in.
    const answer = ended.structuredContent.status === "Running" ? await untilEnded(run) : ended;
    expect(textOf(answer)).toBe("kept");
  });

  async function untilEnded(run: Record<string, unknown>): Promise<ToolAnswer> {
    for (let attempt = 0; attempt < 1_000; attempt++) {
      const answer = await call("run-status", run);
      if (answer.structuredContent.status === "Completed") return answer;
    }
    throw new Error("The run did not end.");
  }

  it("pass an answer on, and give what came of it", async () => {
    const run = await waiting();
    const answer = await call("run-respond", { ...run, response: { approved: true } });
    expect([textOf(answer), answer.structuredContent.status]).toEqual(["paid", "Completed"]);
  });

  it("refuse an answer of the wrong shape, and the run goes on waiting", async () => {
    const run = await waiting();
    const wrong = await call("run-respond", { ...run, response: { approved: "yes" } });
    expect([wrong.isError, textOf(wrong)]).toEqual([
      true,
      expect.stringMatching(/^PORT_RESPONSE_INVALID: .*\/approved/s),
    ]);
    const { structuredContent } = await call("run-status", { workflow: run.workflow, runId: run.runId });
    expect(structuredContent.waitingForInput).toMatchObject([{ requestId: run.requestId }]);
  });

  it("know no run of another workflow, nor one that never was", async () => {
    const { runId } = await waiting();
    for (const run of [
      { workflow: "Nap", runId },
      { workflow: "Approval", runId: "nobody" },
    ]) {
      const answer = await call("run-status", run);
      expect([answer.isError, textOf(answer)]).toEqual([true, expect.stringMatching(/^RUN_NOT_FOUND: /)]);
    }
  });

  it("know only the workflows that are tools", async () => {
    const answer = await call("run-status", { workflow: "Counting", runId: "x" });
    expect([answer.isError, textOf(answer)]).toEqual([
      true,
      expect.stringMatching(/^TOOL_ARGUMENTS_INVALID: .*\/workflow/s),
    ]);
  });
});

import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type ChatClient, type ChatRequest, defineAgent, defineTool } from "../../src/agents/index.ts";
import { createModelClient } from "../../src/agents/models/index.ts";
import { runInProcess } from "../../src/index.ts";
import { type OpenAiServer, startOpenAiServer, type WireAnswer, type WireRequest } from "../support/openai-server.ts";

let server: OpenAiServer | undefined;
afterEach(() => server?.close());

async function clientOf(answer: (request: WireRequest, number: number) => WireAnswer): Promise<ChatClient> {
  server = await startOpenAiServer(answer);
  return createModelClient({ provider: "openai", apiKey: "test-key", model: "local-model", baseUrl: server.url });
}

const question: ChatRequest = {
  agent: "Physicist",
  instructions: "You are a physicist.",
  messages: [{ role: "user", content: "What is heat?" }],
  tools: [],
  output: undefined,
  settings: {},
};
const options = { signal: new AbortController().signal, callKey: "Turn-1-1" };

describe("a model behind the AI SDK", () => {
  it("is sent instructions, conversation, settings and the key, and answers with text and usage", async () => {
    const client = await clientOf(() => ({ text: "Motion.", usage: [21, 3] }));
    const reply = await client.complete({ ...question, settings: { temperature: 0.5, maxOutputTokens: 99 } }, options);
    expect(reply).toEqual({
      text: "Motion.",
      toolCalls: [],
      usage: { inputTokens: 21, outputTokens: 3 },
      finishReason: "stop",
    });
    expect(server?.requests).toMatchObject([
      {
        model: "local-model",
        temperature: 0.5,
        max_tokens: 99,
        messages: [
          { role: "system", content: "You are a physicist." },
          { role: "user", content: "What is heat?" },
        ],
      },
    ]);
    expect(server?.headers[0]?.authorization).toBe("Bearer test-key");
  });

  it("streams its words as they come, and gives them all again at the end", async () => {
    const client = await clientOf(() => ({ text: "Heat is motion.", usage: [9, 4] }));
    const pieces: string[] = [];
    const reply = await client.complete(question, { ...options, onText: (piece) => pieces.push(piece) });
    expect(pieces).toEqual(["Heat ", "is ", "motion."]);
    expect(reply).toMatchObject({ text: "Heat is motion.", usage: { inputTokens: 9, outputTokens: 4 } });
    expect(server?.requests[0]?.stream).toBe(true);
  });

  it.each([
    ["in one piece", {}],
    ["as a stream", { onText: () => undefined }],
  ])("calls tools, %s", async (_how, streaming) => {
    const client = await clientOf(() => ({
      toolCalls: [
        { id: "call_a", name: "weather", arguments: '{"city":"Turin"}' },
        { id: "call_b", name: "weather", arguments: '{"city":"Rome"}' },
      ],
    }));
    const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
    const tools = [{ name: "weather", description: "Tells the weather", parameters }];
    const reply = await client.complete({ ...question, tools }, { ...options, ...streaming });
    expect(reply.toolCalls).toEqual([
      { id: "call_a", tool: "weather", arguments: { city: "Turin" } },
      { id: "call_b", tool: "weather", arguments: { city: "Rome" } },
    ]);
    expect(server?.requests[0]?.tools?.[0]?.function).toMatchObject({ name: "weather", parameters });
  });

  it("gives arguments that are no JSON as they came, so that the agent can say so to the model", async () => {
    const client = await clientOf(() => ({ toolCalls: [{ id: "call_a", name: "weather", arguments: '{"city":' }] }));
    const tools = [{ name: "weather", description: "Tells the weather", parameters: { type: "object" } }];
    const reply = await client.complete({ ...question, tools }, options);
    expect(reply.toolCalls).toEqual([{ id: "call_a", tool: "weather", arguments: '{"city":' }]);
  });

  it("is sent the schema of an answer, and the answer is left to the agent to read", async () => {
    const client = await clientOf(() => ({ text: '{"name":1}' }));
    const schema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
    const reply = await client.complete({ ...question, output: { name: "Reader", schema } }, options);
    expect(reply.text).toBe('{"name":1}');
    expect(server?.requests[0]?.response_format).toMatchObject({
      type: "json_schema",
      json_schema: { name: "Reader", schema },
    });
  });

  it("is sent what tools answered", async () => {
    const client = await clientOf(() => ({ text: "Sunny." }));
    await client.complete(
      {
        ...question,
        messages: [
          { role: "user", content: "Weather?" },
          {
            role: "assistant",
            content: "",
            toolCalls: [{ id: "call_a", tool: "weather", arguments: { city: "Turin" } }],
          },
          { role: "tool", toolCallId: "call_a", tool: "weather", result: { sky: "blue" } },
        ],
      },
      options,
    );
    expect(server?.requests[0]?.messages.slice(2)).toMatchObject([
      {
        role: "assistant",
        tool_calls: [{ id: "call_a", function: { name: "weather", arguments: '{"city":"Turin"}' } }],
      },
      { role: "tool", tool_call_id: "call_a", content: '{"sky":"blue"}' },
    ]);
  });

  it("that was cut off at its limit of tokens says so", async () => {
    const client = await clientOf(() => ({ text: "Heat is", finishReason: "length" }));
    expect((await client.complete(question, options)).finishReason).toBe("length");
  });

  it("that is stopped by a content filter says so", async () => {
    const client = await clientOf(() => ({ text: "", finishReason: "content_filter" }));
    expect((await client.complete(question, options)).finishReason).toBe("refused");
  });
});

const streaming = { ...options, onText: () => undefined };

describe.each([
  ["in one piece", options],
  ["as a stream", streaming],
])("a model that fails, asked for its answer %s,", (_how, how) => {
  const failing = async (answer: WireAnswer) => {
    const client = await clientOf(() => answer);
    return client.complete(question, how).then(
      () => expect.fail("it answered"),
      (error: unknown) => error,
    );
  };

  it("is asked once, and has told when to come back", async () => {
    const error = await failing({ status: 429, headers: { "retry-after": "7" }, message: "Slow down" });
    expect(error).toMatchObject({ code: "MODEL_RATE_LIMITED", retryable: true });
    expect(error).toMatchObject({ message: expect.stringContaining("Slow down") });
    expect(error).toMatchObject({ cause: { responseHeaders: { "retry-after": "7" } } });
    expect(server?.requests.length).toBe(1);
  });

  it("is worth another attempt after a 500", async () => {
    expect(await failing({ status: 500 })).toMatchObject({ code: "MODEL_UNAVAILABLE", retryable: true });
    expect(server?.requests.length).toBe(1);
  });

  it.each([400, 401, 403, 404])("is not asked again after a %i", async (status) => {
    expect(await failing({ status })).toMatchObject({ code: "MODEL_CALL_REFUSED", retryable: false });
  });

  it("is worth another attempt after the connection was reset", async () => {
    expect(await failing({ resetAfter: ["Heat ", "is "] })).toMatchObject({
      code: "MODEL_UNAVAILABLE",
      retryable: true,
    });
  });

  it("is worth another attempt after an answer that is no JSON", async () => {
    const body = how === streaming ? "data: {no json\n\n" : "<html>busy</html>";
    expect(await failing({ body })).toMatchObject({ code: "MODEL_ANSWER_INVALID", retryable: true });
  });
});

describe("a call that is aborted", () => {
  it("ends at once while words still drip in, and the server sees the client go", async () => {
    const client = await clientOf(() => ({ drip: Array.from({ length: 10_000 }, () => "drop "), everyMs: 5 }));
    const abort = new AbortController();
    const reason = new Error("The run was cancelled.");
    const reply = client.complete(question, {
      callKey: "Turn-1-1",
      signal: abort.signal,
      onText: () => abort.abort(reason),
    });
    await expect(reply).rejects.toBe(reason);
    await expect.poll(() => server?.abandoned()).toBe(1);
  });

  it("is aborted by the time limit of its agent", async () => {
    const model = await clientOf(() => ({ drip: Array.from({ length: 10_000 }, () => "drop "), everyMs: 5 }));
    const agent = defineAgent({
      id: "Slow",
      instructions: "",
      model,
      timeoutMs: 100,
      retry: { maxAttempts: 1, firstDelayMs: 0 },
    });
    const { error } = await runInProcess(agent, "Anything").wait();
    expect(error).toMatchObject({ code: "EXECUTOR_TIMED_OUT" });
    await expect.poll(() => server?.abandoned()).toBe(1);
  });
});

describe("an agent over HTTP", () => {
  const weather = defineTool({
    name: "weather",
    description: "Tells the weather",
    input: z.object({ city: z.string() }),
    run: ({ city }) => ({ city, sky: "blue" }),
  });

  it("calls its tool, and answers in the shape of its schema", async () => {
    const model = await clientOf(({ messages }) =>
      messages.at(-1)?.role === "tool"
        ? { text: '{"summary":"Blue over Turin"}' }
        : { toolCalls: [{ id: "call_a", name: "weather", arguments: '{"city":"Turin"}' }] },
    );
    const output = z.object({ summary: z.string() });
    const agent = defineAgent({ id: "Guide", instructions: "Help.", model, tools: [weather], output });
    const run = runInProcess(agent, "How is Turin?");
    expect((await run.output()).output).toEqual({ summary: "Blue over Turin" });
    expect((await run.status()).usage).toEqual({ modelCalls: 2, inputTokens: 20, outputTokens: 10 });
  });

  it("waits as long as Retry-After says", async () => {
    const model = await clientOf((_request, number) =>
      number === 1 ? { status: 429, headers: { "retry-after-ms": "120" } } : { text: "At last." },
    );
    const retry = { maxAttempts: 2, firstDelayMs: 1 };
    const run = runInProcess(defineAgent({ id: "Patient", instructions: "", model, retry }), "Hello?");
    expect((await run.output()).text).toBe("At last.");
    const events = [];
    for await (const event of run.events()) events.push(event);
    const delayed = events.find(({ type }) => type === "executorDelayed");
    expect(delayed).toMatchObject({ error: { code: "MODEL_RATE_LIMITED", retryAfterMs: 120 } });
  });
});

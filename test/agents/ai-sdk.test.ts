import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type ChatClient, type ChatRequest, defineAgent, defineTool, handoff } from "../../src/agents/index.ts";
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

  it.each([
    ["in one piece", {}],
    ["as a stream", { onText: () => undefined }],
  ])("is sent the schema of an answer, and the answer is left to the agent to read, %s", async (_how, streaming) => {
    const client = await clientOf(() => ({ text: '{"name":1}' }));
    const schema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
    const asked = { ...question, output: { name: "Reader", schema } };
    const reply = await client.complete(asked, { ...options, ...streaming });
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

describe.each([
  ["in one piece", {}],
  ["as a stream", { onText: () => undefined }],
])("a model whose server has a word of its own for the end of an answer, asked %s,", (_how, streaming) => {
  it.each(["eos_token", "end_turn", "stop_sequence", "completed", "COMPLETE", "done"])(
    "has answered all the same: %s",
    async (finishReason) => {
      const client = await clientOf(() => ({ text: "Motion.", finishReason }));
      const reply = await client.complete(question, { ...options, ...streaming });
      expect(reply).toMatchObject({ text: "Motion.", finishReason: "stop" });
    },
  );

  it.each(["max_tokens", "model_length"])("was cut off where the word says so: %s", async (finishReason) => {
    const client = await clientOf(() => ({ text: "Heat is", finishReason }));
    expect((await client.complete(question, { ...options, ...streaming })).finishReason).toBe("length");
  });

  it.each([
    "insufficient_system_resource",
    "abort",
    "aborted",
    "cancelled",
    "incomplete",
    "interrupted",
    "server_error",
    "timed_out",
    "TIMEOUT",
  ])("has not answered where the word says that it was given up: %s", async (finishReason) => {
    const client = await clientOf(() => ({ text: "Heat is", finishReason }));
    const error = await client.complete(question, { ...options, ...streaming }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "MODEL_ANSWER_INVALID",
      retryable: true,
      message: expect.stringContaining(`broke off: its reason to end is "${finishReason}"`),
    });
  });
});

describe("a model at Azure OpenAI", () => {
  /** As the endpoint of a resource: the server of these tests answers at any path. */
  const azureAt = async (answer: WireAnswer, more: { readonly behind?: string; readonly apiVersion?: string } = {}) => {
    const { behind = "", apiVersion } = more;
    server = await startOpenAiServer(() => answer);
    const endpoint = `${new URL(server.url).origin}${behind}`;
    return createModelClient({ provider: "azure", apiKey: "azure-key", endpoint, deployment: "our-gpt", apiVersion });
  };

  it.each([
    ["the endpoint of a resource", ""],
    ["one that ends with a slash", "/"],
    ["the address of its API", "/openai/v1/"],
  ])(
    "is asked at the v1 API by the name of its deployment, with the key in api-key; given %s",
    async (_what, behind) => {
      const client = await azureAt({ text: "Motion.", usage: [21, 3] }, { behind });
      expect(await client.complete(question, options)).toEqual({
        text: "Motion.",
        toolCalls: [],
        usage: { inputTokens: 21, outputTokens: 3 },
        finishReason: "stop",
      });
      expect(server?.paths).toEqual(["/openai/v1/chat/completions"]);
      expect(server?.requests).toMatchObject([{ model: "our-gpt" }]);
      expect(server?.headers[0]).toMatchObject({ "api-key": "azure-key" });
      expect(server?.headers[0]?.authorization).toBeUndefined();
    },
  );

  it("is asked by deployment where a dated version of the API is set", async () => {
    const client = await azureAt({ text: "Motion." }, { apiVersion: "2024-10-21" });
    expect((await client.complete(question, options)).text).toBe("Motion.");
    expect(server?.paths).toEqual(["/openai/deployments/our-gpt/chat/completions?api-version=2024-10-21"]);
    expect(server?.headers[0]?.["api-key"]).toBe("azure-key");
  });

  it("streams, and calls tools", async () => {
    const client = await azureAt({ text: "Heat is motion." });
    const pieces: string[] = [];
    await client.complete(question, { ...options, onText: (piece) => pieces.push(piece) });
    expect(pieces).toEqual(["Heat ", "is ", "motion."]);
    await server?.close();
    const caller = await azureAt({ toolCalls: [{ id: "call_a", name: "weather", arguments: '{"city":"Turin"}' }] });
    const tools = [{ name: "weather", description: "Tells the weather", parameters: { type: "object" } }];
    expect((await caller.complete({ ...question, tools }, options)).toolCalls).toEqual([
      { id: "call_a", tool: "weather", arguments: { city: "Turin" } },
    ]);
  });

  it.each([
    [
      "with its Retry-After after a 429",
      { status: 429, headers: { "retry-after": "7" } },
      { code: "MODEL_RATE_LIMITED", retryable: true, cause: { responseHeaders: { "retry-after": "7" } } },
    ],
    ["after a 500", { status: 500 }, { code: "MODEL_UNAVAILABLE", retryable: true }],
    ["not after a 401", { status: 401 }, { code: "MODEL_CALL_REFUSED", retryable: false }],
  ])("is asked once, and is worth another attempt: %s", async (_what, answer, failure) => {
    const client = await azureAt(answer);
    const error = await client.complete(question, options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ ...failure, message: expect.stringContaining("Azure OpenAI our-gpt") });
    expect(server?.requests.length).toBe(1);
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

  it("is worth another attempt after an answer that ends with no word of its end", async () => {
    expect(await failing({ unfinished: "Heat is" })).toMatchObject({
      code: "MODEL_ANSWER_INVALID",
      retryable: true,
      message: expect.stringContaining('broke off: its reason to end is "other"'),
    });
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

  it("is aborted when its run is cancelled", async () => {
    const model = await clientOf(() => ({ drip: Array.from({ length: 10_000 }, () => "drop "), everyMs: 5 }));
    const run = runInProcess(defineAgent({ id: "Slow", instructions: "", model }), "Anything");
    for await (const _word of run.updates()) break;
    await run.cancel("Enough");
    expect(await run.wait()).toMatchObject({ status: "Cancelled" });
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

  it("has its answer in the end, whatever went wrong before, and pays for what was answered", async () => {
    const failures: readonly WireAnswer[] = [
      { status: 429, headers: { "retry-after-ms": "5" } },
      { status: 500 },
      { resetAfter: ["Heat "] },
      { body: "<html>busy</html>" },
    ];
    const model = await clientOf((_request, number) => failures[number - 1] ?? { text: "Motion.", usage: [7, 2] });
    const retry = { maxAttempts: 5, firstDelayMs: 1 };
    const run = runInProcess(defineAgent({ id: "Stubborn", instructions: "", model, retry }), "What is heat?");
    expect(await run.output()).toMatchObject({ text: "Motion.", turns: 1 });
    const codes: string[] = [];
    for await (const event of run.events()) if (event.type === "executorDelayed") codes.push(event.error.code);
    expect(codes).toEqual(["MODEL_RATE_LIMITED", "MODEL_UNAVAILABLE", "MODEL_UNAVAILABLE", "MODEL_ANSWER_INVALID"]);
    expect((await run.status()).usage).toEqual({ modelCalls: 1, inputTokens: 7, outputTokens: 2 });
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

  it("hands over and back with other calls in the same answer, and no question has a call without its result", async () => {
    const model = await clientOf((request) => {
      const unanswered = unansweredIn(request);
      if (unanswered.length > 0) return { status: 400, message: `No result for ${unanswered.join(", ")}` };
      if (request.tools?.some(({ function: { name } }) => name === "handoff_to_Desk")) {
        return { toolCalls: [{ id: "call_x", name: "handoff_to_Desk", arguments: "{}" }] };
      }
      if (request.messages.at(-1)?.role === "tool") return { text: "All is said." };
      return {
        toolCalls: [
          { id: "call_a", name: "weather", arguments: '{"city":"Turin"}' },
          { id: "call_b", name: "handoff_to_Clerk", arguments: "{}" },
          { id: "call_c", name: "weather", arguments: '{"town":' },
        ],
      };
    });
    const desk = defineAgent({ id: "Desk", instructions: "", model, tools: [weather] });
    const clerk = defineAgent({ id: "Clerk", instructions: "", model });
    const counter = handoff("Counter", desk, [
      { from: desk, to: [clerk] },
      { from: clerk, to: [desk] },
    ]);
    expect(await runInProcess(counter, "How is Turin?").output()).toMatchObject({
      agent: "Desk",
      text: "All is said.",
    });
    const told = server?.requests.at(-1)?.messages.filter(({ role }) => role === "tool");
    expect(told).toMatchObject([
      { tool_call_id: "call_a", content: '{"city":"Turin","sky":"blue"}' },
      { tool_call_id: "call_b", content: "The conversation is handed over to Clerk." },
      { tool_call_id: "call_c", content: expect.stringMatching(/^The arguments do not fit/) },
    ]);
  });
});

/** Calls that nothing behind their answer says the result of: a provider refuses a question that has one. */
function unansweredIn({ messages }: WireRequest): string[] {
  return messages.flatMap(({ tool_calls: calls = [] }, index) => {
    const next = messages.slice(index + 1);
    const end = next.findIndex(({ role }) => role !== "tool");
    const results = (end === -1 ? next : next.slice(0, end)).map(({ tool_call_id: id }) => id);
    return calls.map(({ id }) => id).filter((id) => !results.includes(id));
  });
}

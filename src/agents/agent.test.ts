import { describe, expect, it } from "vitest";
import { z } from "zod";
import { forget } from "../../test/support/agent-parts.ts";
import { runInProcess } from "../index.ts";
import { createScriptedClient, defineAgent, defineTool } from "./index.ts";

const weather = defineTool({
  name: "weather",
  description: "Tells the weather of a city",
  input: z.object({ city: z.string() }),
  run: ({ city }) => `Sunny in ${city}`,
});
const instructions = "You help.";

describe("an agent", () => {
  it("answers text with text, and carries the conversation", async () => {
    const model = createScriptedClient([{ text: "Heat is motion.", usage: { inputTokens: 17, outputTokens: 4 } }]);
    const physicist = defineAgent({ id: "Physicist", instructions, model });
    const run = runInProcess(physicist, "What is heat?");
    expect(await run.output()).toEqual({
      agent: "Physicist",
      output: "Heat is motion.",
      text: "Heat is motion.",
      messages: [
        { id: "Turn-1-1-q1", role: "user", content: "What is heat?" },
        { id: "Turn-1-1", role: "assistant", content: "Heat is motion.", author: "Physicist" },
      ],
      turns: 1,
      usage: { modelCalls: 1, inputTokens: 17, outputTokens: 4 },
    });
    expect((await run.status()).usage).toEqual({ modelCalls: 1, inputTokens: 17, outputTokens: 4 });
  });

  it("runs the tools of one answer at once, and tells the model in the order it asked", async () => {
    const model = createScriptedClient([
      {
        toolCalls: [
          { tool: "weather", arguments: { city: "Turin" } },
          { tool: "weather", arguments: { city: "Rome" } },
        ],
      },
      "Sunny in both.",
    ]);
    const agent = defineAgent({ id: "Guide", instructions, model, tools: [weather] });
    const run = runInProcess(agent, "Weather?");
    expect((await run.output()).output).toBe("Sunny in both.");
    expect(model.requests[1]?.messages.slice(2)).toMatchObject([
      { role: "tool", toolCallId: "call-1", tool: "weather", result: "Sunny in Turin" },
      { role: "tool", toolCallId: "call-2", tool: "weather", result: "Sunny in Rome" },
    ]);
  });

  it("asks a person before a tool that needs approval, and puts an edited call into its history", async () => {
    const model = createScriptedClient([{ toolCalls: [{ tool: "forget", arguments: { customer: "Ada" } }] }, "Done."]);
    const agent = defineAgent({ id: "Clerk", instructions, model, tools: [weather, forget] });
    const run = runInProcess(agent, "Forget Ada");
    const { request, respond } = await run.nextRequest("approve_forget");
    expect(request).toEqual({ agent: "Clerk", tool: "forget", arguments: { customer: "Ada" }, callId: "1.1.0" });
    await respond({ approved: true, arguments: { customer: "Adam" } });
    const { messages } = await run.output();
    expect(messages).toMatchObject([
      { role: "user" },
      { role: "assistant", toolCalls: [{ tool: "forget", arguments: { customer: "Adam" } }] },
      { role: "tool", result: { deleted: "Adam" } },
      { role: "assistant", content: "Done." },
    ]);
  });

  it("sends an answer of the wrong shape back once", async () => {
    const model = createScriptedClient([{ output: { name: 1 } }, { output: { name: "Ada" } }]);
    const agent = defineAgent({ id: "Reader", instructions, model, output: z.object({ name: z.string() }) });
    const response = await runInProcess(agent, "Who?").output();
    expect(response.output).toEqual({ name: "Ada" });
    expect(response.turns).toBe(2);
  });

  it("fails when the second answer has the wrong shape as well", async () => {
    const model = createScriptedClient([{ output: { name: 1 } }, "no JSON at all"]);
    const agent = defineAgent({ id: "Reader", instructions, model, output: z.object({ name: z.string() }) });
    expect((await runInProcess(agent, "Who?").wait()).error).toMatchObject({
      code: "AGENT_OUTPUT_INVALID",
      retryable: false,
      message: expect.stringContaining("it is no JSON"),
    });
    expect(model.requests[1]?.messages.at(-1)).toMatchObject({
      role: "user",
      content: expect.stringMatching(/^Your answer does not fit: name: .*Answer again, with nothing but JSON/),
    });
  });

  it("tells the model of a call that a person denied, and of a tool that failed for good", async () => {
    const broken = defineTool({
      name: "broken",
      description: "Fails",
      input: z.object({}),
      retry: { maxAttempts: 2, firstDelayMs: 0 },
      run: () => {
        throw new Error("out of order");
      },
    });
    const model = createScriptedClient([
      {
        toolCalls: [
          { tool: "forget", arguments: { customer: "Ada" } },
          { tool: "broken", arguments: {} },
          { tool: "nothing", arguments: {} },
          { tool: "weather", arguments: { town: "Turin" } },
        ],
      },
      "I see.",
    ]);
    const agent = defineAgent({ id: "Clerk", instructions, model, tools: [weather, forget, broken] });
    const run = runInProcess(agent, "Try");
    await (await run.nextRequest("approve_forget")).respond({ approved: false, reason: "She is a friend" });
    expect((await run.output()).output).toBe("I see.");
    expect(model.requests[1]?.messages.slice(2).map((message) => "result" in message && message.result)).toEqual([
      "A person denied this call: She is a friend",
      "The tool failed: out of order",
      'There is no tool "nothing".',
      expect.stringMatching(/^The arguments do not fit: city: .* Call it again with arguments that fit its schema\.$/),
    ]);
    const emitted = [];
    for await (const event of run.events()) if (event.type === "emitted") emitted.push([event.executorId, event.name]);
    expect(emitted).toEqual([
      ["ToolFailed", "toolFailed"],
      ["forget", "toolDenied"],
    ]);
  });

  it("has more calls than it has slots made in waves", async () => {
    const calls = Array.from({ length: 19 }, (_call, index) => ({
      tool: "weather",
      arguments: { city: `City${index}` },
    }));
    const model = createScriptedClient([{ toolCalls: calls }, "All sunny."]);
    const run = runInProcess(defineAgent({ id: "Guide", instructions, model, tools: [weather] }), "Everywhere?");
    expect((await run.output()).output).toBe("All sunny.");
    const results = model.requests[1]?.messages.slice(2) ?? [];
    expect(results.map((message) => "result" in message && message.result)).toEqual(
      calls.map(({ arguments: { city } }) => `Sunny in ${city}`),
    );
    expect(model.requests).toHaveLength(2);
  });

  it("ends at its limit of turns before it runs tools, or asks a person to go on", async () => {
    const ran: string[] = [];
    const note = defineTool({
      name: "note",
      description: "Notes",
      input: z.object({ text: z.string() }),
      run: ({ text }) => void ran.push(text),
    });
    const model = () =>
      createScriptedClient([
        { toolCalls: [{ tool: "note", arguments: { text: "one" } }] },
        { toolCalls: [{ tool: "note", arguments: { text: "two" } }] },
        "Done.",
      ]);
    const strict = defineAgent({ id: "Strict", instructions, model: model(), tools: [note], maxTurns: 2 });
    expect((await runInProcess(strict, "Note").wait()).error).toMatchObject({
      code: "AGENT_TURN_LIMIT",
      message:
        'Agent "Strict" is not done after 2 turns, as many as its limit allows. Raise maxTurns, or set onLimit to "ask".',
    });
    expect(ran).toEqual(["one"]);

    const polite = () =>
      defineAgent({ id: "Polite", instructions, model: model(), tools: [note], maxTurns: 2, onLimit: "ask" });
    const run = runInProcess(polite(), "Note");
    const { request, respond } = await run.nextRequest("GoOn");
    expect(request).toMatchObject({ agent: "Polite", reached: "maxTurns", turns: 2 });
    await respond({ approved: true, turns: 1 });
    expect((await run.output()).output).toBe("Done.");
    expect(ran).toEqual(["one", "one", "two"]);

    const stopped = runInProcess(polite(), "Note");
    await (await stopped.nextRequest("GoOn")).respond({ approved: false });
    expect((await stopped.wait()).error).toMatchObject({ code: "AGENT_STOPPED", retryable: false });
  });

  it("ends at its limit of tokens", async () => {
    const usage = { inputTokens: 60, outputTokens: 40 };
    const model = createScriptedClient([{ toolCalls: [{ tool: "weather", arguments: { city: "Turin" } }], usage }]);
    const agent = defineAgent({ id: "Dear", instructions, model, tools: [weather], maxTokens: 100 });
    expect((await runInProcess(agent, "Weather?").wait()).error).toMatchObject({
      code: "AGENT_TOKEN_LIMIT",
      message: 'Agent "Dear" is not done after 100 tokens; its limit is 100. Raise maxTokens, or set onLimit to "ask".',
    });
  });

  it("asks a person for more tokens, as many as it had at first unless the person says how many", async () => {
    const usage = { inputTokens: 60, outputTokens: 40 };
    const call = { toolCalls: [{ tool: "weather", arguments: { city: "Turin" } }], usage };
    const model = createScriptedClient([call, call, call, "Sunny."]);
    const agent = defineAgent({ id: "Dear", instructions, model, tools: [weather], maxTokens: 100, onLimit: "ask" });
    const run = runInProcess(agent, "Weather?");
    const first = await run.nextRequest("GoOn");
    expect(first.request).toEqual({ agent: "Dear", reached: "maxTokens", turns: 1, inputTokens: 60, outputTokens: 40 });
    await first.respond({ approved: true });
    const second = await run.nextRequest("GoOn");
    expect(second.request).toMatchObject({ turns: 2, inputTokens: 120, outputTokens: 80 });
    await second.respond({ approved: true, tokens: 150 });
    expect((await run.output()).output).toBe("Sunny.");
  });

  it("takes a value of its own schema, and asks by its prompt, in words or as a conversation", async () => {
    const model = createScriptedClient(({ messages }) => messages.map(({ role }) => role).join());
    const input = z.object({ topic: z.string() });
    const words = defineAgent({ id: "Words", instructions, model, input, prompt: ({ topic }) => `About ${topic}` });
    expect(await runInProcess(words, { topic: "bees" }).output()).toMatchObject({ text: "user" });
    expect(model.requests[0]?.messages).toMatchObject([{ role: "user", content: "About bees" }]);
    const talk = defineAgent({
      id: "Talk",
      instructions,
      model,
      input,
      prompt: async ({ topic }) => [
        { role: "user", content: "Hello" },
        { role: "assistant", content: "Hello!", author: "Talk" },
        { role: "user", content: topic },
      ],
    });
    expect(await runInProcess(talk, { topic: "bees" }).output()).toMatchObject({ text: "user,assistant,user" });
    await expect(runInProcess(words, { subject: "bees" } as never).output()).rejects.toMatchObject({
      code: "RUN_INPUT_INVALID",
    });
  });

  it("has instructions that may depend on the run", async () => {
    const model = createScriptedClient(["Hello."]);
    const agent = defineAgent({ id: "Told", instructions: async ({ runId, agent: id }) => `${id} in ${runId}`, model });
    await runInProcess(agent, "Hi", { runId: "r-1" }).output();
    expect(model.requests[0]?.instructions).toBe("Told in r-1");
  });

  it("fails for an answer that was cut off or refused, and tells nobody it was complete", async () => {
    const model = createScriptedClient([
      { text: "Heat is", finishReason: "length" },
      { text: "", finishReason: "refused" },
    ]);
    const agent = defineAgent({ id: "Physicist", instructions, model });
    expect((await runInProcess(agent, "Heat?").wait()).error).toMatchObject({ code: "MODEL_ANSWER_CUT" });
    const { error, usage } = await runInProcess(agent, "Heat?").wait();
    expect(error).toMatchObject({ code: "MODEL_CALL_REFUSED" });
    expect(usage?.modelCalls).toBe(1);
  });

  it("denies a call that nobody answers in time", async () => {
    const slow = defineTool({
      name: "slow",
      description: "Waits for a person",
      input: z.object({}),
      needsApproval: true,
      approvalTimeoutMs: 5,
      run: () => "never",
    });
    const model = createScriptedClient([{ toolCalls: [{ tool: "slow", arguments: {} }] }, "I see."]);
    await runInProcess(defineAgent({ id: "Clerk", instructions, model, tools: [slow] }), "Go").output();
    expect(model.requests[1]?.messages.at(-1)).toMatchObject({
      result: "A person denied this call: Nobody answered in time.",
      isError: true,
    });
  });

  it("asks a person only for the arguments that need it", async () => {
    const pay = defineTool({
      name: "pay",
      description: "Pays",
      input: z.object({ euros: z.number() }),
      needsApproval: ({ euros }) => euros > 100,
      run: ({ euros }) => `paid ${euros}`,
    });
    const model = createScriptedClient([{ toolCalls: [{ tool: "pay", arguments: { euros: 20 } }] }, "Paid."]);
    const run = runInProcess(defineAgent({ id: "Clerk", instructions, model, tools: [pay] }), "Pay");
    expect((await run.output()).output).toBe("Paid.");
  });

  it("refuses an edit that does not fit the tool, and goes on waiting", async () => {
    const model = createScriptedClient([{ toolCalls: [{ tool: "forget", arguments: { customer: "Ada" } }] }, "Done."]);
    const run = runInProcess(defineAgent({ id: "Clerk", instructions, model, tools: [forget] }), "Forget Ada");
    const { respond } = await run.nextRequest("approve_forget");
    await expect(respond({ approved: true, arguments: { customer: 7 } as never })).rejects.toMatchObject({
      code: "PORT_RESPONSE_INVALID",
      issues: [{ pointer: "/arguments/customer" }],
    });
    await respond({ approved: true });
    expect((await run.output()).output).toBe("Done.");
  });

  it.each([
    ["two tools of one name", { tools: [weather, { ...weather, name: "Weather" }] }],
    ["a tool with a reserved name", { tools: [{ ...weather, name: "nextturn" }] }],
    ["a limit below 1", { maxTurns: 0 }],
  ])("is refused with %s", (_what, more) => {
    const model = createScriptedClient([]);
    expect(() => defineAgent({ id: "Wrong", instructions, model, ...(more as object) })).toThrow(
      expect.objectContaining({ code: "AGENT_INVALID" }),
    );
  });
});

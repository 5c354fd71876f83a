import { describe, expect, it } from "vitest";
import { z } from "zod";
import { runInProcess } from "../index.ts";
import { createScriptedClient, defineAgent, defineTool } from "./index.ts";

const weather = defineTool({
  name: "weather",
  description: "Tells the weather of a city",
  input: z.object({ city: z.string() }),
  run: ({ city }) => `Sunny in ${city}`,
});
const forget = defineTool({
  name: "forget",
  description: "Deletes a customer",
  input: z.object({ customer: z.string() }),
  needsApproval: true,
  run: ({ customer }) => ({ deleted: customer }),
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
    expect(request).toMatchObject({ agent: "Clerk", tool: "forget", arguments: { customer: "Ada" } });
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
});

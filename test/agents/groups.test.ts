import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  agentAsTool,
  agentResponse,
  asAgent,
  type ChatRequest,
  concurrent,
  createScriptedClient,
  defineAgent,
  defineTool,
  groupChat,
  handoff,
  nextSpeaker,
  sequential,
} from "../../src/agents/index.ts";
import { defineExecutor, runInProcess, toMermaid, WorkflowBuilder } from "../../src/index.ts";
import { forget, lastOf } from "../support/agent-parts.ts";

/** A schema that takes everything, and says of itself what it is told to. */
const jsonSchemaOf = (jsonSchema: Record<string, unknown>) => ({
  "~standard": {
    version: 1 as const,
    vendor: "test",
    validate: (value: unknown) => ({ value }),
    jsonSchema: { input: () => jsonSchema, output: () => jsonSchema },
  },
});

/** Says its own name and how many messages it read. */
const speaker = <const Id extends string>(id: Id, description = "") =>
  defineAgent({
    id,
    description,
    instructions: `You are ${id}.`,
    model: createScriptedClient(({ messages }) => `${id} read ${messages.length}`),
  });
const [ada, bob, cleo] = [speaker("Ada"), speaker("Bob"), speaker("Cleo")];

describe("agents in sequence", () => {
  it("read the whole conversation so far, each with the words of the others under their names", async () => {
    const requests: ChatRequest[] = [];
    const reader = defineAgent({
      id: "Reader",
      instructions: "",
      model: createScriptedClient((request) => {
        requests.push(request);
        return "read";
      }),
    });
    const response = await runInProcess(sequential("Line", [ada, bob, reader]), "Hello").output();
    expect(response).toMatchObject({ agent: "Reader", output: "read" });
    expect(
      requests[0]?.messages.map(({ role, ...message }) => [role, "content" in message && message.content]),
    ).toEqual([
      ["user", "Hello"],
      ["user", "Ada: Ada read 1"],
      ["user", "Bob: Bob read 2"],
    ]);
    expect(response.messages.map(({ author }) => author)).toEqual([undefined, "Ada", "Bob", "Reader"]);
  });
});

describe("groups of agents", () => {
  it("are ordinary graphs, which can be drawn", () => {
    expect(toMermaid(handoff("Desk", ada, [{ from: ada, to: [bob] }]))).toBe(
      [
        "flowchart TD",
        '  subgraph n0["Ada"]',
        '    n0_n0[["Turn"]]',
        "  end",
        '  n1[["Route"]]',
        '  subgraph n2["Bob"]',
        '    n2_n0[["Turn"]]',
        "  end",
        "  n0_n0 --> n1",
        "  n1 --> n0_n0",
        "  n2_n0 --> n1",
        "  n1 --> n2_n0",
        "",
      ].join("\n"),
    );
  });
});

describe("each kind of group", () => {
  const line = sequential("Group", [ada, bob]);
  it.each([
    ["in sequence", line, ["Ada", "Bob"]],
    ["at the same time", concurrent("Group", [ada, bob]), ["Question", "Ada", "Bob", "Answers"]],
    ["with handoffs", handoff("Group", ada, [{ from: ada, to: [bob] }]), ["Ada", "Route", "Bob"]],
    ["a chat", groupChat("Group", [ada, bob], { maxRounds: 2 }), ["Open", "Moderator", "Ada", "Bob"]],
    ["a workflow as an agent", asAgent(line, { id: "Panel" }), ["Read", "Group", "Answer"]],
  ])("compiles to a graph of executors and draws like any other: %s", (_how, group, executors) => {
    expect(group.plan.executors.map(({ id }) => id)).toEqual(executors);
    for (const id of executors) expect(toMermaid(group)).toContain(`"${id}"`);
  });
});

describe("agents at the same time", () => {
  it("give their answers in their order", async () => {
    const answers = await runInProcess(concurrent("Both", [ada, bob]), "Hello").output();
    expect(answers.map(({ output }) => output)).toEqual(["Ada read 1", "Bob read 1"]);
  });

  it("are joined by an executor, or by an agent that reads the last words of each", async () => {
    const join = defineExecutor({
      id: "Join",
      input: z.tuple([agentResponse(), agentResponse()]),
      output: z.string(),
      handle: (responses) => responses.map(({ agent }) => agent).join(" & "),
    });
    expect(await runInProcess(concurrent("Joined", [ada, bob], { aggregator: join }), "Hello").output()).toBe(
      "Ada & Bob",
    );
    const judge = defineAgent({
      id: "Judge",
      instructions: "",
      model: createScriptedClient(({ messages }) => messages.map((one) => "content" in one && one.content).join(" / ")),
    });
    const judged = await runInProcess(concurrent("Judged", [ada, bob], { aggregator: judge }), "Hello").output();
    expect(judged.output).toBe("Ada: Ada read 1 / Bob: Bob read 1");
  });
});

describe("a handoff", () => {
  const triage = (target: string | undefined) =>
    defineAgent({
      id: "Triage",
      instructions: "",
      model: createScriptedClient((request) =>
        target === undefined || request.tools.length === 0
          ? "I keep it."
          : { toolCalls: [{ tool: `handoff_to_${target}`, arguments: {} }] },
      ),
    });
  const refunds = speaker("Refunds", "For money that has to go back.");
  const support = speaker("Support", "For everything else.");

  it("is the agent's own choice, and the next agent answers", async () => {
    const desk = triage("Refunds");
    const workflow = handoff("Desk", desk, [{ from: desk, to: [refunds, support] }]);
    const run = runInProcess(workflow, "My money, please");
    expect(await run.output()).toMatchObject({ agent: "Refunds", output: "Refunds read 1" });
    expect(workflow.plan.executors.map(({ id }) => id)).toEqual(["Triage", "Route", "Refunds", "Support"]);
  });

  it("need not be: an agent that keeps the conversation answers", async () => {
    const desk = triage(undefined);
    const run = runInProcess(handoff("Desk", desk, [{ from: desk, to: [refunds] }]), "Hello");
    expect(await run.output()).toMatchObject({ agent: "Triage", output: "I keep it." });
  });

  const broken = defineTool({
    name: "broken",
    description: "Fails",
    input: z.object({}),
    run: () => {
      throw new Error("out of order");
    },
  });
  const called = (message: unknown) => (message as { result?: unknown }).result;

  it("waits for what else was called with it, however that ends, and leaves no call without a result", async () => {
    const model = createScriptedClient([
      {
        text: "I forget her, and Refunds goes on.",
        toolCalls: [
          { tool: "forget", arguments: { customer: "Ada" } },
          { tool: "handoff_to_Refunds", arguments: {} },
          { tool: "broken", arguments: {} },
          { tool: "nothing", arguments: {} },
          { tool: "handoff_to_Support", arguments: {} },
        ],
      },
      "Back again.",
    ]);
    const desk = defineAgent({ id: "Desk", instructions: "", model, tools: [forget, broken], maxTurns: 1 });
    const back = defineAgent({
      id: "Refunds",
      instructions: "",
      model: createScriptedClient(() => ({ text: "Yours.", toolCalls: [{ tool: "handoff_to_Desk", arguments: {} }] })),
    });
    const workflow = handoff("Counter", desk, [
      { from: desk, to: [back, support] },
      { from: back, to: [desk] },
    ]);
    const run = runInProcess(workflow, "Forget me");
    const { requestId } = await run.nextRequest("approve_forget" as never);
    await run.respond({ requestId }, { approved: true, arguments: { customer: "Adam" } });
    expect(await run.output()).toMatchObject({ agent: "Desk", output: "Back again." });
    const [, asked, ...rest] = model.requests[1]?.messages ?? [];
    expect(asked).toMatchObject({
      role: "assistant",
      toolCalls: [{ arguments: { customer: "Adam" } }, {}, {}, {}, {}],
    });
    expect(rest.slice(0, 5).map(called)).toEqual([
      { deleted: "Adam" },
      "The conversation is handed over to Refunds.",
      "The tool failed: out of order",
      'There is no tool "nothing".',
      "Not done: The conversation is handed over to Refunds.",
    ]);
    expect(rest.slice(5)).toMatchObject([{ role: "user", content: "Refunds: Yours." }]);
  });

  it("is for agents that answer in a shape of their own, too", async () => {
    const model = createScriptedClient([{ toolCalls: [{ tool: "handoff_to_Support", arguments: {} }] }]);
    const shaped = defineAgent({ id: "Shaped", instructions: "", model, output: z.object({ sum: z.number() }) });
    const run = runInProcess(handoff("Shapes", shaped, [{ from: shaped, to: [support] }]), "Hello");
    expect(await run.output()).toMatchObject({ agent: "Support", output: "Support read 1" });
  });

  it("ends with an error when agents hand over without end", async () => {
    const forward = <const Id extends string>(id: Id, to: string) =>
      defineAgent({
        id,
        instructions: "",
        model: createScriptedClient(() => ({ toolCalls: [{ tool: `handoff_to_${to}`, arguments: {} }] })),
      });
    const [one, other] = [forward("One", "Other"), forward("Other", "One")];
    const workflow = handoff(
      "Loop",
      one,
      [
        { from: one, to: [other] },
        { from: other, to: [one] },
      ],
      { maxHandoffs: 3 },
    );
    expect((await runInProcess(workflow, "Hello").wait()).error).toMatchObject({
      code: "AGENT_HANDOFF_LIMIT",
      message:
        'Agent "Other" hands over once more, and workflow "Loop" allows 3 handoffs. Tell the agents when to keep the conversation, or raise maxHandoffs.',
    });
  });
});

describe("a group chat", () => {
  it("goes round until its rounds are used up, and says so", async () => {
    const run = runInProcess(groupChat("Chat", [ada, bob], { maxRounds: 3 }), "Hello");
    const result = await run.output();
    expect(result.messages.map(({ author }) => author)).toEqual([undefined, "Ada", "Bob", "Ada"]);
    expect(result).toMatchObject({ rounds: 3, endedBy: "maxRounds", text: "Ada read 3" });
  });

  it("ends when its condition holds", async () => {
    const until = async ({ messages }: { messages: readonly unknown[] }) => messages.length > 2;
    const result = await runInProcess(groupChat("Chat", [ada, bob, cleo], { maxRounds: 9, until }), "Hello").output();
    expect(result).toMatchObject({ rounds: 2, endedBy: "until" });
  });

  it("lets an agent say who speaks next", async () => {
    const manager = defineAgent({
      id: "Chair",
      instructions: "",
      output: nextSpeaker,
      model: createScriptedClient((request) => {
        const asked = lastOf(request);
        expect(asked).toMatchObject({ content: "Who speaks next? The participants are: Ada, Bob." });
        return { output: { next: request.messages.length > 2 ? null : "Bob" } };
      }),
    });
    const result = await runInProcess(groupChat("Chaired", [ada, bob], { maxRounds: 9, manager }), "Hello").output();
    expect(result).toMatchObject({ rounds: 1, endedBy: "manager", text: "Bob read 1" });
  });

  it("fails when its manager names somebody who is not there", async () => {
    const run = runInProcess(groupChat("Chat", [ada], { maxRounds: 2, manager: () => "Zoe" }), "Hello");
    expect((await run.wait()).error).toMatchObject({ code: "SELECTION_INVALID" });
  });
});

describe("an agent as a tool", () => {
  const clerk = defineAgent({
    id: "Clerk",
    instructions: "",
    model: createScriptedClient((request) =>
      lastOf(request)?.role === "tool" ? "Done." : { toolCalls: [{ tool: "forget", arguments: { customer: "Ada" } }] },
    ),
    tools: [forget],
  });
  const boss = defineAgent({
    id: "Boss",
    instructions: "",
    model: createScriptedClient((request) => {
      const last = lastOf(request);
      if (last?.role === "tool") return `The clerk says: ${JSON.stringify(last.result)}`;
      return { toolCalls: [{ tool: "ask_Clerk", arguments: { task: "Forget Ada" } }] };
    }),
    tools: [agentAsTool(clerk, { description: "Keeps the files" })],
  });

  it("works in a frame of its own, asks its own approvals, and its output is the result", async () => {
    const run = runInProcess(boss, "Clean up");
    const { requestId, request } = await run.nextRequest("approve_forget" as never);
    expect(requestId).toMatch(/^clerk~1~approve_forget-1-/);
    expect(request).toMatchObject({ agent: "Clerk", tool: "forget", arguments: { customer: "Ada" } });
    await run.respond({ requestId }, { approved: true });
    expect((await run.output()).output).toBe('The clerk says: "Done."');
    expect((await run.status()).usage?.modelCalls).toBe(4);
  });

  it("that fails is told to the model, and the run goes on", async () => {
    const broken = defineAgent({
      id: "Broken",
      instructions: "",
      model: createScriptedClient([]),
      retry: { maxAttempts: 1, firstDelayMs: 0 },
    });
    const caller = defineAgent({
      id: "Caller",
      instructions: "",
      model: createScriptedClient((request) => {
        const last = lastOf(request);
        if (last?.role === "tool") return String(last.result);
        return { toolCalls: [{ tool: "ask_Broken", arguments: { task: "Anything" } }] };
      }),
      tools: [agentAsTool(broken)],
    });
    const { output } = await runInProcess(caller, "Go").output();
    expect(output).toMatch(/^The tool failed: The script has 0 answers, and this is question 1/);
  });
});

describe("a workflow as a tool", () => {
  const usage = { modelCalls: 0, inputTokens: 0, outputTokens: 0 };
  const answering = (answer: (reference: string) => object) => {
    const reply = defineExecutor({
      id: "Reply",
      input: z.object({ reference: z.string() }),
      output: z.any(),
      handle: ({ reference }) => answer(reference),
    });
    return new WorkflowBuilder("Hotline", reply).build();
  };
  const calling = (workflow: unknown) => {
    const model = createScriptedClient((request) => {
      const last = lastOf(request);
      if (last?.role === "tool") return String(last.result);
      return { toolCalls: [{ tool: "ask_Hotline", arguments: { task: "Anything" } }] };
    });
    return defineAgent({ id: "Caller", instructions: "", model, tools: [agentAsTool(workflow as never)] });
  };

  it("that answers in another shape is told to the model as a tool that failed, and the run goes on", async () => {
    const run = runInProcess(calling(answering((reference) => ({ reference, say: "hello" }))), "Go");
    expect((await run.output()).text).toMatch(
      /^The tool failed: The message to executor "ask_Hotline_answer" does not fit its schema: "\/agent"/,
    );
    const failed = [];
    for await (const event of run.events()) if (event.type === "emitted") failed.push([event.name, event.data]);
    expect(failed).toMatchObject([["toolFailed", { tool: "ask_Hotline", code: "EXECUTOR_INPUT_INVALID" }]]);
  });

  const said = (text: string) => ({ agent: "Hotline", text, output: text, messages: [], usage, turns: 0 });

  it("that does not say which call it answers is asked in a frame of its own, so that is known", async () => {
    expect((await runInProcess(calling(answering(() => said("hello"))), "Go").output()).text).toBe("hello");
  });

  it("that answers twice has its first answer taken", async () => {
    const twice = defineExecutor({
      id: "Twice",
      input: z.any(),
      yields: z.any(),
      handle(_asked, { yieldOutput }) {
        yieldOutput(said("first"));
        yieldOutput(said("second"));
      },
    });
    const run = runInProcess(calling(new WorkflowBuilder("Hotline", twice).build()), "Go");
    expect(await run.outputs()).toMatchObject([{ text: "first" }]);
    const told = [];
    for await (const event of run.events()) if (event.type === "emitted") told.push([event.name, event.data]);
    expect(told).toEqual([["toolCalled", { tool: "ask_Hotline", result: "first" }]]);
  });

  it("that ends without an answer is told to the model, and no run ends as if nothing had been asked", async () => {
    const reply = defineExecutor({ id: "Reply", input: z.any(), output: z.string(), handle: () => "unheard" });
    const never = defineExecutor({ id: "Never", input: z.string(), output: z.any(), handle: (text) => text });
    const silent = new WorkflowBuilder("Hotline", reply)
      .addEdge(reply, never, { when: () => false })
      .withOutputFrom(never)
      .build();
    const { status, output } = await runInProcess(calling(silent), "Go").wait();
    expect([status, output]).toMatchObject([
      "Completed",
      {
        text: 'The tool failed: Workflow "Hotline" ended without an answer, and it is the tool of an agent. Let every way through it end in an agent, or in an executor that gives an output.',
      },
    ]);
  });

  it.each([["object", "null"], ["object"]])(
    "may give what a JSON Schema allows to be an object, in a list of types, too: %j, %j",
    (...type) => {
      const reply = defineExecutor({
        id: "Reply",
        input: z.any(),
        output: jsonSchemaOf({ type }),
        handle: (text) => text,
      });
      expect(agentAsTool(new WorkflowBuilder("Hotline", reply).build() as never).name).toBe("ask_Hotline");
    },
  );

  it("is refused where a list of types has no object in it", () => {
    const output = jsonSchemaOf({ type: ["string", "null"] });
    const reply = defineExecutor({ id: "Reply", input: z.any(), output, handle: (text) => text });
    expect(() => agentAsTool(new WorkflowBuilder("Hotline", reply).build() as never)).toThrow(
      /^Workflow "Hotline" cannot be a tool: its executor "Reply" gives string or null, and no answer of an agent\. /,
    );
  });

  it.each([
    ["a group chat", groupChat("Group", [ada, bob], { maxRounds: 2 }), "Moderator", "an object of another shape"],
    ["agents at the same time without an aggregator", concurrent("Group", [ada, bob]), "Answers", "array"],
    [
      "a sequence that ends in such a group",
      sequential("Group", [ada, concurrent("Both", [bob, cleo]) as never]),
      "Both",
      "array",
    ],
  ])("is refused where it does not end in one answer: %s", (_what, group, executor, given) => {
    expect(() => agentAsTool(group as never)).toThrow(
      expect.objectContaining({
        code: "AGENT_INVALID",
        message: `Workflow "Group" cannot be a tool: its executor "${executor}" gives ${given}, and no answer of an agent. Let it end in one agent, as the aggregator of concurrent does, or make an agent of it with asAgent.`,
      }),
    );
  });
});

describe("a workflow as an agent", () => {
  const shout = defineExecutor({
    id: "Shout",
    input: z.object({ text: z.string() }),
    output: z.object({ loud: z.string() }),
    handle: ({ text }) => ({ loud: text.toUpperCase() }),
  });
  const shouting = new WorkflowBuilder("Shouting", shout).withOutputFrom(shout).build();
  const shouter = asAgent(shouting, {
    id: "Shouter",
    toInput: (text) => ({ text }),
    toText: ({ loud }) => loud,
  });

  it("answers the last words of a conversation, and takes part in groups", async () => {
    expect(await runInProcess(shouter, "hello").output()).toMatchObject({
      agent: "Shouter",
      output: { loud: "HELLO" },
      text: "HELLO",
      messages: [{ content: "hello" }, { role: "assistant", content: "HELLO", author: "Shouter" }],
    });
    const line = await runInProcess(sequential("Line", [ada, shouter]), "Hello").output();
    expect(line.output).toEqual({ loud: "ADA READ 1" });
  });

  it("gives an answer for each output, and its first one as the result of a tool", async () => {
    const count = defineExecutor({
      id: "Count",
      input: z.string(),
      yields: z.string(),
      handle: (text, { yieldOutput }) => {
        yieldOutput(`${text} one`);
        yieldOutput(`${text} two`);
      },
    });
    const counter = asAgent(new WorkflowBuilder("Counting", count).build(), { id: "Counter" });
    const outputs = await runInProcess(counter, "say").outputs();
    expect(outputs.map(({ text }) => text)).toEqual(["say one", "say two"]);
    const model = createScriptedClient(({ messages }) => {
      const told = messages.flatMap((message) => (message.role === "tool" ? [message.result] : []));
      if (told.length === 2) return told.join(", ");
      return { toolCalls: [{ tool: "ask_Counter", arguments: { task: `task ${told.length + 1}` } }] };
    });
    const asking = defineAgent({ id: "Asking", instructions: "", model, tools: [agentAsTool(counter)] });
    expect(await runInProcess(asking, "Go").outputs()).toMatchObject([{ text: "task 1 one, task 2 one" }]);
    expect(model.requests).toHaveLength(3);
  });

  it("fails where the workflow ends without an output, and the agent whose tool it is goes on", async () => {
    const silent = defineExecutor({ id: "Silent", input: z.string(), output: z.string(), handle: () => "unheard" });
    const never = defineExecutor({ id: "Never", input: z.string(), output: z.string(), handle: (text) => text });
    const silence = new WorkflowBuilder("Silence", silent)
      .addEdge(silent, never, { when: () => false })
      .withOutputFrom(never)
      .build();
    const mute = asAgent(silence, { id: "Mute" });
    expect((await runInProcess(mute, "Hello").wait()).error).toMatchObject({
      code: "AGENT_WITHOUT_ANSWER",
      message:
        'Workflow "Silence" ended without an output, so agent "Mute" has nothing to answer. Let every way through it end in an executor that gives an output.',
    });
    const model = createScriptedClient((request) => {
      const last = lastOf(request);
      if (last?.role === "tool") return String(last.result);
      return { toolCalls: [{ tool: "ask_Mute", arguments: { task: "Anything" } }] };
    });
    const asking = defineAgent({ id: "Asking", instructions: "", model, tools: [agentAsTool(mute)] });
    const { text } = await runInProcess(asking, "Go").output();
    expect(text).toMatch(/^The tool failed: Workflow "Silence" ended without an output/);
  });
});

describe("a group as a tool", () => {
  const giver = defineAgent({
    id: "Giver",
    instructions: "",
    model: createScriptedClient(() => ({ toolCalls: [{ id: "c", tool: "handoff_to_Bob", arguments: {} }] })),
  });
  const groups = [
    ["in sequence", sequential("Group", [ada, bob]), "Bob read 2"],
    ["at the same time, with an aggregator", concurrent("Group", [ada, bob], { aggregator: cleo }), "Cleo read 2"],
    ["after a handoff", handoff("Group", giver, [{ from: giver, to: [bob] }]), "Bob read 1"],
    [
      "in a workflow that is an agent",
      asAgent(concurrent("Inner", [ada, bob]), { id: "Group", toText: (all) => String(all.length) }),
      expect.arrayContaining([expect.objectContaining({ output: "Bob read 1" })]),
    ],
  ] as const;
  it.each(groups)("answers the call it was asked by: %s", async (_how, member, result) => {
    const model = createScriptedClient((request) =>
      lastOf(request)?.role === "tool"
        ? "done"
        : { toolCalls: [{ id: "call", tool: "ask_Group", arguments: { task: "Go" } }] },
    );
    const asking = defineAgent({
      id: "Asking",
      instructions: "",
      model,
      tools: [agentAsTool(member as unknown as typeof ada)],
    });
    const { messages, text } = await runInProcess(asking, "Hello").output();
    expect(text).toBe("done");
    expect(messages.find(({ role }) => role === "tool")).toMatchObject({ toolCallId: "call", result });
  });
});

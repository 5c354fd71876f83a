import { z } from "zod";
import {
  agentAsTool,
  agentResponse,
  type ChatRequest,
  concurrent,
  createScriptedClient,
  defineAgent,
  defineTool,
  groupChat,
  handoff,
  sequential,
} from "../../src/agents/index.ts";
import { defineExecutor, defineState, WorkflowBuilder } from "../../src/index.ts";
import { lastOf, wipe } from "../support/agent-parts.ts";

/** Workflows of agents. Their models answer by what they are asked, so they keep nothing between two calls. */

const usage = { inputTokens: 10, outputTokens: 5 };
const toldBy = (request: ChatRequest) => {
  const message = lastOf(request);
  return message?.role === "tool" ? message.result : undefined;
};

const echo = <const Id extends string>(id: Id) =>
  defineAgent({
    id,
    instructions: `You are ${id}.`,
    model: createScriptedClient((request) => {
      const asked = lastOf(request);
      return { text: `${id} on ${asked?.role === "user" ? asked.content : ""}`, usage };
    }),
  });

const start = defineExecutor({ id: "Start", input: z.string(), output: z.string(), handle: (text) => text });
const left = echo("LeftAgent");
const right = echo("RightAgent");
const join = defineExecutor({
  id: "JoinAnswers",
  input: z.tuple([agentResponse(), agentResponse()]),
  output: z.string(),
  handle: (answers) => answers.map(({ output }) => output).join(" | "),
});
const agentsInParallel = new WorkflowBuilder("AgentsInParallel", start)
  .addFanOut(start, [left, right])
  .addFanIn([left, right], join)
  .withOutputFrom(join)
  .build();

const add = defineTool({
  name: "add",
  description: "Adds",
  input: z.object({ one: z.number(), other: z.number() }),
  run: ({ one, other }) => one + other,
});
const flaky = defineTool({
  name: "flaky",
  description: "Works at the second attempt",
  input: z.object({}),
  retry: { maxAttempts: 2, firstDelayMs: 1 },
  run: (_input, { attempt }) => {
    if (attempt === 1) throw new Error("Not yet.");
    return "worked";
  },
});
const calculator = defineAgent({
  id: "Calculator",
  instructions: "You add.",
  tools: [add, flaky],
  output: z.object({ sum: z.number() }),
  model: createScriptedClient((request) => {
    const results = request.messages.flatMap((message) => (message.role === "tool" ? [message.result] : []));
    if (results.length === 0) {
      const toolCalls = [
        { tool: "add", arguments: { one: 2, other: 3 } },
        { tool: "flaky", arguments: {} },
        { tool: "add", arguments: { one: 4, other: 5 } },
      ];
      return { toolCalls, usage };
    }
    // The first answer has the wrong shape, so that it is asked for once more.
    const isRepair = lastOf(request)?.role === "user";
    return { output: isRepair ? { sum: Number(results[0]) + Number(results[2]) } : { total: results }, usage };
  }),
});
const agentWithTools = new WorkflowBuilder("AgentWithTools", start)
  .addEdge(start, calculator)
  .withOutputFrom(calculator)
  .build();

const cleaner = defineAgent({
  id: "Cleaner",
  instructions: "You clean up.",
  tools: [wipe],
  model: createScriptedClient((request) => {
    const told = toldBy(request);
    const calls = request.messages.flatMap((message) =>
      message.role === "assistant" ? (message.toolCalls ?? []) : [],
    );
    if (told === undefined) return { toolCalls: [{ tool: "wipe", arguments: { file: "a.txt" } }], usage };
    return { text: `${String(told)}; asked for ${JSON.stringify(calls.map((one) => one.arguments))}`, usage };
  }),
});
const agentAsks = new WorkflowBuilder("AgentAsks", start).addEdge(start, cleaner).withOutputFrom(cleaner).build();

const delegate = defineAgent({
  id: "Delegate",
  instructions: "You have others do it.",
  tools: [agentAsTool(left, { description: "Knows the left" })],
  model: createScriptedClient((request) => {
    const told = toldBy(request);
    if (told !== undefined) return { text: `told: ${String(told)}`, usage };
    return { toolCalls: [{ tool: "ask_LeftAgent", arguments: { task: "look left" } }], usage };
  }),
});

const limited = defineAgent({
  id: "NeverEnds",
  instructions: "You never end.",
  tools: [add],
  maxTurns: 2,
  model: createScriptedClient(() => ({ toolCalls: [{ tool: "add", arguments: { one: 1, other: 1 } }], usage })),
});

/** Says all it was asked so far, and how many messages it was sent for that. */
const diary = defineAgent({
  id: "Diary",
  instructions: "You remember.",
  session: true,
  model: createScriptedClient(({ messages }) => {
    const asked = messages.flatMap((message) => (message.role === "user" ? [message.content] : []));
    return { text: `${messages.length} messages: ${asked.join(", ")}`, usage };
  }),
});
const askTwice = defineExecutor({
  id: "AskTwice",
  input: z.string(),
  sends: z.string(),
  handle(text, context) {
    context.sendMessage(`${text} one`);
    context.sendMessage(`${text} two`);
  },
});
const answers = defineState({ name: "answers", schema: z.array(z.string()), initial: [] });
/** Sends the whole conversation back once, with a further question behind it. */
const askOnceMore = defineExecutor({
  id: "AskOnceMore",
  input: agentResponse(),
  sends: z.object({ messages: z.array(z.any()) }),
  yields: z.array(z.string()),
  state: { writes: [answers] },
  handle({ output, messages }, { state, sendMessage, yieldOutput }) {
    const heard = [...state.get(answers), output];
    state.set(answers, heard);
    if (heard.length === 2) sendMessage({ messages: [...messages, { role: "user", content: "three" }] });
    if (heard.length === 3) yieldOutput(heard);
  },
});
const agentRemembers = new WorkflowBuilder("AgentRemembers", askTwice)
  .addEdge(askTwice, diary)
  .addEdge(diary, askOnceMore)
  .addEdge(askOnceMore, diary)
  .withOutputFrom(askOnceMore)
  .build();

const desk = defineAgent({
  id: "Desk",
  instructions: "You send people on.",
  model: createScriptedClient(() => ({ toolCalls: [{ tool: "handoff_to_RightAgent", arguments: {} }], usage })),
});
const handover = handoff("AgentHandoff", desk, [{ from: desk, to: [left, right] }]);
const together = concurrent("AgentsTogether", [left, right], { aggregator: join });

const line = sequential("AgentLine", [left, right]);
const chat = groupChat("AgentChat", [left, right], { maxRounds: 3 });

export const agentWorkflows = [
  agentsInParallel,
  agentWithTools,
  agentAsks,
  agentRemembers,
  handover,
  together,
  delegate,
  limited,
  line,
  chat,
] as const;

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import {
  agentAsTool,
  agentResponse,
  type ChatRequest,
  concurrent,
  createScriptedClient,
  defineAgent,
  groupChat,
  nextSpeaker,
} from "../../src/agents/index.ts";
import {
  createInProcessRunner,
  createMemoryJournal,
  defineExecutor,
  defineRequestPort,
  openSqliteJournal,
  runInProcess,
  WorkflowBuilder,
  withId,
} from "../../src/index.ts";
import { serveDurably } from "../durable/support/durable-runs.ts";
import { wipe } from "../support/agent-parts.ts";

/** What a model was shown, in short: `user: …`, `assistant: …`. */
const shown = ({ messages }: ChatRequest) =>
  messages.map((message) => `${message.role}: ${"content" in message ? message.content : message.result}`);

const draftWriter = <const Id extends string>(id: Id, limit: number) => {
  const model = createScriptedClient(({ messages }) => `draft ${messages.filter(isUser).length}`);
  const writer = defineAgent({ id: `${id}Writer`, instructions: "You write.", session: true, model });
  const review = defineExecutor({
    id: "Review",
    input: agentResponse(),
    output: z.string(),
    handle: ({ text }) => (text === `draft ${limit}` ? "good" : `${text} is too long`),
  });
  const workflow = new WorkflowBuilder(id, writer)
    .addEdge(writer, review)
    .addEdge(review, writer, { when: (said) => said !== "good" })
    .withOutputFrom(review)
    .build();
  return { model, workflow };
};

const isUser = ({ role }: { readonly role: string }) => role === "user";

describe("an agent with a session", () => {
  it("knows its drafts in a loop of writer and reviewer, who sends nothing but his remarks", async () => {
    const { model, workflow } = draftWriter("Loop", 3);
    expect(await runInProcess(workflow, "Write about bees").outputs()).toEqual([
      "draft 1 is too long",
      "draft 2 is too long",
      "good",
    ]);
    expect(shown(model.requests[2] as ChatRequest)).toEqual([
      "user: Write about bees",
      "assistant: draft 1",
      "user: draft 1 is too long",
      "assistant: draft 2",
      "user: draft 2 is too long",
    ]);
  });

  it("begins anew in each run, and in each node of a workflow", async () => {
    const model = createScriptedClient(({ messages }) => `${messages.length} messages`);
    const agent = defineAgent({ id: "Anyone", instructions: "", session: true, model });
    const other = withId("Other", agent);
    const pass = defineExecutor({ id: "Pass", input: agentResponse(), output: z.string(), handle: () => "next" });
    const workflow = new WorkflowBuilder("TwoNodes", agent).addEdge(agent, pass).addEdge(pass, other).build();
    for (const _run of [1, 2]) {
      expect(await runInProcess(workflow, "first").output()).toMatchObject({ text: "1 messages" });
    }
  });

  it("goes on in a fork with the history up to there, and leaves that of the parent alone", async () => {
    const { model, workflow } = draftWriter("Forked", 2);
    const runner = await createInProcessRunner({ journal: createMemoryJournal() });
    await (await runner.start(workflow, "Write about bees", { runId: "parent" })).wait();
    const fork = await runner.fork(workflow, "parent", { atSuperstep: 3, input: "Say it in verse" });
    expect(await fork.output()).toBe("good");
    expect(shown(model.requests.at(-1) as ChatRequest)).toEqual([
      "user: Write about bees",
      "assistant: draft 1",
      "user: Say it in verse",
    ]);
  });

  it("keeps its history from one generation of a long run to the next", async () => {
    const { model, workflow } = draftWriter("Long", 9);
    const runs = await serveDurably(workflow, { generationLimits: { maxSupersteps: 4, maxChars: 1_000_000 } });
    const run = await runs.runner.start(workflow, "Write about bees", { runId: "r" });
    expect((await run.wait()).output).toBe("good");
    expect((await runs.instances.read("r", { withInput: true }))?.input).toMatchObject({
      continued: { generation: 5 },
    });
    expect(shown(model.requests.at(-1) as ChatRequest)).toHaveLength(17);
  });

  it("goes on without one in a run that was started before the agent had it", async () => {
    const build = (session: boolean) => {
      const model = createScriptedClient(({ messages }) => `${messages.length} messages`);
      const agent = defineAgent({ id: "Later", instructions: "", session, model });
      const ask = defineRequestPort({ id: "AskPerson", request: z.any(), response: z.string() });
      return new WorkflowBuilder("Redeployed", agent).addEdge(agent, ask).addEdge(ask, agent).build();
    };
    const folder = mkdtempSync(join(tmpdir(), "session-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const open = async () =>
      createInProcessRunner({ journal: await openSqliteJournal({ file: join(folder, "j.db") }) });
    const before = await open();
    await (await before.start(build(false), "one", { runId: "r" })).nextRequest("AskPerson");
    await before.close();
    const after = await open();
    await after.recover([build(true)]);
    const run = after.open(build(true), "r");
    await (await run.nextRequest("AskPerson")).respond("two");
    expect((await run.nextRequest("AskPerson")).request).toMatchObject({ text: "1 messages" });
    await after.close();
  });

  it("has the next call wait while a person looks at a tool of this one, and other nodes go on", async () => {
    const model = createScriptedClient(({ messages }) => {
      const last = messages.at(-1);
      if (last?.role === "tool") return String(last.result);
      return last?.role === "user" && last.content === "b.txt"
        ? `nothing to do for ${messages.filter(isUser).length}`
        : { toolCalls: [{ tool: "wipe", arguments: { file: "a.txt" } }] };
    });
    const cleaner = defineAgent({ id: "Cleaner", instructions: "", session: true, tools: [wipe], model });
    const both = defineExecutor({
      id: "Both",
      input: z.string(),
      sends: z.string(),
      handle(_text, { sendMessage }) {
        sendMessage("a.txt");
        sendMessage("b.txt");
      },
    });
    const aside = defineExecutor({ id: "Aside", input: z.string(), output: z.string(), handle: (text) => text });
    const workflow = new WorkflowBuilder("Waiting", both).addFanOut(both, [cleaner, aside]).build();
    const run = runInProcess(workflow, "go");
    const { respond } = await run.nextRequest("approve_wipe");
    const { executors, outputs } = await run.status();
    expect(executors.find(({ id }) => id === "Cleaner")?.calls).toBe(1);
    expect(outputs).toEqual(["a.txt", "b.txt"]);
    await respond({ approved: true });
    expect((await run.outputs()).slice(2)).toMatchObject([{ text: "a.txt is gone" }, { text: "nothing to do for 2" }]);
  });

  it("forgets a call that failed", async () => {
    const model = createScriptedClient((request) =>
      shown(request).at(-1) === "user: fail" ? { text: "", finishReason: "refused" } : shown(request).join(" | "),
    );
    const agent = defineAgent({ id: "Fragile", instructions: "", session: true, model });
    const ask = defineExecutor({
      id: "Ask",
      input: z.array(z.string()),
      sends: z.string(),
      handle: (texts, { sendMessage }) => {
        for (const text of texts) sendMessage(text);
      },
    });
    const failed = defineExecutor({ id: "Failed", input: z.unknown(), output: z.string(), handle: () => "failed" });
    const workflow = new WorkflowBuilder("Fails", ask)
      .addEdge(ask, agent)
      .addErrorEdge(agent, failed)
      .withOutputFrom(agent, failed)
      .build();
    expect(await runInProcess(workflow, ["one", "fail", "two"]).outputs()).toMatchObject([
      { text: "user: one" },
      { text: "user: one | assistant: user: one | user: two" },
      "failed",
    ]);
  });

  it("is not told again in a chat what it said and heard there", async () => {
    const model = createScriptedClient(({ agent, messages }) => `${agent} ${messages.length}`);
    const [ada, ben] = (["Ada", "Ben"] as const).map((id) =>
      defineAgent({ id, instructions: "", session: true, model }),
    );
    const chat = groupChat("SessionChat", [ada as NonNullable<typeof ada>, ben as NonNullable<typeof ben>], {
      maxRounds: 4,
    });
    const { messages } = await runInProcess(chat, "Hello").output();
    expect(messages.map((message) => "content" in message && message.content)).toEqual([
      "Hello",
      "Ada 1",
      "Ben 2",
      "Ada 3",
      "Ben 4",
    ]);
  });

  it("is not told again what others said last, nor what was asked before the first of them spoke", async () => {
    const model = createScriptedClient(({ messages }) => `${messages.length} messages`);
    const judge = defineAgent({ id: "Judge", instructions: "", session: true, model });
    const said = (id: string) => ({ agent: id, messages: [{ id, role: "assistant" as const, content: `I am ${id}` }] });
    const ask = defineExecutor({
      id: "Ask",
      input: z.string(),
      sends: z.array(z.any()),
      handle(_text, { sendMessage }) {
        sendMessage([said("Ada"), said("Ben")]);
        sendMessage([said("Ada"), said("Cleo")]);
      },
    });
    const judged = new WorkflowBuilder("JudgedTwice", ask).addEdge(ask, judge).build();
    // Ada, Ben and the answer; then Cleo alone.
    expect(await runInProcess(judged, "go").outputs()).toMatchObject([{ text: "2 messages" }, { text: "4 messages" }]);

    const chairModel = createScriptedClient(({ messages }) => ({
      output: { next: messages.length > 2 ? null : "Ada" },
    }));
    const chair = defineAgent({ id: "Chair", instructions: "", session: true, output: nextSpeaker, model: chairModel });
    const ada = defineAgent({ id: "Ada", instructions: "", model: createScriptedClient(["Hello."]) });
    await runInProcess(groupChat("ChairedChat", [ada], { maxRounds: 2, manager: chair }), "Begin").output();
    expect(shown(chairModel.requests[1] as ChatRequest)).toEqual([
      "user: Begin",
      "user: Who speaks next? The participants are: Ada.",
      'assistant: {"next":"Ada"}',
      "user: Ada: Hello.",
      "user: Who speaks next? The participants are: Ada.",
    ]);
    const pair = await runInProcess(concurrent("Pair", [judge, withId("Other", judge)]), "Same?").output();
    expect(pair.map(({ messages }) => messages[0]?.id)).toEqual(["Question-1-1-q1", "Question-1-1-q1"]);
  });

  it("does not hear twice what its answer was to be repaired by", async () => {
    const model = createScriptedClient(({ messages }) =>
      messages.filter(isUser).length === 1 ? "no number" : { output: messages.length },
    );
    const counter = defineAgent({ id: "Counter", instructions: "", session: true, output: z.number(), model });
    const again = defineExecutor({
      id: "Again",
      input: agentResponse(z.number()),
      sends: z.object({ messages: z.array(z.any()) }),
      yields: z.number(),
      handle: ({ output, messages }, { sendMessage, yieldOutput }) =>
        output > 3 ? yieldOutput(output) : sendMessage({ messages: [...messages, { role: "user", content: "more" }] }),
    });
    const workflow = new WorkflowBuilder("Repaired", counter).addEdge(counter, again).addEdge(again, counter).build();
    // Question, wrong answer, what was wrong with it, right answer, and the second question.
    expect(await runInProcess(workflow, "Count").output()).toBe(5);
  });

  it("that is a tool remembers the calls of the agent that asks it, for as long as that answers", async () => {
    const helper = createScriptedClient(({ messages }) => `heard ${messages.filter(isUser).length}`);
    const tool = agentAsTool(
      defineAgent({ id: "Helper", description: "Helps", instructions: "", session: true, model: helper }),
    );
    const model = createScriptedClient(({ messages }) => {
      const told = messages.flatMap((message) => (message.role === "tool" ? [message.result] : []));
      return told.length < 2
        ? { toolCalls: [{ tool: "ask_Helper", arguments: { task: `task ${told.length + 1}` } }] }
        : told.join(", ");
    });
    const chief = defineAgent({ id: "Chief", instructions: "", model, tools: [tool] });
    expect(await runInProcess(chief, "Go").output()).toMatchObject({ text: "heard 1, heard 2" });
  });
});

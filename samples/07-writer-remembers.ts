// An agent with a session: the reviewer sends the writer his remarks alone, and the writer knows its drafts. No model is asked: a
// script answers in its place, by what it is shown.
import { defineExecutor, runInProcess, WorkflowBuilder } from "durable-workflows";
import { agentResponse, createScriptedClient, defineAgent } from "durable-workflows/agents";
import { z } from "zod";

const model = createScriptedClient(({ messages }) => {
  const remarks = messages.filter(({ role }) => role === "user").length - 1;
  return `Bees fly${" far".repeat(remarks)}.`;
});

const writer = defineAgent({ id: "Writer", instructions: "You write one sentence.", model, session: true });

const review = defineExecutor({
  id: "Review",
  input: agentResponse(),
  output: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("accept"), text: z.string(), remembered: z.int() }),
    z.object({ kind: z.literal("revise"), remark: z.string() }),
  ]),
  handle: ({ text, messages }) =>
    text.length > 15
      ? { kind: "accept", text, remembered: messages.length }
      : { kind: "revise", remark: "Say how far they fly." },
});

const remark = defineExecutor({
  id: "Remark",
  input: z.object({ remark: z.string() }),
  output: z.string(),
  handle: (said) => said.remark,
});
const publish = defineExecutor({
  id: "Publish",
  input: z.object({ text: z.string(), remembered: z.int() }),
  output: z.string(),
  handle: ({ text, remembered }) => `${text} (${remembered} messages remembered)`,
});

const workflow = new WorkflowBuilder("WriterRemembers", writer)
  .addEdge(writer, review)
  .addSwitch(review, (on) => on.case((said) => said.kind === "revise", remark).default(publish))
  .addEdge(remark, writer)
  .withOutputFrom(publish)
  .build();

console.log(await runInProcess(workflow, "Write about bees.").output());

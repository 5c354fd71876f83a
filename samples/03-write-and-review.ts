// A loop with a limit: a writer and a reviewer go round until the text is accepted; then an editor decides.
import { defineExecutor, defineRequestPort, defineState, runInProcess, WorkflowBuilder } from "durable-workflows";
import { z } from "zod";

const topic = z.object({ kind: z.literal("topic"), topic: z.string() });
const draft = z.object({ text: z.string() });
const revise = z.object({ kind: z.literal("revise"), text: z.string(), feedback: z.string() });
const accept = z.object({ kind: z.literal("accept"), text: z.string() });
const signOff = z.object({ approved: z.boolean(), text: z.string() });
const rounds = defineState({ name: "rounds", schema: z.number(), initial: 0 });

const writer = defineExecutor({
  id: "Writer",
  input: z.union([topic, revise]),
  output: draft,
  handle: (task) => ({ text: task.kind === "topic" ? `On ${task.topic}` : `${task.text}, ${task.feedback}` }),
});
const reviewer = defineExecutor({
  id: "Reviewer",
  input: draft,
  output: z.union([revise, accept]),
  state: { writes: [rounds] },
  handle({ text }, { state }) {
    const round = state.get(rounds) + 1;
    state.set(rounds, round);
    return round < 3 ? { kind: "revise", text, feedback: "longer" } : { kind: "accept", text };
  },
});
const editorApproval = defineRequestPort({ id: "EditorApproval", request: accept, response: signOff });
const publish = defineExecutor({
  id: "Publish",
  input: signOff,
  output: z.string(),
  handle: ({ approved, text }) => (approved ? `Published: ${text}` : "Rejected by the editor"),
});

const contentPipeline = new WorkflowBuilder("ContentPipeline", writer)
  .addEdge(writer, reviewer)
  .addSwitch(reviewer, (on) => on.case((review) => review.kind === "revise", writer).default(editorApproval))
  .addEdge(editorApproval, publish)
  .withOutputFrom(publish)
  .build();

const run = runInProcess(contentPipeline, { kind: "topic", topic: "ethics" });
const open = await run.nextRequest(editorApproval);
await open.respond({ approved: true, text: open.request.text });
console.log(await run.output());

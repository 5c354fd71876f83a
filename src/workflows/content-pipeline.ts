import { z } from "zod";
import { agentResponse, type ChatRequest, defineAgent } from "../agents/index.ts";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { defineRequestPort } from "../graph/request-port.ts";
import { defineState } from "../graph/state.ts";
import { SCRIPTED, servedModel } from "./model.ts";
import { sendToOutbox } from "./outbox.ts";

/** Drafts that the reviewer may send back; the next one goes to the editor as it is. */
const MAX_REVISIONS = 2;

const topic = z.object({ kind: z.literal("topic"), topic: z.string().trim().min(1).max(500) });
const revise = z.object({ kind: z.literal("revise"), topic: z.string(), text: z.string(), feedback: z.string() });
const draft = z.object({ topic: z.string(), text: z.string(), revisions: z.int(), isAccepted: z.boolean() });
const accept = draft.extend({ kind: z.literal("accept") });
const verdict = z.object({
  isAccepted: z.boolean().describe("Whether the draft can be published as it is."),
  feedback: z.string().describe("What has to change; empty where nothing has to."),
});
const decision = z.object({
  approved: z.boolean(),
  /** Published in place of the draft. */
  text: z.string().min(1).max(20_000).optional(),
  comments: z.string().max(2_000).optional(),
});

const current = defineState({ name: "topic", schema: z.string(), initial: "" });
const revisions = defineState({ name: "revisions", schema: z.int(), initial: 0 });

const receiveTopic = defineExecutor({
  id: "ReceiveTopic",
  input: z.union([z.string().trim().min(1).max(500), z.object({ topic: z.string().trim().min(1).max(500) })]),
  output: topic,
  state: { writes: [current] },
  handle(input, { state }) {
    const wanted = typeof input === "string" ? input : input.topic;
    state.set(current, wanted);
    return { kind: "topic", topic: wanted };
  },
});

const model = servedModel(scriptedAuthor);

const writer = defineAgent({
  id: "Writer",
  description: "Writes short articles, and revises them",
  instructions:
    "You write short articles: one paragraph, plain words. Answer with the text of the article and nothing else.",
  model,
  input: z.union([topic, revise]),
  prompt: (task) =>
    task.kind === "topic"
      ? `Write about: ${task.topic}`
      : `Revise your article about: ${task.topic}\n\nThe article:\n${task.text}\n\nWhat the reviewer says:\n${task.feedback}`,
});

const reviewer = defineAgent({
  id: "Reviewer",
  description: "Reviews articles before they go to the editor",
  instructions:
    "You review short articles. Accept one that is clear and complete; else say in one sentence what has to change.",
  model,
  output: verdict,
});

const considerReview = defineExecutor({
  id: "ConsiderReview",
  input: agentResponse(verdict),
  output: z.discriminatedUnion("kind", [revise, accept]),
  state: { reads: [current], writes: [revisions] },
  handle({ output, messages }, { state }) {
    const text = messages.findLast(({ author }) => author === "Writer");
    const said = { topic: state.get(current), text: text && text.role !== "tool" ? text.content : "" };
    const before = state.get(revisions);
    if (output.isAccepted || before >= MAX_REVISIONS) {
      return { kind: "accept", ...said, revisions: before, isAccepted: output.isAccepted };
    }
    state.set(revisions, before + 1);
    return { kind: "revise", ...said, feedback: output.feedback };
  },
});

const editorApproval = defineRequestPort({
  id: "EditorApproval",
  request: accept,
  response: decision,
  sends: "requestAndResponse",
});

const publish = defineExecutor({
  id: "Publish",
  input: z.object({ request: accept, response: decision }),
  output: z.object({ published: z.boolean(), topic: z.string(), text: z.string(), revisions: z.int() }),
  async handle({ request, response }, { runId, callKey }) {
    const { topic: about, revisions: taken } = request;
    const text = response.text ?? request.text;
    if (!response.approved) return { published: false, topic: about, text, revisions: taken };
    await sendToOutbox(`${runId}-${callKey}`, {
      to: "readers@example.com",
      subject: `New article: ${about}`,
      body: text,
    });
    return { published: true, topic: about, text, revisions: taken };
  },
});

export const contentPipeline = new WorkflowBuilder("ContentPipeline", receiveTopic)
  .describe("Writes an article, has it reviewed until it is good enough, asks an editor, and sends it to the readers")
  .addEdge(receiveTopic, writer)
  .addEdge(writer, reviewer)
  .addEdge(reviewer, considerReview)
  .addSwitch(considerReview, (on) =>
    on.case((review) => review.kind === "revise", writer, { label: "revise" }).default(editorApproval),
  )
  .addEdge(editorApproval, publish)
  .withOutputFrom(publish)
  .build();

/** Sends the first draft back once, so that the loop can be seen. */
function scriptedAuthor({ agent, messages }: ChatRequest): string | { readonly output: unknown } {
  const last = messages.at(-1);
  const read = last && last.role === "user" ? last.content : "";
  if (agent === "Writer") return writtenFor(read);
  const isFirst = !read.includes("second draft");
  return { output: { isAccepted: !isFirst, feedback: isFirst ? "Say it in fewer words." : "" } };
}

function writtenFor(task: string): string {
  const [, about = ""] = /about: (.*)/.exec(task) ?? [];
  return `${SCRIPTED} ${task.startsWith("Write") ? "A first draft" : "A second draft"} about ${about}.`;
}

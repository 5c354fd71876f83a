// Plays the served agents against a host and a model of its own: the host is killed with SIGKILL while a model thinks, started again,
// and no agent that had answered is asked a second time. The model is a small server on this machine that speaks as OpenAI does.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunStatus } from "durable-workflows";
import { startOpenAiServer, type WireAnswer, type WireRequest } from "../test/support/openai-server.ts";
import { DemoHost, say, title } from "./demo/demo-host.ts";

/** The agents by what their instructions begin with: that is how the model knows who asks. */
const AGENTS = [
  { id: "Physicist", words: "You are a physicist" },
  { id: "Chemist", words: "You are a chemist" },
  { id: "Writer", words: "You write short articles" },
  { id: "Reviewer", words: "You review short articles" },
];

/** Questions each agent was asked, in order: what a model would have to be paid for. */
const ledger: string[] = [];
/** The agent whose next question gets no answer until the host is gone. */
let heldBack: string | undefined;
let askedInVain: (() => void) | undefined;

const model = await startOpenAiServer(answerOf);
const settings = {
  OPENAI_API_KEY: "demo",
  OPENAI_MODEL: "demo",
  OPENAI_BASE_URL: model.url,
  AZURE_OPENAI_ENDPOINT: "",
};
const host = await DemoHost.start(settings);
try {
  await reviewByExperts();
  await writeContent();
  title("Questions that the model was asked");
  for (const [agent, count] of Object.entries(counted())) say(`${agent.padEnd(10)} ${count}`);
} finally {
  await host.close();
  await model.close();
}

async function reviewByExperts(): Promise<void> {
  title("ExpertReview: a physicist and a chemist at the same time; the host dies while the chemist thinks");
  const thinking = holdBack("Chemist");
  const { runId } = await host.startRun("ExpertReview", "Why is the sky blue?");
  await thinking;
  await untilRecorded(runId, "dafx-Physicist-Turn");
  await host.killAndRestart("when the physicist has answered, and the chemist has not");
  const run = await host.untilEnd("ExpertReview", runId);
  await host.showTimeline(run);
  title(`The run ended as ${run.status}`);
  for (const line of String(run.output).split("\n")) say(line);
  sayUsage(run);
}

async function writeContent(): Promise<void> {
  title(
    "ContentPipeline: writer and reviewer in a loop, then an editor; the host dies while the reviewer reads the first draft",
  );
  const thinking = holdBack("Reviewer");
  const { runId } = await host.startRun("ContentPipeline", "bees");
  await thinking;
  await untilRecorded(runId, "dafx-Writer-Turn");
  await host.killAndRestart("when the first draft is there, and its review is not");
  const isAsking = ({ waitingForInput }: RunStatus) => waitingForInput.length > 0;
  const { waitingForInput } = await host.untilStatus("ContentPipeline", runId, isAsking);
  say(`The editor is asked: ${JSON.stringify(waitingForInput[0]?.input)}`);
  await host.respond("ContentPipeline", runId, "EditorApproval", { approved: true });
  say("EditorApproval: approved");
  const run = await host.untilEnd("ContentPipeline", runId);
  await host.showTimeline(run);
  title(`The run ended as ${run.status}: ${JSON.stringify(run.output)}`);
  sayUsage(run);
}

function answerOf({ messages }: WireRequest): WireAnswer | Promise<WireAnswer> {
  const [system, ...said] = messages;
  const agent = AGENTS.find(({ words }) => String(system?.content).startsWith(words))?.id ?? "unknown";
  ledger.push(agent);
  if (agent === heldBack) {
    heldBack = undefined;
    askedInVain?.();
    return new Promise(() => undefined); // its host will be gone before there is an answer
  }
  return { text: wordsOf(agent, String(said.at(-1)?.content)), usage: [40, 20] };
}

function wordsOf(agent: string, question: string): string {
  if (agent === "Physicist") return "Air scatters blue light more than red light.";
  if (agent === "Chemist") return "Nitrogen and oxygen take up no visible light, so they do not colour it.";
  if (agent === "Writer") return question.startsWith("Write") ? "Bees are insects, and they fly." : "Bees fly.";
  const isAccepted = question.includes("Bees fly.");
  return JSON.stringify({ isAccepted, feedback: isAccepted ? "" : "Say it in fewer words." });
}

function holdBack(agent: string): Promise<void> {
  heldBack = agent;
  return new Promise((resolve) => {
    askedInVain = resolve;
  });
}

/** Waits until the host has an answer on disk: what is not there yet would rightly be asked again. */
async function untilRecorded(runId: string, activity: string): Promise<void> {
  const key = readFileSync(join(host.dataDir, "system.key"), "utf8").trim();
  const url = `${host.url}/runtime/webhooks/durabletask/instances/${runId}?showHistory=true&code=${key}`;
  await host.until(`${activity} to be recorded`, async () => {
    const { historyEvents = [] } = (await (await fetch(url)).json()) as {
      historyEvents?: { EventType: string; FunctionName?: string; Name?: string }[];
    };
    return historyEvents.some(
      ({ EventType, FunctionName, Name }) => EventType === "TaskCompleted" && (FunctionName ?? Name) === activity,
    );
  });
}

function sayUsage({ usage }: RunStatus): void {
  say(`Tokens: ${usage?.inputTokens} in, ${usage?.outputTokens} out, in ${usage?.modelCalls} answers`);
}

function counted(): Record<string, number> {
  return Object.fromEntries(AGENTS.map(({ id }) => [id, ledger.filter((agent) => agent === id).length]));
}

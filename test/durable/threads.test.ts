import { expect, it } from "vitest";
import { createScriptedClient, defineAgent } from "../../src/agents/index.ts";
import type { Instances } from "../../src/durable/sdk.ts";
import { registerThreads } from "../../src/durable/threads/register-agents.ts";
import { expireThreads, freeLostTurn, readThread, readTurn, startTurn } from "../../src/durable/threads/turns.ts";
import { createGate, serveDurably, until } from "./support/durable-runs.ts";

const DAY_MS = 86_400_000;
const gates = { lost: createGate(), going: createGate() };

const parrot = defineAgent({
  id: "Parrot",
  instructions: "Repeat.",
  model: createScriptedClient(async ({ messages }) => {
    const last = messages.at(-1);
    const said = last?.role === "user" ? last.content : "";
    if (said === "lost" || said === "going") await gates[said].passed;
    return said;
  }),
});

async function serve() {
  registerThreads([parrot]);
  return serveDurably(parrot);
}

function say(instances: Instances, content: string, threadId: string, ttlMs = DAY_MS): Promise<string> {
  return startTurn(instances, parrot, { threadId, messages: [{ role: "user", content }], ttlMs });
}

const entityOf = (instances: Instances, threadId: string) => instances.readEntity("dafx-agent-Parrot", threadId);

/** The run that has its turn in a thread. */
async function holderOf(instances: Instances, threadId: string): Promise<string | undefined> {
  const thread = await readThread(instances, parrot, threadId, 0).catch(() => undefined);
  return thread?.turn?.runId;
}

it("deletes threads whose time is up, and leaves the others alone", async () => {
  const { instances } = await serve();
  const turns = [await say(instances, "short", "short", 1), await say(instances, "long", "long")];
  for (const runId of turns) await until(async () => (await readTurn(instances, parrot, runId)).isOver);
  // It is gone for whoever looks before anything deletes it.
  await until(async () =>
    readThread(instances, parrot, "short", Date.now()).then(
      () => false,
      () => true,
    ),
  );
  expect(await entityOf(instances, "short")).toBeDefined();
  await expireThreads(instances, [parrot], Date.now());
  await until(async () => (await entityOf(instances, "short")) === undefined);
  expect((await readThread(instances, parrot, "long", Date.now())).messages).toHaveLength(2);
});

it("asks no thread that something happened in since", async () => {
  const { instances } = await serve();
  const runId = await say(instances, "hi", "young", 1);
  await until(async () => (await readTurn(instances, parrot, runId)).isOver);
  await expireThreads(instances, [parrot], Date.now() - DAY_MS);
  const later = await say(instances, "hi", "witness");
  await until(async () => (await readTurn(instances, parrot, later)).isOver);
  expect(await entityOf(instances, "young")).toBeDefined();
});

it("gives the turn back of a run that was terminated from outside, and the next one goes on", async () => {
  const { hub, instances } = await serve();
  const lost = await say(instances, "lost", "lost");
  await until(async () => (await holderOf(instances, "lost")) === lost);
  await hub.terminate(`turn.${lost}`, "gone");
  await until(async () => (await readTurn(instances, parrot, lost)).isOver);
  expect((await readThread(instances, parrot, "lost", 0)).turn?.runId).toBe(lost);
  await freeLostTurn(instances, parrot, "lost");
  const next = await say(instances, "hello", "lost");
  await until(async () => (await readTurn(instances, parrot, next)).isOver);
  const { messages } = await readThread(instances, parrot, "lost", 0);
  expect(messages.map((message) => "content" in message && message.content)).toEqual(["hello", "hello"]);
  gates.lost.open();
});

it("leaves a turn alone that goes on", async () => {
  const { instances } = await serve();
  const going = await say(instances, "going", "going");
  await until(async () => (await holderOf(instances, "going")) === going);
  await freeLostTurn(instances, parrot, "going");
  gates.going.open();
  await until(async () => (await readTurn(instances, parrot, going)).isOver);
  expect((await readThread(instances, parrot, "going", 0)).messages).toHaveLength(2);
});

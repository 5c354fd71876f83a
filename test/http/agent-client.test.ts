import { expect, it } from "vitest";
import { createAgentClient } from "../../src/client/index.ts";
import { gates } from "./gates.ts";
import { serveTestApp } from "./support.ts";

const api = serveTestApp("agents");
const agents = () => createAgentClient({ url: api.url });

it("says something and gets the answer, in a thread to go on in", async () => {
  const first = await agents().say("Parrot", "one");
  expect([first.status, first.response]).toEqual(["Completed", "1: one"]);
  const second = await agents().say("Parrot", "two", { threadId: first.threadId });
  expect(second.response).toBe("2: two");
  const { messages } = await agents().thread("Parrot", first.threadId);
  expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "user", "assistant"]);
});

it("gets one answer for one id, however often it asks", async () => {
  const options = { threadId: "asked-twice", runId: "asked" };
  const [one, other] = [await agents().say("Parrot", "hi", options), await agents().say("Parrot", "hi", options)];
  expect([one.response, other.response]).toEqual(["1: hi", "1: hi"]);
  expect((await agents().thread("Parrot", "asked-twice")).messages).toHaveLength(2);
});

it("comes back with what a person is asked, and goes on once that is answered", async () => {
  const asked = await agents().say("Clerk", "Ada");
  expect(asked).toMatchObject({ status: "Running", waitingForInput: [{ eventName: "approve_forget" }] });
  const [request] = asked.waitingForInput;
  await agents().respond("Clerk", asked.runId, request?.requestId ?? "", { approved: true });
  let turn = await agents().turn("Clerk", asked.runId);
  while (turn.status !== "Completed") turn = await agents().turn("Clerk", asked.runId);
  expect(turn.response).toBe("It is done.");
});

it("comes back when the time is up, and finds the answer later", async () => {
  const waiting = await agents().say("Parrot", "wait client", { timeoutMs: 500 });
  expect([waiting.status, waiting.response]).toEqual(["Running", null]);
  const words: unknown[] = [];
  const listening = (async () => {
    for await (const { data } of agents().updates("Parrot", waiting.runId)) words.push(data);
  })();
  await api.get(`agents/Parrot/events/${waiting.runId}?after=1&waitSeconds=30`);
  gates.get("client").open();
  await listening;
  expect(words).toContainEqual({ type: "text", agent: "Parrot", text: "client" });
  const again = await agents().say("Parrot", "wait client", { threadId: waiting.threadId, runId: waiting.runId });
  expect(again.response).toBe("1: wait client");
});

it("throws what the host refuses, and why an agent gave no answer", async () => {
  await expect(agents().say("Nobody", "hi")).rejects.toMatchObject({ code: "AGENT_NOT_FOUND" });
  await expect(agents().say("Broken", "hi")).rejects.toMatchObject({ code: "AGENT_RUN_FAILED" });
  await expect(agents().say("Parrot", "hi", { threadId: "a/b" })).rejects.toMatchObject({ code: "THREAD_ID_INVALID" });
  await expect(agents().thread("Parrot", "never")).rejects.toMatchObject({ code: "THREAD_NOT_FOUND" });
  const asked = await agents().say("Clerk", "Bob");
  await agents().cancel("Clerk", asked.runId, "no more");
  await expect(agents().say("Clerk", "Bob", { threadId: asked.threadId, runId: asked.runId })).rejects.toMatchObject({
    code: "RUN_CANCELLED",
  });
});

it("deletes a thread", async () => {
  const { threadId } = await agents().say("Parrot", "bye");
  await agents().deleteThread("Parrot", threadId);
  for (let isThere = true; isThere; ) {
    isThere = await agents()
      .thread("Parrot", threadId)
      .then(
        () => true,
        () => false,
      );
  }
  await expect(agents().deleteThread("Parrot", threadId)).rejects.toMatchObject({ code: "THREAD_NOT_FOUND" });
});

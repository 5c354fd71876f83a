import { expect, it } from "vitest";
import { faultyStore } from "../../../test/support/faulty-store.ts";
import { quiet } from "../../../test/support/manual-environment.ts";
import { createMemoryStore } from "../store/memory.ts";
import { Committer } from "./committer.ts";

function committer(isFull = () => false) {
  const store = faultyStore(createMemoryStore(), () => (isFull() ? "before" : null));
  const seen: string[] = [];
  const subject = new Committer(store, (work) => void setImmediate(work), {
    turnBegan: () => seen.push("turn began"),
    committed: () => seen.push("committed"),
    failed: (instanceIds) => seen.push(`failed ${[...instanceIds].join(",")}`),
    turnEnded: () => seen.push("turn ended"),
  });
  const addMessage = (seq: number) =>
    ({ kind: "addMessage", row: { key: 1, seq, executionId: null, event: "{}" } }) as const;
  const removeMessage = (seq: number) => ({ kind: "removeMessage", seq }) as const;
  const transition = (name: string, writes: Parameters<Committer["add"]>[0]["writes"]) => ({
    instanceId: name,
    writes,
    committed: () => void seen.push(`${name} written`),
    failed: () => void seen.push(`${name} failed`),
  });
  return { store, subject, seen, addMessage, removeMessage, transition };
}

it("writes what is added in one turn at once, and then tells each, in order", async () => {
  const { store, subject, seen, addMessage, transition } = committer();
  subject.add(transition("a", [addMessage(1)]));
  subject.add(transition("b", [addMessage(2)]));
  expect(store.commits).toBe(0);
  await quiet();
  expect(seen).toEqual(["turn began", "committed", "a written", "b written", "turn ended"]);
  expect(store.batches).toEqual([[addMessage(1), addMessage(2)]]);
});

it("never writes a message that is consumed in the batch that brought it", async () => {
  const { store, subject, addMessage, removeMessage, transition } = committer();
  subject.add(transition("a", [addMessage(1), addMessage(2)]));
  subject.add(transition("a", [removeMessage(1), removeMessage(0)]));
  await quiet();
  expect(store.batches).toEqual([[addMessage(2), removeMessage(0)]]);
});

it("tells of a failure the latest first, as things are undone, and then whose memory is wrong", async () => {
  const { subject, seen, addMessage, transition } = committer(() => true);
  subject.add(transition("a", [addMessage(1)]));
  subject.add(transition("b", [addMessage(2)]));
  await subject.settled();
  expect(seen.filter((line) => line.includes("failed"))).toEqual(["b failed", "a failed", "failed a,b"]);
  expect(subject.isSettled).toBe(true);
});

import { describe, expect, it } from "vitest";
import type { AgentThread, ThreadOperation } from "../../wire/agent-thread.ts";
import type { ChatMessage } from "../../wire/chat.ts";
import { applyToThread, GONE_AFTER_MS } from "./thread.ts";

const HOUR_MS = 3_600_000;
const begin = (runId: string): ThreadOperation => ({ name: "begin", runId, ttlMs: HOUR_MS });
const complete = (runId: string, messages: ChatMessage[] = said(runId)): ThreadOperation => ({
  name: "complete",
  runId,
  messages,
  ttlMs: HOUR_MS,
});
const said = (text: string): ChatMessage[] => [
  { id: "Turn-1-1-q1", role: "user", content: text },
  { id: "Turn-1-1", role: "assistant", content: `Yes, ${text}.` },
];

/** Lets a thread go through operations, one a second; gives it and the last answer. */
function play(operations: readonly ThreadOperation[], from?: AgentThread, startMs = 0) {
  let thread = from;
  let answer: unknown = null;
  operations.forEach((operation, index) => {
    ({ thread, answer } = applyToThread(thread, operation, startMs + index * 1_000));
  });
  return { thread, answer };
}

describe("a thread", () => {
  it("gives the first run its turn, with nothing said so far", () => {
    expect(play([begin("a")])).toEqual({
      thread: {
        format: 1,
        messages: [],
        createdAtMs: 0,
        updatedAtMs: 0,
        expiresAtMs: HOUR_MS,
        turn: { runId: "a", sinceMs: 0 },
        waiting: [],
      },
      answer: { isGranted: true, messages: [] },
    });
  });

  it("keeps what was said for the next turn, each message under an id of its own", () => {
    const first = play([begin("a"), complete("a")]).thread;
    const known = first?.messages ?? [];
    expect(known.map(({ id }) => id)).toEqual(["a:Turn-1-1-q1", "a:Turn-1-1"]);
    const second = play([begin("b")], first, 5_000);
    expect(second.answer).toEqual({ isGranted: true, messages: known });
    const { thread } = play([complete("b", [...known, ...said("b")])], second.thread, 6_000);
    expect(thread?.messages.map(({ id }) => id)).toEqual([
      "a:Turn-1-1-q1",
      "a:Turn-1-1",
      "b:Turn-1-1-q1",
      "b:Turn-1-1",
    ]);
    expect(thread).toMatchObject({ createdAtMs: 0, updatedAtMs: 6_000, expiresAtMs: 6_000 + HOUR_MS, turn: null });
  });

  it("gives one turn at a time, in the order in which runs asked", () => {
    const { thread, answer } = play([begin("a"), begin("b"), begin("c"), complete("a"), begin("c")]);
    expect(answer).toEqual({ isGranted: false, isCancelled: false });
    expect(play([begin("b")], thread, 5_000).answer).toMatchObject({ isGranted: true });
  });

  it("answers alike when an operation comes twice", () => {
    expect(play([begin("a"), begin("a")]).answer).toEqual({ isGranted: true, messages: [] });
    const once = play([begin("a"), complete("a")]).thread;
    expect(play([complete("a", said("again"))], once).thread).toEqual(once);
  });

  it("takes an answer only from the run that has its turn", () => {
    const { thread } = play([begin("a"), begin("b"), complete("b")]);
    expect(thread).toMatchObject({ messages: [], turn: { runId: "a" } });
  });

  it("stays as it was after a run that came to nothing, and leaves nothing behind if that was the first", () => {
    const first = play([begin("a"), complete("a")]).thread;
    const after = play([begin("b"), { name: "abandon", runId: "b" }], first, 5_000).thread;
    expect(after).toEqual(first);
    expect(play([begin("a"), { name: "abandon", runId: "a" }]).thread).toBeUndefined();
  });

  it("waits for no run that has stopped asking", () => {
    const { thread } = play([begin("a"), begin("gone"), begin("b"), complete("a")]);
    const { answer } = applyToThread(thread, begin("b"), 1_000 + GONE_AFTER_MS);
    expect(answer).toMatchObject({ isGranted: true });
  });

  it("tells a run that was cancelled while it waited, and forgets it", () => {
    const { thread, answer } = play([begin("a"), begin("b"), { name: "cancel", runId: "b" }, begin("b")]);
    expect(answer).toEqual({ isGranted: false, isCancelled: true });
    expect(thread?.waiting).toEqual([]);
  });

  it("leaves a run that has its turn alone when somebody cancels its waiting", () => {
    expect(play([begin("a"), { name: "cancel", runId: "a" }, begin("a")]).answer).toMatchObject({ isGranted: true });
  });

  it("is empty again when its time is up, but never while somebody talks in it", () => {
    const { thread } = play([begin("a"), complete("a")]);
    const late = 1_000 + HOUR_MS;
    expect(applyToThread(thread, { name: "expire" }, late - 1).thread).toEqual(thread);
    expect(applyToThread(thread, { name: "expire" }, late).thread).toBeUndefined();
    expect(applyToThread(thread, begin("b"), late).answer).toEqual({ isGranted: true, messages: [] });
    const busy = play([begin("b")], thread, 2_000).thread;
    expect(applyToThread(busy, { name: "expire" }, late).thread).toEqual(busy);
  });

  it("can be deleted while nobody talks in it", () => {
    const { thread } = play([begin("a"), complete("a")]);
    expect(play([{ name: "delete" }], thread).thread).toBeUndefined();
    const busy = play([begin("b")], thread).thread;
    expect(play([{ name: "delete" }], busy).thread).toEqual(busy);
  });

  it("is not kept by a run that waits and has stopped asking", () => {
    const { thread } = play([begin("a"), begin("gone"), complete("a")]);
    const lastMoment = 1_000 + GONE_AFTER_MS - 1;
    expect(applyToThread(thread, { name: "delete" }, lastMoment).thread).toEqual(thread);
    expect(applyToThread(thread, { name: "delete" }, lastMoment + 1).thread).toBeUndefined();
    expect(applyToThread(thread, { name: "expire" }, 2_000 + HOUR_MS).thread).toBeUndefined();
  });

  it("is not kept by a run that is known to be lost, and by no other one", () => {
    const first = play([begin("a"), complete("a")]).thread;
    const { thread } = play([begin("lost")], first, 2_000);
    const late = 1_000 + HOUR_MS;
    for (const name of ["delete", "expire"] as const) {
      expect(applyToThread(thread, { name, lostRunId: "lost" }, late).thread).toBeUndefined();
      expect(applyToThread(thread, { name, lostRunId: "other" }, late).thread).toEqual(thread);
    }
    expect(applyToThread(thread, { name: "expire", lostRunId: "lost" }, late - 1).thread).toEqual(first);
  });

  it("goes on to the run that waits when the one that is lost gives its turn back by a deletion", () => {
    const { thread } = play([begin("lost"), begin("b"), { name: "delete", lostRunId: "lost" }]);
    expect(thread).toMatchObject({ turn: null, waiting: [{ runId: "b" }] });
    expect(play([begin("b")], thread, 3_000).answer).toEqual({ isGranted: true, messages: [] });
  });
});

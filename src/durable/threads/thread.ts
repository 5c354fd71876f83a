import type { AgentThread, ThreadOperation, TurnAnswer } from "../../wire/agent-thread.ts";
import type { ChatMessage } from "../../wire/chat.ts";

/**
 * One thread with an agent, as its entity holds it. Operations come one after the other, and each may come twice.
 *
 * ```
 *   begin a    → granted, with the messages so far      turn: a
 *   begin b    → not yet                                 turn: a   waiting: b
 *   complete a → stored                                  turn: -   waiting: b
 *   begin c    → not yet: b was here first               turn: -   waiting: b c
 *   begin b    → granted                                 turn: b   waiting: c
 * ```
 */

/** A run asks again every 30 s at most. One that has not for this long is gone, and holds up nobody. */
export const GONE_AFTER_MS = 5 * 60 * 1_000;

/** The thread after an operation, `undefined` where there is none any more, and what is answered. */
export interface ThreadStep {
  readonly thread: AgentThread | undefined;
  readonly answer: TurnAnswer | null;
}

export function applyToThread(before: AgentThread | undefined, operation: ThreadOperation, nowMs: number): ThreadStep {
  const thread = before && !hasExpired(before, nowMs) ? before : undefined;
  switch (operation.name) {
    case "begin":
      return begin(thread ?? emptyThread(nowMs, operation.ttlMs), operation.runId, nowMs);
    case "complete":
      return { thread: thread && complete(thread, operation, nowMs), answer: null };
    case "abandon":
      return { thread: thread && unlessEmpty(abandon(thread, operation.runId), nowMs), answer: null };
    case "cancel":
      return { thread: thread && cancel(thread, operation.runId), answer: null };
    case "expire": {
      const free = thread && withoutLost(thread, operation.lostRunId);
      return { thread: free && !hasExpired(free, nowMs) ? unlessEmpty(free, nowMs) : undefined, answer: null };
    }
    case "delete": {
      const free = thread && withoutLost(thread, operation.lostRunId);
      return { thread: free && isBusy(free, nowMs) ? free : undefined, answer: null };
    }
  }
}

/** A thread somebody talks in never expires. */
export function hasExpired(thread: AgentThread, nowMs: number): boolean {
  return thread.expiresAtMs <= nowMs && !isBusy(thread, nowMs);
}

/** Whether a run has its turn, or still asks for it. */
export function isBusy({ turn, waiting }: AgentThread, nowMs: number): boolean {
  return turn !== null || stillAsking(waiting, nowMs).length > 0;
}

/** Those who wait, without the ones who are gone. */
export function stillAsking(waiting: AgentThread["waiting"], nowMs: number): AgentThread["waiting"] {
  return waiting.filter(({ askedAtMs }) => nowMs - askedAtMs < GONE_AFTER_MS);
}

/** The thread as it is when this run is known not to give its turn back any more. */
export function withoutLost(thread: AgentThread, lostRunId: string | undefined): AgentThread {
  return lostRunId === undefined ? thread : abandon(thread, lostRunId);
}

function emptyThread(nowMs: number, ttlMs: number): AgentThread {
  return {
    format: 1,
    messages: [],
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    expiresAtMs: nowMs + ttlMs,
    turn: null,
    waiting: [],
  };
}

function begin(thread: AgentThread, runId: string, nowMs: number): ThreadStep {
  if (thread.turn?.runId === runId) return granted(thread);
  if (thread.waiting.some((one) => one.runId === runId && one.isCancelled)) {
    return { thread: unlessEmpty(abandon(thread, runId), nowMs), answer: { isGranted: false, isCancelled: true } };
  }
  const waiting = asking(thread.waiting, runId, nowMs);
  if (thread.turn !== null || waiting[0]?.runId !== runId) {
    return { thread: { ...thread, waiting }, answer: { isGranted: false, isCancelled: false } };
  }
  return granted({ ...thread, turn: { runId, sinceMs: nowMs }, waiting: waiting.slice(1) });
}

function granted(thread: AgentThread): ThreadStep {
  return { thread, answer: { isGranted: true, messages: thread.messages } };
}

/** Those who still wait; who asks now keeps its place, or comes last. */
function asking(waiting: AgentThread["waiting"], runId: string, nowMs: number): AgentThread["waiting"] {
  const isKnown = waiting.some((one) => one.runId === runId);
  const asked = waiting.map((one) => (one.runId === runId ? { ...one, askedAtMs: nowMs } : one));
  return stillAsking([...asked, ...(isKnown ? [] : [{ runId, askedAtMs: nowMs }])], nowMs);
}

function complete(
  thread: AgentThread,
  { runId, messages, ttlMs }: Extract<ThreadOperation, { name: "complete" }>,
  nowMs: number,
): AgentThread {
  if (thread.turn?.runId !== runId) return thread;
  return {
    ...thread,
    messages: named(messages, thread.messages, runId),
    updatedAtMs: nowMs,
    expiresAtMs: nowMs + ttlMs,
    turn: null,
  };
}

/** Messages are named within their run; here they are told apart from those of other runs. */
function named(messages: readonly ChatMessage[], known: readonly ChatMessage[], runId: string): ChatMessage[] {
  const ids = new Set(known.map(({ id }) => id));
  return messages.map((message, index) =>
    message.id !== undefined && ids.has(message.id)
      ? message
      : { ...message, id: `${runId}:${message.id ?? index + 1}` },
  );
}

function cancel(thread: AgentThread, runId: string): AgentThread {
  const waiting = thread.waiting.map((one) => (one.runId === runId ? { ...one, isCancelled: true as const } : one));
  return { ...thread, waiting };
}

function abandon(thread: AgentThread, runId: string): AgentThread {
  return {
    ...thread,
    turn: thread.turn?.runId === runId ? null : thread.turn,
    waiting: thread.waiting.filter((one) => one.runId !== runId),
  };
}

/** A thread that came to nothing leaves nothing behind. */
function unlessEmpty(thread: AgentThread, nowMs: number): AgentThread | undefined {
  return thread.messages.length === 0 && !isBusy(thread, nowMs) ? undefined : thread;
}

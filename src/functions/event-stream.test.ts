import { expect, it } from "vitest";
import type { RunUpdate } from "../wire/live-update.ts";
import type { RunEvent } from "../wire/run-event.ts";
import { eventStream } from "./event-stream.ts";

const at = "2026-11-25T12:00:00.000Z";
const call = (executorId: string) => ({ executorId, callKey: `${executorId}-1-1`, attempt: 1 });
const started = (number: number, executorId: string): RunEvent => ({
  number,
  at,
  superstep: 1,
  type: "executorStarted",
  ...call(executorId),
});
const completed = (number: number, executorId: string): RunEvent => ({
  number,
  at,
  superstep: 1,
  type: "executorCompleted",
  durationMs: 1,
  ...call(executorId),
});
const update = (executorId: string, number: number): RunUpdate => ({
  runId: "run",
  workflow: "Talk",
  ...call(executorId),
  number,
  data: { text: `piece ${number}` },
});

/** Each block as `id | type | what it is about`. */
function blocks(events: RunEvent[], updates: RunUpdate[], position: string | undefined, from?: string) {
  const page = { events, nextAfter: 0, hasEnded: false };
  const { body = "" } = eventStream({ page, updates, position }, { after: 7, position: from });
  return body
    .split("\n\n")
    .filter((block) => block.includes("data:"))
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
      const data = JSON.parse(field("data") ?? "");
      return `${field("id") ?? "-"} | ${field("event") ?? "message"} | ${data.executorId} ${data.number}`;
    });
}

it("tells what a call said before it tells that the call has ended, and behind its beginning", () => {
  const events = [completed(8, "First"), started(9, "Second")];
  expect(blocks(events, [update("First", 3), update("Second", 1)], "p-5", "p-3")).toEqual([
    "- | update | First 3",
    "8.p-3 | message | First 8",
    "9.p-3 | message | Second 9",
    "9.p-5 | update | Second 1",
  ]);
});

it("says in the last block alone how far the updates went, so that a reader who was cut off misses none", () => {
  expect(blocks([], [update("First", 1), update("First", 2)], "p-2")).toEqual([
    "- | update | First 1",
    "7.p-2 | update | First 2",
  ]);
  expect(blocks([completed(8, "First")], [update("First", 1)], "p-1")).toEqual([
    "- | update | First 1",
    "8.p-1 | message | First 8",
  ]);
});

it("numbers events as ever where nothing was told", () => {
  expect(blocks([started(8, "First"), completed(9, "First")], [], undefined)).toEqual([
    "8 | message | First 8",
    "9 | message | First 9",
  ]);
});

it("lets a reader come back sooner while a model talks", () => {
  const page = { events: [], nextAfter: 7, hasEnded: false };
  const place = { after: 7, position: undefined };
  expect(eventStream({ page, updates: [update("First", 1)], position: "p-1" }, place).body).toMatch(/^retry: 30\n/);
  expect(eventStream({ page, updates: [], position: undefined }, place).body).toMatch(/^retry: 250\n/);
});

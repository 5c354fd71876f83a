import { describe, expect, it } from "vitest";
import type { LiveUpdate } from "../wire/live-update.ts";
import { createMemoryChannel } from "./memory-channel.ts";

const now = AbortSignal.abort();
const never = new AbortController().signal;

function update(number: number, callKey = "Turn-1-1", runId = "run"): LiveUpdate {
  return { runId, workflow: "Talk", executorId: "Turn", callKey, attempt: 1, number, data: `"piece ${number}"` };
}

function channelAt(nowMs = { value: 0 }) {
  return createMemoryChannel(() => nowMs.value, "here");
}

describe("the channel of one process", () => {
  it("gives a reader what comes behind its position, each piece once and in order", async () => {
    const channel = channelAt();
    channel.send(update(1));
    channel.send(update(2));
    const first = await channel.read("run", undefined, now);
    expect(first).toEqual({ updates: [update(1), update(2)], position: "here-2" });
    channel.send(update(3));
    expect(await channel.read("run", first.position, now)).toEqual({ updates: [update(3)], position: "here-3" });
  });

  it("holds a reader until something is told, also one that came before the run", async () => {
    const channel = channelAt();
    const read = channel.read("run", undefined, never);
    channel.send(update(1, "Turn-1-1", "other"));
    channel.send(update(1));
    expect(await read).toEqual({ updates: [update(1)], position: "here-2" });
  });

  it("lets a reader go who gives up", async () => {
    const channel = channelAt();
    const quit = new AbortController();
    const read = channel.read("run", undefined, quit.signal);
    quit.abort();
    expect(await read).toEqual({ updates: [], position: "here-0" });
  });

  it("gives a reader who was there a call that began and ended in between", async () => {
    const channel = channelAt();
    const { position } = await channel.read("run", undefined, now);
    channel.send(update(1));
    channel.ended({ runId: "run", callKey: "Turn-1-1", attempt: 1 });
    expect((await channel.read("run", position, now)).updates).toEqual([update(1)]);
  });

  it("gives a new reader nothing of calls that have ended, and one who was there the rest of them", async () => {
    const channel = channelAt();
    channel.send(update(1));
    const { position } = await channel.read("run", undefined, now);
    channel.send(update(2));
    channel.ended({ runId: "run", callKey: "Turn-1-1", attempt: 1 });
    channel.send(update(1, "Turn-2-1"));
    expect((await channel.read("run", undefined, now)).updates).toEqual([update(1, "Turn-2-1")]);
    expect((await channel.read("run", position, now)).updates).toEqual([update(2), update(1, "Turn-2-1")]);
  });

  it("gives a new reader the next attempt at a call whose last one has ended", async () => {
    const channel = channelAt();
    channel.send(update(1));
    channel.ended({ runId: "run", callKey: "Turn-1-1", attempt: 1 });
    channel.send({ ...update(1), attempt: 2 });
    expect((await channel.read("run", undefined, now)).updates).toEqual([{ ...update(1), attempt: 2 }]);
  });

  it("gives a new reader nothing that a handler still says whose call has been given up", async () => {
    const channel = channelAt();
    channel.send(update(1));
    channel.ended({ runId: "run", callKey: "Turn-1-1", attempt: 1 });
    channel.send(update(2));
    expect((await channel.read("run", undefined, now)).updates).toEqual([]);
  });

  it("knows for a minute which calls have ended, and no longer", async () => {
    const clock = { value: 0 };
    const channel = channelAt(clock);
    channel.send(update(1, "Going-1-1"));
    const calls = Array.from({ length: 1_000 }, (_none, place) => `Turn-${place + 1}-1`);
    for (const call of calls) {
      clock.value += 1_000;
      channel.send(update(1, call));
      channel.ended({ runId: "run", callKey: call, attempt: 1 });
    }
    expect((await channel.read("run", undefined, now)).updates).toEqual([update(1, "Going-1-1")]);
    for (const call of calls) channel.send(update(2, call));
    const heard = (await channel.read("run", undefined, now)).updates.map(({ callKey }) => callKey);
    expect(heard).toEqual(["Going-1-1", ...calls.slice(0, 940)]);
  });

  it("counts the minute of a call that ended twice from the second time, and keeps no other one for it", async () => {
    const clock = { value: 0 };
    const channel = channelAt(clock);
    channel.send(update(1, "Going-1-1"));
    const end = (callKey: string, atMs: number) => {
      clock.value = atMs;
      channel.ended({ runId: "run", callKey, attempt: 1 });
    };
    end("Twice-1-1", 0);
    end("Once-1-1", 10_000);
    end("Twice-1-1", 50_000);
    end("Other-1-1", 80_000);
    channel.send(update(2, "Twice-1-1"));
    channel.send(update(2, "Once-1-1"));
    const { updates } = await channel.read("run", undefined, now);
    expect(updates).toEqual([update(1, "Going-1-1"), update(2, "Once-1-1")]);
  });

  it("takes a position of an earlier process for none", async () => {
    const channel = channelAt();
    channel.send(update(1));
    expect((await channel.read("run", "there-1", now)).updates).toEqual([update(1)]);
  });

  it("forgets a run that has told nothing for a minute", async () => {
    const clock = { value: 0 };
    const channel = channelAt(clock);
    channel.send(update(1));
    clock.value = 59_999;
    channel.send(update(1, "Turn-1-1", "other"));
    expect((await channel.read("run", undefined, now)).updates).toHaveLength(1);
    clock.value = 60_000;
    channel.send(update(2, "Turn-1-1", "other"));
    expect((await channel.read("run", undefined, now)).updates).toEqual([]);
  });

  it("forgets a silent run also behind one that somebody waits for", async () => {
    const clock = { value: 0 };
    const channel = channelAt(clock);
    void channel.read("silent", undefined, never);
    channel.send(update(1));
    clock.value = 60_000;
    channel.send(update(1, "Turn-1-1", "other"));
    expect((await channel.read("run", undefined, now)).updates).toEqual([]);
  });

  it("keeps the last 5,000 pieces of a run that goes on talking", async () => {
    const channel = channelAt();
    for (let number = 1; number <= 5_001; number++) channel.send(update(number));
    const { updates } = await channel.read("run", undefined, now);
    expect([updates.length, updates[0]?.number]).toEqual([5_000, 2]);
  });
});

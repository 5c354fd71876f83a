import { describe, expect, it } from "vitest";
import { faultyJournal } from "../../../test/support/journals.ts";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import type { TraceEntry } from "../../wire/trace.ts";
import { createMemoryJournal } from "./memory.ts";
import { JournalWriter } from "./writer.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const withCode = (code: string) => expect.objectContaining({ code });
const cancel = (reason: string): TraceEntry => ({ kind: "cancel", reason });
const addRun = (key: number) =>
  ({
    kind: "addRun",
    run: {
      key,
      runId: `run-${key}`,
      workflow: "W",
      plan: "p",
      inputJson: "1",
      inputHash: "h",
      seed: "s",
      startedAtMs: 0,
      isOpen: true,
      forkedStateJson: null,
    },
  }) as const;

function openWriter(isBroken: () => boolean = () => false) {
  const journal = faultyJournal(createMemoryJournal(), () => (isBroken() ? "before" : null));
  const clock = new ManualClock();
  return { journal, clock, writer: new JournalWriter(journal, clock) };
}

describe("group commit of the journal", () => {
  it("writes what all runs add in one turn as one transaction, with one row for each run", async () => {
    const { journal, writer } = openWriter();
    const [one, other] = [writer.recorderOf(1, () => {}), writer.recorderOf(2, () => {})];
    await Promise.all([
      writer.write(addRun(1), addRun(2)),
      one.record(cancel("a")),
      other.accept(cancel("b")),
      one.record(cancel("c")),
    ]);
    expect(journal.commits).toHaveLength(1);
    expect(journal.commits[0]?.map(({ kind }) => kind)).toEqual(["addRun", "addRun", "appendTrace", "appendTrace"]);
    expect(journal.trace(1)).toEqual(['{"kind":"cancel","reason":"a"},{"kind":"cancel","reason":"c"}']);
    expect(journal.trace(2)).toEqual(['{"kind":"cancel","reason":"b"}']);
  });

  it("lets notes wait for the next entry, or until they are to be settled", async () => {
    const { journal, writer } = openWriter();
    const recorder = writer.recorderOf(1, () => {});
    await writer.write(addRun(1));
    recorder.note(cancel("a"));
    await turn();
    expect(journal.trace(1)).toEqual([]);
    recorder.settle();
    await turn();
    expect(journal.trace(1)).toEqual(['{"kind":"cancel","reason":"a"}']);
    recorder.settle();
    await turn();
    expect(journal.commits).toHaveLength(2);
  });

  it("rejects callers when it cannot write, and keeps what runs have done until it can", async () => {
    let isBroken = false;
    const { journal, writer, clock } = openWriter(() => isBroken);
    await writer.write(addRun(1));
    const recorder = writer.recorderOf(1, () => {});
    isBroken = true;
    recorder.note(cancel("noted"));
    const recorded = recorder.record(cancel("recorded"));
    await expect(recorder.accept(cancel("accepted"))).rejects.toEqual(withCode("STORE_WRITE_FAILED"));
    clock.advance(1_000);
    expect([journal.commits.length, clock.timers]).toEqual([3, 1]);
    isBroken = false;
    clock.advance(1_999);
    expect(journal.trace(1)).toEqual([]);
    clock.advance(1);
    await recorded;
    expect(journal.trace(1)).toEqual(['{"kind":"cancel","reason":"noted"},{"kind":"cancel","reason":"recorded"}']);
    expect(clock.timers).toBe(0);
  });

  it("tries again with whatever comes next, before its time", async () => {
    let isBroken = true;
    const { journal, writer, clock } = openWriter(() => isBroken);
    const recorder = writer.recorderOf(1, () => {});
    const recorded = recorder.record(cancel("a"));
    await turn();
    isBroken = false;
    await writer.write(addRun(2));
    await recorded;
    expect(journal.commits.at(-1)?.map(({ kind }) => kind)).toEqual(["appendTrace", "addRun"]);
    expect(clock.timers).toBe(0);
  });

  it("writes what waits when it is closed, and takes nothing from then on", async () => {
    const { journal, writer } = openWriter();
    const written = writer.write(addRun(1));
    writer.close();
    await written;
    expect(journal.run("run-1")).not.toBe(null);
    await expect(writer.write(addRun(2))).rejects.toEqual(withCode("RUNNER_CLOSED"));
    await turn();
    expect(journal.run("run-2")).toBe(null);
  });

  it("gives up what it cannot write when it is closed", async () => {
    const { writer, clock } = openWriter(() => true);
    const recorded = expect(writer.recorderOf(1, () => {}).record(cancel("a"))).rejects.toEqual(
      withCode("RUNNER_CLOSED"),
    );
    writer.close();
    await recorded;
    expect(clock.timers).toBe(0);
  });
});

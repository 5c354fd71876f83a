import type { OrchestrationContext, Task } from "durable-functions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { df } from "../../../test/support/capture-functions.ts";
import { faultyStore } from "../../../test/support/faulty-store.ts";
import { type Harness, openHub, type StorePlace, storePlaces } from "../../../test/support/hub-harness.ts";
import { quiet } from "../../../test/support/manual-environment.ts";
import type { HistoryChunk, HistoryStore, InstanceRow } from "../store/history-store.ts";
import { checkHistory } from "./history-chain.ts";

type Flow = Generator<Task, unknown, unknown>;

df.app.activity("Note", { handler: ({ text }: { text: string }) => text });
df.app.orchestration("Notes", function* (context: OrchestrationContext): Flow {
  const texts: unknown[] = [];
  for (const text of ["één", "two", "three"]) texts.push(yield context.df.callActivity("Note", { text }));
  texts.push(yield context.df.waitForExternalEvent("Go"));
  return texts;
});

describe.each(storePlaces)("damage of a store in %s", (_kind, makePlace) => {
  let place: StorePlace;
  let kept: HistoryStore;
  let harness: Harness;
  /** What reading a history gives; null reads it as it is. */
  let damage: ((chunks: readonly HistoryChunk[]) => HistoryChunk[]) | null = null;
  let damagedKey: number | undefined;

  const open = async (): Promise<void> => {
    kept = await place.open();
    const store: HistoryStore = {
      ...faultyStore(kept, () => null),
      history: (key) => (damage && key === damagedKey ? damage(kept.history(key)) : kept.history(key)),
    };
    harness = await openHub({ store, ...(harness && { environment: harness.environment }) });
  };
  const reopen = async (): Promise<void> => {
    await harness.hub.close();
    await open();
    await quiet();
  };
  const rowOf = (id: string): InstanceRow => kept.instance(id) as InstanceRow;

  beforeEach(async () => {
    damage = null;
    place = makePlace();
    await open();
  });
  afterEach(async () => {
    await harness.hub.close();
    place.remove();
  });

  it("is seen for every one of 2,000 flipped bits, in a text, in a number, or in the instance", async () => {
    const id = await harness.run({ name: "Notes" });
    const row = rowOf(id);
    const chunks = kept.history(row.key);
    expect(chunks.length).toBeGreaterThan(3);
    expect(() => checkHistory(row, chunks)).not.toThrow();
    let seen = 0;
    for (let flip = 0; flip < 2000; flip += 1) {
      const at = flip % chunks.length;
      const chunk = chunks[at] as HistoryChunk;
      const [damagedRow, damagedChunk] = flipped(row, chunk, flip);
      const damaged = chunks.map((other, place) => (place === at ? damagedChunk : other));
      try {
        checkHistory(damagedRow, damaged);
      } catch (error) {
        expect(error).toMatchObject({ code: "HISTORY_DAMAGED" });
        seen += 1;
      }
    }
    expect(seen).toBe(2000);
  });

  it("is seen when rows are missing, changed places, or belong to another instance", async () => {
    const [one, other] = [await harness.run({ name: "Notes" }), await harness.run({ name: "Notes" })].map(rowOf);
    if (!one || !other) throw new Error("Both were started.");
    const chunks = kept.history(one.key);
    const [first, second, ...rest] = chunks as [HistoryChunk, HistoryChunk, ...HistoryChunk[]];
    for (const damaged of [
      chunks.slice(0, -1),
      chunks.slice(1),
      [second, first, ...rest],
      kept.history(other.key),
      [],
    ]) {
      expect(() => checkHistory(one, damaged)).toThrow(expect.objectContaining({ code: "HISTORY_DAMAGED" }));
    }
  });

  it("puts the damaged run aside at once and says so; the others go on; it can be terminated and purged", async () => {
    const [damaged, sound] = [await harness.run({ name: "Notes" }), await harness.run({ name: "Notes" })];
    damagedKey = rowOf(damaged).key;
    damage = (chunks) => chunks.map((chunk) => ({ ...chunk, events: chunk.events.replace("two", "tvo") }));
    await reopen();
    for (const id of [damaged, sound]) expect(await harness.hub.raiseEvent(id, "Go", "4")).toBe("accepted");
    await quiet();
    expect(await harness.view(sound)).toMatchObject({ runtimeStatus: "Completed", output: '["één","two","three",4]' });
    const view = await harness.view(damaged);
    expect([view.runtimeStatus, view.quarantine]).toEqual([
      "Running",
      expect.stringMatching(
        /^The stored history of instance ".*" is damaged: the row that begins with event \d+ does not/,
      ),
    ]);
    expect((await harness.hub.list({})).instances.filter(({ quarantine }) => quarantine)).toHaveLength(1);
    expect(harness.logged).toEqual([
      expect.stringContaining(`Instance "${damaged}" stands still until the next start`),
    ]);
    await expect(harness.hub.history(damaged)).rejects.toThrow(expect.objectContaining({ code: "HISTORY_DAMAGED" }));
    await harness.hub.terminate(damaged, "it is lost");
    await quiet();
    const ended = await harness.view(damaged);
    expect([ended.runtimeStatus, ended.output, ended.quarantine]).toEqual(["Terminated", "it is lost", undefined]);
    expect(await harness.hub.purge(damaged)).toBe(1);
    expect(kept.messages()).toEqual([]);
  });

  it("loses nothing: a run that was put aside goes on when the file was brought back", async () => {
    const id = await harness.run({ name: "Notes" });
    damagedKey = rowOf(id).key;
    damage = (chunks) => chunks.slice(1);
    await reopen();
    await harness.hub.raiseEvent(id, "Go", "4");
    await quiet();
    expect((await harness.view(id)).quarantine).toContain("is damaged");
    damage = null;
    await reopen();
    expect(await harness.view(id)).toMatchObject({ runtimeStatus: "Completed", output: '["één","two","three",4]' });
  });

  it("is tried five times when the hub cannot tell whether it lasts, and the run goes on when it does not", async () => {
    let reads = 0;
    const ids = [await harness.run({ name: "Notes" }), await harness.run({ name: "Notes" })];
    for (const [lasting, id] of ids.entries()) {
      damagedKey = rowOf(id).key;
      damage = (chunks) => {
        reads += 1;
        if (lasting === 1 || reads < 5) throw new Error("disk read error");
        return [...chunks];
      };
      reads = 0;
      await reopen();
      await harness.hub.raiseEvent(id, "Go", "4");
      await harness.environment.advance(60_000);
      expect(reads).toBe(5);
      const { runtimeStatus, quarantine } = await harness.view(id);
      expect([runtimeStatus, quarantine]).toEqual(
        [
          ["Completed", undefined],
          ["Running", "disk read error"],
        ][lasting],
      );
    }
  });
});

/** The row and the chunk with one bit of either changed; which one depends on the number. */
function flipped(row: InstanceRow, chunk: HistoryChunk, flip: number): [InstanceRow, HistoryChunk] {
  const bit = 2 ** (flip % 31);
  const toggled = (value: number): number => Number(BigInt(value) ^ BigInt(bit));
  if (flip % 40 === 37) return [{ ...row, historyChecksum: toggled(row.historyChecksum ?? 0) }, chunk];
  if (flip % 40 === 38) return [row, { ...chunk, checksum: toggled(chunk.checksum ?? 0) }];
  if (flip % 40 === 39) return [row, { ...chunk, firstEvent: toggled(chunk.firstEvent) }];
  if (flip % 40 === 35) return [{ ...row, inputJson: `"${"ab"[flip & 1]}"` }, chunk];
  if (flip % 40 === 36) return [row, { ...chunk, eventCount: toggled(chunk.eventCount) }];
  const bytes = Buffer.from(chunk.events);
  const place = (flip * 7919) % (bytes.length * 8);
  bytes[place >> 3] = (bytes[place >> 3] as number) ^ (1 << (place & 7));
  return [row, { ...chunk, events: bytes.toString() }];
}

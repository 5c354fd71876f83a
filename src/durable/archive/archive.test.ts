import { beforeEach, describe, expect, it } from "vitest";
import { archiveKey } from "../../wire/archive.ts";
import type { RecordedEvent } from "../../wire/run-event.ts";
import type { Instances } from "../sdk.ts";
import { deleteArchive, readArchive, writeArchive } from "./archive.ts";
import { operateArchive } from "./entity.ts";

const owner = { runId: "r", seed: "00" };
const events = (from: number, to: number, chars = 10): RecordedEvent[] =>
  Array.from({ length: to - from + 1 }, (_, place) => ({
    number: from + place,
    at: "2026-01-01T00:00:00.000Z",
    superstep: 1,
    type: "runOutput",
    executorId: "End",
    output: JSON.stringify("x".repeat(chars)),
  }));
const numbers = (read: readonly RecordedEvent[]) => read.map(({ number }) => number);

/** Entities that take their messages in when they are looked at for the n-th time. */
class Entities {
  readonly states = new Map<string, object>();
  readonly sent: string[] = [];
  delay = 0;
  reads = 0;
  #waiting: { left: number; work: () => void }[] = [];

  readonly instances = {
    readEntity: async (_name: string, key: string) => {
      this.reads++;
      for (const one of this.#waiting) if (one.left-- <= 0) one.work();
      this.#waiting = this.#waiting.filter(({ left }) => left >= 0);
      return this.states.get(key);
    },
    signalEntity: async (_name: string, key: string, operation: string, input: object) => {
      this.sent.push(`${operation} ${key.split("-")[1]}`);
      const work = () => {
        const next = operateArchive(this.states.get(key), operation, input);
        if (next) this.states.set(key, next);
        else this.states.delete(key);
      };
      this.#waiting.push({ left: this.delay, work });
    },
  } as Partial<Instances> as Instances;
}

let entities: Entities;
let clock: { nowMs: () => number; delay: (ms: number) => Promise<void> };
beforeEach(() => {
  entities = new Entities();
  let now = 0;
  clock = {
    nowMs: () => now,
    delay: async (ms) => {
      now += ms;
    },
  };
});

const write = (before: number, some: RecordedEvent[]) => writeArchive(entities.instances, owner, before, some, clock);
const read = (parts: number, after: number) => readArchive(entities.instances, owner, parts, after);

describe("an archive", () => {
  it("gives back its events behind any number, across parts", async () => {
    // Seven events of 60,000 characters in two parts of one generation, and three short ones in the next.
    const first = await write(0, events(1, 7, 60_000));
    const parts = await write(first, events(8, 10));
    expect([first, parts]).toEqual([2, 3]);
    for (let after = 0; after < 10; after++) {
      expect(numbers(await read(parts, after))).toEqual(events(after + 1, 10).map(({ number }) => number));
    }
  });

  it("gives pages of about a million characters", async () => {
    const parts = await write(0, events(1, 40, 100_000));
    const page = numbers(await read(parts, 5));
    expect([page[0], page.length]).toEqual([6, 11]);
    expect(numbers(await read(parts, 16))[0]).toBe(17);
  });

  it("finds a place without reading all parts before it", async () => {
    let parts = 0;
    for (let generation = 0; generation < 64; generation++) {
      parts = await write(parts, events(generation * 10 + 1, generation * 10 + 10));
    }
    entities.reads = 0;
    expect(numbers(await read(parts, 635))).toEqual([636, 637, 638, 639, 640]);
    expect(entities.reads).toBeLessThan(10);
  });

  it("holds an event that is larger than an entity may be", async () => {
    const some = [...events(1, 1), ...events(2, 2, 500_000), ...events(3, 3)];
    const parts = await write(0, some);
    expect(await read(parts, 0)).toEqual(some);
    expect(numbers(await read(parts, 1))).toEqual([2, 3]);
    expect(numbers(await read(parts, 2))).toEqual([3]);
    for (const state of entities.states.values()) {
      expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(256 * 1024);
    }
  });

  it("is written when it can be read, however long an entity takes", async () => {
    entities.delay = 5;
    const parts = await write(0, events(1, 3));
    expect(numbers(await read(parts, 0))).toEqual([1, 2, 3]);
  });

  it("is not written when an entity takes too long, and says so", async () => {
    entities.delay = 1_000_000;
    await expect(write(0, events(1, 3))).rejects.toMatchObject({ code: "HOST_UNAVAILABLE" });
    expect(clock.nowMs()).toBe(30_000);
  });

  it("is the same after it was written twice, and after a late message of a shorter one", async () => {
    await write(0, events(1, 5));
    await write(0, events(1, 5));
    await write(0, events(1, 3));
    expect(numbers(await read(1, 0))).toEqual([1, 2, 3, 4, 5]);
  });

  it("is deleted from its end, with the parts that nobody counted", async () => {
    await write(0, events(1, 8, 100_000));
    expect(entities.states.size).toBe(4);
    entities.sent.length = 0;
    await deleteArchive(entities.instances, owner, 2);
    expect(entities.sent).toEqual(["delete 3", "delete 2", "delete 1", "delete 0"]);
    await read(1, 0).catch(() => undefined);
    expect(entities.states.size).toBe(0);
  });

  it("that is being deleted is told of as a run that is not there", async () => {
    const parts = await write(0, events(1, 8, 100_000));
    entities.states.delete(archiveKey(owner, 1));
    await expect(read(parts, 2)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  });

  it("is another one for another run of the same id", async () => {
    await write(0, events(1, 3));
    expect(archiveKey({ ...owner, seed: "01" }, 0)).not.toBe(archiveKey(owner, 0));
    expect(archiveKey(owner, 12)).toMatch(/^[0-9a-f]{32}-12$/);
  });
});

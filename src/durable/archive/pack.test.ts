import fc from "fast-check";
import { expect, it } from "vitest";
import type { RecordedEvent } from "../../wire/run-event.ts";
import { packEvents, unpackEvents } from "./pack.ts";

const at = "2026-01-01T00:00:00.000Z";
const output = (number: number, text: string): RecordedEvent => ({
  number,
  at,
  superstep: 1,
  type: "runOutput",
  executorId: "End",
  output: JSON.stringify(text),
});
const bytesOf = (part: object) => Buffer.byteLength(JSON.stringify(part));

it("packs whole events into as few parts as hold them", () => {
  const events = [1, 2, 3, 4, 5].map((number) => output(number, "x".repeat(100)));
  const parts = packEvents(events, 700);
  expect(parts.map(({ lastNumber, lines, isCut }) => [lastNumber, lines.length, isCut])).toEqual([
    [2, 2, false],
    [4, 2, false],
    [5, 1, false],
  ]);
  expect(unpackEvents(parts)).toEqual(events);
  expect(unpackEvents(parts.slice(1)).map(({ number }) => number)).toEqual([3, 4, 5]);
});

it("cuts an event that is larger than a part, between characters", () => {
  const events = [output(1, "a"), output(2, "🙂".repeat(300)), output(3, "b")];
  const parts = packEvents(events, 1_000);
  expect(parts.length).toBeGreaterThan(4);
  expect(parts.map(({ isCut }) => isCut)).toEqual(parts.map((_part, place) => place < parts.length - 1));
  // It throws at half a character.
  for (const { lines } of parts) expect(() => lines.map(encodeURIComponent)).not.toThrow();
  expect(unpackEvents(parts)).toEqual(events);
});

it("makes no parts of no events", () => {
  expect(packEvents([])).toEqual([]);
  expect(unpackEvents([])).toEqual([]);
});

it("keeps every part under its limit, loses nothing, and changes no full part when events are added", () => {
  const text = fc.oneof(fc.string({ unit: "binary", maxLength: 400 }), fc.string({ unit: "grapheme", maxLength: 60 }));
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), fc.nat(20), (texts, cutAt) => {
      const events = texts.map((value, place) => output(place + 8, value));
      const parts = packEvents(events, 900);
      for (const part of parts) expect(bytesOf(part)).toBeLessThanOrEqual(900);
      expect(unpackEvents(parts)).toEqual(events);
      const earlier = packEvents(events.slice(0, cutAt), 900);
      for (const [place, { lines }] of earlier.entries()) {
        const grown = parts[place]?.lines ?? [];
        expect(grown.slice(0, lines.length)).toEqual(lines);
        if (place < earlier.length - 1) expect(parts[place]).toEqual(earlier[place]);
      }
    }),
  );
});

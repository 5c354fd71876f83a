import { expect, it } from "vitest";
import { operateArchive } from "./entity.ts";

const part = (...lines: string[]) => ({ format: 1 as const, lastNumber: lines.length, lines, isCut: false });

it("keeps a part that is put, and the longer one when it is put again", () => {
  expect(operateArchive(undefined, "put", part("one"))).toEqual(part("one"));
  expect(operateArchive(part("one"), "put", part("one", "two"))).toEqual(part("one", "two"));
  expect(operateArchive(part("one", "two"), "put", part("one"))).toEqual(part("one", "two"));
});

it("is gone after a delete", () => {
  expect(operateArchive(part("one"), "delete", {})).toBeNull();
  expect(operateArchive(undefined, "delete", undefined)).toBeNull();
});

it("is left as it is by anything else", () => {
  expect(operateArchive(part("one"), "put", { lines: "two" })).toEqual(part("one"));
  expect(operateArchive(part("one"), "clear", {})).toEqual(part("one"));
  expect(operateArchive(undefined, "clear", {})).toBeNull();
});

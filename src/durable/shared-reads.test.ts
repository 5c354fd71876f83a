import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SharedReads } from "./shared-reads.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("shares a reading while it is under way, and begins a new one after that", async () => {
  const reads = new SharedReads<number>();
  const finish: ((value: number) => void)[] = [];
  const read = () => new Promise<number>((resolve) => finish.push(resolve));
  expect(reads.underWay("r")).toBeUndefined();
  const own = reads.begin("r", read);
  const others = reads.underWay("r");
  expect(reads.underWay("s")).toBeUndefined();
  finish[0]?.(7);
  expect([await own, await others]).toEqual([7, 7]);
  expect(reads.underWay("r")).toBeUndefined();
});

it("keeps a failure to the one who began the reading", async () => {
  const reads = new SharedReads<number>();
  const own = reads.begin("r", async () => {
    throw new Error("no luck");
  });
  const others = reads.underWay("r");
  await expect(own).rejects.toThrow("no luck");
  expect(await others).toBeUndefined();
  expect(reads.underWay("r")).toBeUndefined();
});

it("keeps a reading for a second from its beginning, for those who take what is that old", async () => {
  const reads = new SharedReads<number>();
  await reads.begin("r", async () => 7);
  vi.advanceTimersByTime(999);
  expect(await reads.recent("r")).toBe(7);
  await reads.begin("r", async () => 8);
  vi.advanceTimersByTime(1);
  expect(await reads.recent("r")).toBe(8);
  vi.advanceTimersByTime(999);
  expect(reads.recent("r")).toBeUndefined();
});

it("keeps no failure", async () => {
  const reads = new SharedReads<number>();
  await expect(reads.begin("r", () => Promise.reject(new Error("no luck")))).rejects.toThrow("no luck");
  expect(reads.recent("r")).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});

import { expect, it } from "vitest";
import { serveTestApp } from "./support.ts";

const api = serveTestApp();
const CALLS = 1_000;
const AT_ONCE = 20;
const IDS = ["nobodys", "theirs"];

it("answers for a run of another workflow as for none: in every word, and in its time", async () => {
  expect((await api.post("workflows/Approval/run?runId=theirs", { amount: 1 })).status).toBe(202);
  const times: Record<string, number[]> = { nobodys: [], theirs: [] };
  const texts = new Set<string>();
  const ask = async (id: string): Promise<void> => {
    const begunAt = performance.now();
    const { status, text } = await api.get(`workflows/Counting/status/${id}`);
    times[id]?.push(performance.now() - begunAt);
    texts.add(`${status} ${text.replaceAll(id, "ID")}`);
  };
  // The two kinds take turns, so whatever else this machine does meets both.
  for (let calls = 0; calls < CALLS; calls += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => IDS.map(ask)).flat());
  }
  expect(texts.size).toBe(1);
  const [nobodys, theirs] = IDS.map((id) => times[id]?.sort((a, b) => a - b)[CALLS / 2] ?? 0) as [number, number];
  expect(Math.abs(nobodys - theirs) / Math.min(nobodys, theirs)).toBeLessThan(0.1);
}, 120_000);

import { expect, it } from "vitest";
import { createMemoryStore } from "../store/memory.ts";
import { HistoryCache } from "./history-cache.ts";
import { Instance } from "./instance.ts";
import { LoadedHistory } from "./loaded-history.ts";

function instanceOfBytes(key: number, sizeBytes: number): Instance {
  const row = {
    key,
    instanceId: `run-${key}`,
    executionId: "e",
    name: "N",
    version: "",
    status: "Running",
    parent: null,
  } as const;
  const instance = new Instance(row, []);
  instance.history = new LoadedHistory([], "x".repeat(sizeBytes), null, 0);
  return instance;
}

it("keeps the histories used last and lets go of the others, but never of one in use", () => {
  const cache = new HistoryCache(createMemoryStore(), 250);
  const [oldest, busy, newer, newest] = [1, 2, 3, 4].map((key) => instanceOfBytes(key, 100)) as Instance[];
  for (const instance of [oldest, busy, newer, newest]) if (instance) cache.note(instance);
  if (busy) busy.isRunning = true;
  cache.trim();
  const kept = [oldest, busy, newer, newest].map((instance) => instance?.history !== null);
  expect(kept).toEqual([false, true, false, true]);
});

it("reads a history again from the store when it is needed", () => {
  const store = createMemoryStore();
  const started = '{"EventType":12,"EventId":-1,"IsPlayed":true,"Timestamp":"2026-01-01T00:00:00.000Z"}';
  const { row, executionId, status } = instanceOfBytes(1, 0);
  const payloads = { inputJson: null, customStatusJson: null, output: null, historyChecksum: null };
  const full = { ...row, ...payloads, executionId, status, createdAtMs: 0, updatedAtMs: 0 };
  store.commit([{ kind: "addInstance", row: full }]);
  store.commit([
    { kind: "appendHistory", key: 1, chunk: { firstEvent: 0, eventCount: 1, events: started, checksum: null } },
  ]);
  const instance = instanceOfBytes(1, 0);
  instance.history = null;
  const history = new HistoryCache(store, 1).load(instance);
  expect(history).toMatchObject({
    stored: [{ value: JSON.parse(started), atMs: Date.UTC(2026, 0, 1) }],
    latestStartMs: Date.UTC(2026, 0, 1),
  });
  expect(instance.history).toBe(history);
});

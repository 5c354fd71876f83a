import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HistoryStore, InstanceRow, Write } from "./history-store.ts";
import { createMemoryStore } from "./memory.ts";
import { openSqliteStore } from "./sqlite.ts";

const instance = (key: number, more: Partial<InstanceRow> = {}): InstanceRow => ({
  key,
  instanceId: `run-${key}`,
  executionId: `exec-${key}`,
  name: "Main",
  version: "",
  status: "Pending",
  parent: null,
  inputJson: '{"n":1}',
  customStatusJson: null,
  output: null,
  historyChecksum: 2 ** 32 - 2,
  createdAtMs: 1000 + key,
  updatedAtMs: 1000 + key,
  ...more,
});
const add = (key: number, more: Partial<InstanceRow> = {}): Write => ({
  kind: "addInstance",
  row: instance(key, more),
});
const message = (key: number, seq: number) => ({ key, seq, executionId: null, event: `{"n":${seq}}` });
const chunk = (firstEvent: number, events: string) => ({ firstEvent, eventCount: 2, events, checksum: 2 ** 32 - 1 });

const stores: readonly [string, (folder: string) => Promise<HistoryStore>][] = [
  ["memory", async () => createMemoryStore()],
  ["SQLite", (folder) => openSqliteStore({ file: join(folder, "hub.sqlite") })],
];

describe.each(stores)("a store in %s", (_kind, open) => {
  let folder: string;
  let store: HistoryStore;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "store-"));
    store = await open(folder);
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });

  it("gives back an instance as it was added, and null for an unknown one", () => {
    const parent = { instanceId: "up", executionId: "exec-up", name: "Up", taskId: 4 };
    store.commit([add(1, { parent, inputJson: '"ä\\u0000"', version: null })]);
    expect(store.instance("run-1")).toEqual(instance(1, { parent, inputJson: '"ä\\u0000"', version: null }));
    expect(store.instance("RUN-1")).toBeNull();
  });

  it("changes what an episode changes, also a custom status that is gone", () => {
    const change = {
      key: 1,
      status: "Running",
      customStatusJson: '"s"',
      output: null,
      historyChecksum: 3,
      updatedAtMs: 5,
    } as const;
    store.commit([add(1), { kind: "changeInstance", change }]);
    const ended = { ...change, status: "Completed", customStatusJson: null, output: '"out"', updatedAtMs: 9 } as const;
    store.commit([{ kind: "changeInstance", change: ended }]);
    expect(store.instance("run-1")).toEqual(
      instance(1, { status: "Completed", customStatusJson: null, output: '"out"', historyChecksum: 3, updatedAtMs: 9 }),
    );
  });

  it("keeps the chunks of a history in order", () => {
    store.commit([add(1), add(2)]);
    store.commit([
      { kind: "appendHistory", key: 2, chunk: chunk(0, "{},{}") },
      { kind: "appendHistory", key: 1, chunk: chunk(0, '{"a":1},{"a":2}') },
      { kind: "appendHistory", key: 1, chunk: chunk(2, '{"a":3},{"a":4}') },
    ]);
    expect(store.history(1)).toEqual([chunk(0, '{"a":1},{"a":2}'), chunk(2, '{"a":3},{"a":4}')]);
    expect(store.history(3)).toEqual([]);
  });

  it("begins a generation without the history of the one before", () => {
    const change = { key: 1, executionId: "exec-next", inputJson: null, createdAtMs: 7 };
    store.commit([add(1), { kind: "appendHistory", key: 1, chunk: chunk(0, "{},{}") }]);
    store.commit([{ kind: "beginGeneration", change }]);
    expect(store.history(1)).toEqual([]);
    expect(store.instance("run-1")).toEqual(instance(1, { executionId: "exec-next", inputJson: null, createdAtMs: 7 }));
  });

  it("keeps messages, activities and timers until they are removed, in order", () => {
    const activity = {
      key: 1,
      seq: 5,
      instanceId: "run-1",
      executionId: "exec-1",
      taskId: 0,
      name: "A",
      inputJson: "1",
    };
    const timer = { key: 1, seq: 6, executionId: "exec-1", timerId: 1, fireAtMs: 99 };
    store.commit([
      add(1),
      { kind: "addMessage", row: message(1, 4) },
      { kind: "addMessage", row: message(2, 3) },
      { kind: "addMessage", row: message(1, 2) },
      { kind: "addActivity", row: activity },
      { kind: "addActivity", row: { ...activity, seq: 7, inputJson: null } },
      { kind: "addTimer", row: timer },
    ]);
    expect(store.messages().map(({ seq }) => seq)).toEqual([2, 3, 4]);
    expect(store.messages(1)).toEqual([message(1, 2), message(1, 4)]);
    expect(store.activities()).toEqual([activity, { ...activity, seq: 7, inputJson: null }]);
    expect(store.timers()).toEqual([timer]);
    store.commit([
      { kind: "removeMessage", seq: 2 },
      { kind: "removeActivity", seq: 5 },
      { kind: "removeTimer", seq: 6 },
    ]);
    expect(store.messages(1)).toEqual([message(1, 4)]);
    expect(store.activities().map(({ seq }) => seq)).toEqual([7]);
    expect(store.timers()).toEqual([]);
  });

  it("counts on above every number in use", () => {
    expect(store.counters()).toEqual({ nextKey: 1, nextSeq: 1 });
    store.commit([add(7), { kind: "addMessage", row: message(7, 3) }]);
    store.commit([{ kind: "addTimer", row: { key: 7, seq: 12, executionId: "e", timerId: 0, fireAtMs: 1 } }]);
    expect(store.counters()).toEqual({ nextKey: 8, nextSeq: 13 });
  });

  it("applies all writes of a commit or none", () => {
    store.commit([add(1)]);
    const writes: Write[] = [add(2), { kind: "addMessage", row: message(2, 1) }, add(3, { instanceId: "run-1" })];
    expect(() => store.commit(writes)).toThrow(expect.objectContaining({ code: "STORE_WRITE_FAILED" }));
    expect(store.instance("run-2")).toBeNull();
    expect(store.messages()).toEqual([]);
    store.commit([add(2)]);
    expect(store.instance("run-2")).toEqual(instance(2));
  });

  it("replaces an instance in one commit, and forgets the old one's history", () => {
    store.commit([add(1), { kind: "appendHistory", key: 1, chunk: chunk(0, "{},{}") }]);
    store.commit([{ kind: "deleteInstance", key: 1 }, add(2, { instanceId: "run-1" })]);
    expect(store.instance("run-1")).toEqual(instance(2, { instanceId: "run-1" }));
    expect(store.history(1)).toEqual([]);
    expect(store.instances({}).rows).toHaveLength(1);
  });

  it("lists the open instances in the order of their starts", () => {
    store.commit([
      add(1, { status: "Completed" }),
      add(2, { status: "Running" }),
      add(3, { status: "Failed" }),
      add(4),
      add(5, { status: "Suspended" }),
      add(6, { status: "Terminated" }),
    ]);
    expect(store.openInstances().map(({ instanceId }) => instanceId)).toEqual(["run-2", "run-4", "run-5"]);
    const { inputJson, customStatusJson, output, historyChecksum, createdAtMs, updatedAtMs, ...open } = instance(4);
    expect(store.openInstances()[1]).toMatchObject(open);
  });

  it("keeps an entity as it was put, finds the locked ones, and forgets it", () => {
    const lock = { requestId: "r", instanceId: "run-1", executionId: "exec-1" };
    const free = { entityId: "@a@ä", exists: true, stateJson: '{"n":1}', lock: null, updatedAtMs: 5 };
    const locked = { entityId: "@a@b", exists: false, stateJson: null, lock, updatedAtMs: 6 };
    store.commit([free, locked].map((row) => ({ kind: "putEntity", row }) as const));
    expect([store.entity("@a@ä"), store.entity("@a@b"), store.entity("@A@b")]).toEqual([free, locked, null]);
    expect(store.lockedEntities()).toEqual([locked]);
    store.commit([
      { kind: "putEntity", row: { ...free, stateJson: null, updatedAtMs: 7 } },
      { kind: "removeEntity", entityId: "@a@b" },
    ]);
    expect([store.entity("@a@ä"), store.entity("@a@b")]).toEqual([{ ...free, stateJson: null, updatedAtMs: 7 }, null]);
  });

  it("lists the entities that exist by id, name and time, and their states only when asked", () => {
    const entity = (entityId: string, updatedAtMs: number, exists = true): Write => ({
      kind: "putEntity",
      row: { entityId, exists, stateJson: "1", lock: null, updatedAtMs },
    });
    store.commit([
      entity("@b@1", 1),
      entity("@a@2", 2),
      entity("@a@1", 3),
      entity("@ab@1", 4),
      entity("@a@3", 5, false),
    ]);
    const ids = (filter: Parameters<HistoryStore["entities"]>[0]) =>
      store.entities(filter).rows.map(({ entityId }) => entityId);
    expect(ids({})).toEqual(["@a@1", "@a@2", "@ab@1", "@b@1"]);
    expect(ids({ name: "A" })).toEqual(["@a@1", "@a@2"]);
    expect(ids({ updatedFromMs: 2, updatedToMs: 3 })).toEqual(["@a@1", "@a@2"]);
    const first = store.entities({ top: 3, withState: true });
    expect([first.continuationToken, first.rows[0]?.stateJson]).toEqual(["@ab@1", "1"]);
    expect(store.entities({ top: 3, continuationToken: "@ab@1" })).toMatchObject({
      rows: [{ entityId: "@b@1", stateJson: null }],
      continuationToken: null,
    });
  });

  it("keeps what entities were sent until it is removed, in order", () => {
    const sent = (seq: number) => ({ seq, entityId: "@a@1", name: "op", requestJson: `{"id":"${seq}"}` }) as const;
    store.commit([5, 3, 4].map((seq) => ({ kind: "addEntityMessage", row: sent(seq) }) as const));
    expect(store.counters().nextSeq).toBe(6);
    store.commit([{ kind: "removeEntityMessage", seq: 4 }]);
    expect(store.entityMessages()).toEqual([sent(3), sent(5)]);
  });

  it("pages through instances, newest first", () => {
    store.commit([1, 2, 3, 4, 5].map((key) => add(key)));
    const first = store.instances({ top: 2 });
    expect(first.rows.map(({ key }) => key)).toEqual([5, 4]);
    const second = store.instances({ top: 2, continuationToken: first.continuationToken ?? "" });
    expect(second.rows.map(({ key }) => key)).toEqual([3, 2]);
    const last = store.instances({ top: 2, continuationToken: second.continuationToken ?? "" });
    expect(last).toMatchObject({ rows: [{ key: 1 }], continuationToken: null });
  });

  it("shows 100 instances a page unless asked otherwise", () => {
    store.commit(Array.from({ length: 101 }, (_, index) => add(index + 1)));
    const page = store.instances({});
    expect(page.rows).toHaveLength(100);
    expect(page.continuationToken).toBe("2");
  });

  it("filters by status, time of creation (both ends included) and the beginning of the id", () => {
    store.commit([
      add(1, { instanceId: "a_1", status: "Completed" }),
      add(2, { instanceId: "a%2" }),
      add(3, { instanceId: "b-3" }),
      add(4, { instanceId: "A-4" }),
    ]);
    const keys = (filter: Parameters<HistoryStore["instances"]>[0]) =>
      store.instances(filter).rows.map(({ key }) => key);
    expect(keys({ runtimeStatus: ["Completed", "Failed"] })).toEqual([1]);
    expect(keys({ runtimeStatus: [] })).toEqual([]);
    expect(keys({ createdFromMs: 1002, createdToMs: 1003 })).toEqual([3, 2]);
    expect(keys({ instanceIdPrefix: "a" })).toEqual([2, 1]);
    expect(keys({ instanceIdPrefix: "a_" })).toEqual([1]);
    expect(keys({ instanceIdPrefix: "a%" })).toEqual([2]);
    expect(keys({ instanceIdPrefix: "a", runtimeStatus: ["Pending"], createdToMs: 1001 })).toEqual([]);
  });

  it("keeps one schedule for each timer function", () => {
    expect(store.schedule("tick")).toBeNull();
    const status = { lastMs: null, nextMs: 2_000, lastUpdatedMs: 1_000 };
    store.commit([{ kind: "putSchedule", functionName: "tick", status }]);
    store.commit([{ kind: "putSchedule", functionName: "other", status: { ...status, nextMs: 3_000 } }]);
    expect(store.schedule("tick")).toEqual(status);
    const fired = { lastMs: 2_000, nextMs: 4_000, lastUpdatedMs: 2_000 };
    store.commit([{ kind: "putSchedule", functionName: "tick", status: fired }]);
    expect([store.schedule("tick"), store.schedule("other")?.nextMs]).toEqual([fired, 3_000]);
  });
});

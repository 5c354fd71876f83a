import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EntityContext, OrchestrationContext, Task } from "durable-functions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { df } from "../../../test/support/capture-functions.ts";
import { type Harness, openHub } from "../../../test/support/hub-harness.ts";
import { type ManualEnvironment, manualEnvironment, quiet } from "../../../test/support/manual-environment.ts";
import type { HistoryStore } from "../store/history-store.ts";
import { createMemoryStore } from "../store/memory.ts";
import { openSqliteStore } from "../store/sqlite.ts";
import { exportRun } from "./export-run.ts";
import { importRun } from "./import-run.ts";
import { type RunFile, readRunFile, writeRunFile } from "./run-file.ts";

type Flow = Generator<Task, unknown, unknown>;

let callsOfStep = 0;
let letGo: (() => void)[] = [];
df.app.activity("Step", {
  handler: ({ place }: { place: string }) => {
    callsOfStep += 1;
    return `step ${place}`;
  },
});
df.app.activity("Slow", {
  handler: async () => {
    await new Promise<void>((resolve) => letGo.push(resolve));
    return "slow";
  },
});
df.app.entity("Tally", (context: EntityContext<number>) => {
  const count = (context.df.getState() ?? 0) + 1;
  context.df.setState(count);
  context.df.return(count);
});
df.app.orchestration("Child", function* (context: OrchestrationContext): Flow {
  return yield context.df.waitForExternalEvent("Go");
});
df.app.orchestration("Journey", function* (context: OrchestrationContext): Flow {
  const own = new df.EntityId("Tally", `${context.df.instanceId}/1`);
  const first = yield context.df.callActivity("Step", { place: "one" });
  yield context.df.callEntity(own, "add");
  context.df.setCustomStatus({ at: "the crossing" });
  const due = new Date(context.df.currentUtcDateTime.getTime() + 60_000);
  const rest = yield context.df.Task.all([
    context.df.callActivity("Slow"),
    context.df.createTimer(due),
    context.df.callSubOrchestrator("Child", {}, `${context.df.instanceId}-child`),
    context.df.waitForExternalEvent("Paper"),
  ]);
  return [first, ...(rest as unknown[]), yield context.df.callEntity(own, "add")];
});
df.app.orchestration("Counting", function* (context: OrchestrationContext): Flow {
  const { instanceId } = context.df;
  yield context.df.callEntity(new df.EntityId("Tally", instanceId), "add");
  yield context.df.callEntity(new df.EntityId("Tally", `${instanceId}/1`), "add");
  return yield context.df.waitForExternalEvent("Go");
});
df.app.orchestration("CountingForOther", function* (context: OrchestrationContext): Flow {
  return yield context.df.callSubOrchestrator("Counting", {}, "kid");
});
df.app.orchestration("dafx-agent-turn-Talker", function* (context: OrchestrationContext): Flow {
  yield context.df.callEntity(new df.EntityId("dafx-agent-Talker", "thread"), "begin");
  return yield context.df.callSubOrchestrator("Child", {}, "talk");
});
df.app.entity("dafx-agent-Talker", () => {});
df.app.orchestration("Section", function* (context: OrchestrationContext): Flow {
  yield context.df.lock([new df.EntityId("Tally", "shared")]);
  return yield context.df.waitForExternalEvent("Go");
});

let folder: string;
let environment: ManualEnvironment;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "transfer-"));
  environment = manualEnvironment();
  callsOfStep = 0;
  letGo = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const openStore = (name: string) => openSqliteStore({ file: join(folder, `${name}.sqlite`) });

/** A hub over a store of this name; what `act` leaves under way stays on disk. */
async function onHub<Result>(name: string, act: (harness: Harness) => Promise<Result>): Promise<Result> {
  const harness = await openHub({ store: await openStore(name), environment });
  const result = await act(harness);
  await harness.hub.close();
  return result;
}

async function onStore<Result>(name: string, act: (store: HistoryStore) => Result): Promise<Result> {
  const store = await openStore(name);
  try {
    return act(store);
  } finally {
    store.close();
  }
}

const beginJourney = () =>
  onHub("from", async ({ run, hub }) => {
    // Numbers in the two stores differ.
    await run({ name: "Journey", instanceId: "other" });
    await run({ name: "Journey", instanceId: "trip" });
    await hub.raiseEvent("trip", "Paper", '"paper"');
    await quiet();
  });
const exportTrip = () => onStore("from", (store) => writeRunFile(exportRun(store, "trip").content));
const code = (error: string) => expect.objectContaining({ code: error });

describe("a run that is moved as a file", () => {
  it("goes on where it was: timer, child, activity under way, events and its own entities come with it", async () => {
    await beginJourney();
    const text = await exportTrip();
    const ids = await onStore("to", (store) => importRun(store, readRunFile(text)));
    expect(ids).toEqual(["trip", "trip-child"]);
    callsOfStep = 0;
    letGo = [];
    const output = await onHub("to", async ({ hub, view }) => {
      expect(await view("trip")).toMatchObject({ runtimeStatus: "Running", customStatusJson: '{"at":"the crossing"}' });
      await hub.raiseEvent("trip-child", "Go", '"child"');
      await quiet();
      for (const resolve of letGo) resolve();
      await environment.advance(61_000);
      expect(await hub.get("other")).toBeNull();
      return view("trip");
    });
    expect(output).toMatchObject({
      runtimeStatus: "Completed",
      output: '["step one","slow",null,"child","paper",2]',
    });
    expect(callsOfStep).toBe(0);
  });

  it("leaves nothing behind when it is taken out", async () => {
    await beginJourney();
    await onStore("from", (store) => {
      const { removal } = exportRun(store, "trip");
      store.commit(removal);
      const left = store.openInstances().map(({ instanceId }) => instanceId);
      expect(left).toEqual(["other", "other-child"]);
      const work = [...store.messages(), ...store.activities(), ...store.timers()];
      const keys = store.openInstances().map(({ key }) => key);
      expect(work.filter(({ key }) => !keys.includes(key))).toEqual([]);
      expect(store.entities({}).rows.map(({ entityId }) => entityId)).toEqual(["@tally@other/1"]);
    });
  });

  it("is the same file again when it is exported from where it was imported", async () => {
    await beginJourney();
    const text = await exportTrip();
    await onStore("to", (store) => importRun(store, readRunFile(text)));
    const again = await onStore("to", (store) => readRunFile(writeRunFile(exportRun(store, "trip").content)));
    const withoutOrder = (file: RunFile) => JSON.parse(JSON.stringify(file).replaceAll(/"order":\d+/g, '"order":0'));
    expect(withoutOrder(again)).toEqual(withoutOrder(readRunFile(text)));
  });

  it("may have ended: its history is kept", async () => {
    const output = await onHub("from", async ({ run, hub, view }) => {
      await run({ name: "Child", instanceId: "done" });
      await hub.raiseEvent("done", "Go", '"there"');
      await quiet();
      return (await view("done")).output;
    });
    const text = await onStore("from", (store) => writeRunFile(exportRun(store, "done").content));
    await onStore("to", (store) => importRun(store, readRunFile(text)));
    await onHub("to", async ({ view, history }) => {
      expect((await view("done")).output).toBe(output);
      expect(await history("done")).toBe("12 0 13 12 15 1#0 13");
    });
  });

  it("is not imported over a run or an entity of the same name, and nothing is written then", async () => {
    await beginJourney();
    const text = await exportTrip();
    await onStore("from", (store) => {
      expect(() => importRun(store, readRunFile(text))).toThrow(code("RUN_EXISTS"));
    });
    const taken = createMemoryStore();
    const row = { entityId: "@tally@trip/1", exists: true, stateJson: "9", lock: null, updatedAtMs: 1 };
    taken.commit([{ kind: "putEntity", row }]);
    expect(() => importRun(taken, readRunFile(text))).toThrow('The store has "@tally@trip/1" already.');
    expect([taken.openInstances(), taken.messages()]).toEqual([[], []]);
  });

  it("is refused as a sub-orchestration that another run waits for, and inside of a section over others' entities", async () => {
    await beginJourney();
    await onHub("from", ({ run }) => run({ name: "Section", instanceId: "section" }));
    await onStore("from", (store) => {
      expect(() => exportRun(store, "trip-child")).toThrow('"trip" waits for it. Export "trip"');
      expect(() => exportRun(store, "section")).toThrow("is in a critical section over @tally@shared");
      expect(() => exportRun(store, "nowhere")).toThrow(code("RUN_NOT_FOUND"));
    });
  });
});

describe("the entities of a run", () => {
  const entitiesOf = (name: string) =>
    onStore(name, (store) => store.entities({}).rows.map(({ entityId }) => entityId));

  it("are those under its whole id, not those of a run whose id begins so, and move alone", async () => {
    await onHub("from", async ({ run }) => {
      for (const instanceId of ["a", "ab", "a-b"]) await run({ name: "Counting", instanceId });
    });
    const text = await onStore("from", (store) => {
      const { content, removal } = exportRun(store, "a");
      store.commit(removal);
      return writeRunFile(content);
    });
    await onStore("to", (store) => importRun(store, readRunFile(text)));
    expect(await entitiesOf("to")).toEqual(["@tally@a", "@tally@a/1"]);
    expect(await entitiesOf("from")).toEqual(["@tally@a-b", "@tally@a-b/1", "@tally@ab", "@tally@ab/1"]);
  });

  it("are those of its open sub-orchestrations too, wherever they stand among those of others", async () => {
    await onHub("from", ({ run }) => run({ name: "CountingForOther", instanceId: "trip" }));
    const others = (entity: string, key: (n: number) => string) =>
      Array.from({ length: 1_500 }, (_, n) => {
        const row = { entityId: `@${entity}@${key(n)}`, exists: true, stateJson: "1", lock: null, updatedAtMs: 1 };
        return { kind: "putEntity", row } as const;
      });
    const text = await onStore("from", (store) => {
      store.commit([...others("abacus", (n) => `kid${n}`), ...others("zither", (n) => `${n}/kid`)]);
      const { content, removal } = exportRun(store, "trip");
      store.commit(removal);
      return writeRunFile(content);
    });
    await onStore("to", (store) => importRun(store, readRunFile(text)));
    expect(await entitiesOf("to")).toEqual(["@tally@kid", "@tally@kid/1"]);
    const left = await onStore("from", (store) => store.entities({ name: "tally" }).rows);
    expect(left).toEqual([]);
  });

  it("are not the conversation that a turn is part of: neither the turn nor its run goes before it is over", async () => {
    await onHub("from", ({ run }) => run({ name: "dafx-agent-turn-Talker", instanceId: "turn.talk" }));
    await onStore("from", (store) => {
      for (const runId of ["turn.talk", "talk"]) {
        expect(() => exportRun(store, runId)).toThrow(code("EXPORT_REFUSED"));
        expect(() => exportRun(store, runId)).toThrow(
          '"turn.talk" is a turn in a conversation with an agent, which it shares with the turns before and after it. Wait until the turn is over, or cancel it;',
        );
      }
    });
    await onHub("from", async ({ hub }) => {
      await hub.raiseEvent("talk", "Go", '"said"');
      await quiet();
    });
    const output = await onStore("from", (store) => exportRun(store, "talk").content.instances[0]?.output);
    expect(output).toBe('"said"');
  });
});

describe("the file of a run", () => {
  it("is refused when one character of it was changed, wherever", async () => {
    await beginJourney();
    const text = await exportTrip();
    expect(readRunFile(text).instances[0]?.instanceId).toBe("trip");
    const places = [...text.matchAll(/[0-9a-z]/g)].map(({ index }) => index);
    for (let n = 0; n < 300; n += 1) {
      const place = places[Math.floor((n * places.length) / 300)] ?? 0;
      const other = text[place] === "1" ? "2" : "1";
      const changed = text.slice(0, place) + other + text.slice(place + 1);
      expect(() => readRunFile(changed)).toThrow(code("RUN_FILE_INVALID"));
    }
  });

  it.each(["", "{}", "[]", '{"format":"durable-workflows/run","version":2}'])("is refused when it is %j", (text) => {
    expect(() => readRunFile(text)).toThrow(code("RUN_FILE_INVALID"));
  });

  it("may be formatted anew", async () => {
    await beginJourney();
    const text = await exportTrip();
    expect(readRunFile(JSON.stringify(JSON.parse(text)))).toEqual(readRunFile(text));
  });
});

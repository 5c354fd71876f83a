import type { OrchestrationContext, Task } from "durable-functions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { df } from "../../../test/support/capture-functions.ts";
import { faultyStore } from "../../../test/support/faulty-store.ts";
import { type Harness, openHub, type StorePlace, storePlaces } from "../../../test/support/hub-harness.ts";
import { quiet } from "../../../test/support/manual-environment.ts";

type Flow = Generator<Task, unknown, unknown>;

let broken = new Set<string>();
const ran: string[] = [];
df.app.activity("Fragile", {
  handler: ({ key }: { key: string }) => {
    ran.push(key);
    if (broken.has(key)) throw new Error(`${key} is broken`);
    return key;
  },
});
df.app.orchestration("Rewound child", function* (context: OrchestrationContext): Flow {
  return yield context.df.callActivity("Fragile", { key: "child" });
});
df.app.orchestration("Rewound", function* (context: OrchestrationContext): Flow {
  const step = (key: string): Task => context.df.callActivity("Fragile", { key });
  const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
  const [first] = (yield context.df.Task.all([step("a"), step("b")])) as unknown[];
  const child = yield context.df.callSubOrchestrator("Rewound child", {}, "rewound-child");
  yield timer;
  return [first, child, yield step("last")];
});

describe.each(storePlaces)("rewinding on a hub over a store in %s", (_kind, makePlace) => {
  let place: StorePlace;
  let harness: Harness;
  let isFull = false;

  beforeEach(async () => {
    place = makePlace();
    broken = new Set();
    ran.length = 0;
    isFull = false;
    harness = await openHub({ store: faultyStore(await place.open(), () => (isFull ? "before" : null)) });
  });
  afterEach(async () => {
    await harness.hub.close();
    place.remove();
  });

  const fail = async (key: string): Promise<string> => {
    broken.add(key);
    const id = await harness.run({ name: "Rewound", inputJson: "{}" });
    await harness.environment.advance(70_000);
    expect((await harness.view(id)).runtimeStatus).toBe("Failed");
    broken.clear();
    return id;
  };
  const finish = async (id: string): Promise<void> => {
    await quiet();
    await harness.environment.advance(70_000);
    expect(await harness.view(id)).toMatchObject({ runtimeStatus: "Completed", output: '["a","child","last"]' });
  };

  it.each([
    ["b", ["a", "b", "b", "child", "last"]],
    ["last", ["a", "b", "child", "last", "last"]],
  ])("runs only what failed again: %s", async (key, expected) => {
    const id = await fail(key);
    expect(await harness.hub.rewind(id, "repaired")).toBe("accepted");
    await finish(id);
    expect(ran).toEqual(expected);
    expect(await harness.history(id)).not.toMatch(/\b6\b/);
  });

  it("rewinds failed children with their parent", async () => {
    const id = await fail("child");
    expect(await harness.hub.rewind(id, "repaired")).toBe("accepted");
    await finish(id);
    expect(ran).toEqual(["a", "b", "child", "child", "last"]);
    expect((await harness.view("rewound-child")).runtimeStatus).toBe("Completed");
  });

  it("can fail again, and be rewound again", async () => {
    const id = await fail("last");
    broken.add("last");
    await harness.hub.rewind(id, "once");
    await quiet();
    expect((await harness.view(id)).runtimeStatus).toBe("Failed");
    broken.clear();
    await harness.hub.rewind(id, "twice");
    await finish(id);
  });

  it("is refused for what has not failed", async () => {
    const id = await harness.run({ name: "Rewound", inputJson: "{}" });
    expect(await harness.hub.rewind(id, "why")).toBe("not-failed");
    await harness.hub.terminate(id, "no");
    await quiet();
    expect(await harness.hub.rewind(id, "why")).toBe("finished");
    expect(await harness.hub.rewind("nobody", "why")).toBe("not-found");
  });

  it("leaves the instance failed when it could not be written", async () => {
    const id = await fail("last");
    isFull = true;
    await expect(harness.hub.rewind(id, "no room")).rejects.toThrow(
      expect.objectContaining({ code: "STORE_WRITE_FAILED" }),
    );
    expect((await harness.view(id)).runtimeStatus).toBe("Failed");
    isFull = false;
    await harness.hub.rewind(id, "room");
    await finish(id);
  });

  it("restarts an instance with a new id, or in its own place when it has ended", async () => {
    const id = await fail("last");
    const anew = await harness.hub.restart(id, true);
    expect(anew).toMatchObject({ ok: true, instanceId: expect.not.stringMatching(id) });
    await quiet();
    // The sub-orchestration has a given id: the failed one's is free by now.
    await harness.environment.advance(70_000);
    expect(await harness.hub.restart(id, false)).toEqual({ ok: true, instanceId: id });
    expect(await harness.hub.restart(id, false)).toMatchObject({ ok: false, reason: "exists" });
    await finish(id);
    expect(await harness.hub.restart("nobody", true)).toBeNull();
  });
});

import type { OrchestrationContext, Task } from "durable-functions";
import { beforeEach, describe, expect, it } from "vitest";
import { capturedFunctions, df } from "../../../test/support/capture-functions.ts";
import { type FaultyStore, faultyStore } from "../../../test/support/faulty-store.ts";
import { type ManualEnvironment, manualEnvironment, quiet } from "../../../test/support/manual-environment.ts";
import { createMemoryStore } from "../store/memory.ts";
import { createTaskHub } from "./create-task-hub.ts";
import type { TaskHubOptions } from "./hub-options.ts";
import type { TaskHub } from "./task-hub.ts";

type Flow = Generator<Task, unknown, unknown>;

df.app.orchestration("TakeOne", function* (context: OrchestrationContext): Flow {
  return yield context.df.waitForExternalEvent("Go");
});
df.app.orchestration("TakeThree", function* (context: OrchestrationContext): Flow {
  const taken: unknown[] = [];
  for (let n = 0; n < 3; n += 1) taken.push(yield context.df.waitForExternalEvent("Go"));
  return taken;
});
df.app.orchestration("Renew", function* (context: OrchestrationContext): Flow {
  const taken = [...(context.df.getInput() as unknown[]), yield context.df.waitForExternalEvent("Go")];
  if (taken.length === 2) return taken;
  context.df.continueAsNew(taken);
  return undefined;
});

/** While an orchestrator is being called, other things happen: its answer waits at this gate. */
describe("while an orchestrator is being called", () => {
  let gate: { readonly promise: Promise<void>; readonly open: () => void } | null;
  let isFull: boolean;
  let environment: ManualEnvironment;
  let store: FaultyStore;
  let hub: TaskHub;

  function closeGate(): void {
    let open = (): void => {};
    const promise = new Promise<void>((resolve) => {
      open = resolve;
    });
    gate = { promise, open };
  }

  async function openGate(): Promise<void> {
    gate?.open();
    gate = null;
    await quiet();
  }

  async function begin(options: Partial<TaskHubOptions> = {}): Promise<void> {
    const functions = capturedFunctions();
    hub = createTaskHub({ store, environment, ...options });
    await hub.open({
      ...functions,
      async invokeOrchestrator(...call) {
        const waiting = gate?.promise;
        const result = await functions.invokeOrchestrator(...call);
        await waiting;
        return result;
      },
    });
  }

  async function start(name: string, inputJson: string | null = null): Promise<void> {
    await hub.start({ name, instanceId: name, inputJson });
    await quiet();
  }

  beforeEach(async () => {
    gate = null;
    isFull = false;
    environment = manualEnvironment();
    store = faultyStore(createMemoryStore(), () => (isFull ? "before" : null));
    await begin();
  });

  it("an event for an instance that then ends is accepted, has no effect and leaves nothing behind", async () => {
    await start("TakeOne");
    closeGate();
    await hub.raiseEvent("TakeOne", "Go", "1");
    await quiet();
    expect(await hub.raiseEvent("TakeOne", "Go", "2")).toBe("accepted");
    await openGate();
    expect(await hub.get("TakeOne")).toMatchObject({ runtimeStatus: "Completed", output: "1" });
    expect(store.messages()).toEqual([]);
  });

  it("an event for an instance that then continues as new reaches the next generation once", async () => {
    await start("Renew", "[]");
    closeGate();
    await hub.raiseEvent("Renew", "Go", "1");
    await quiet();
    await hub.raiseEvent("Renew", "Go", "2");
    await openGate();
    expect(await hub.get("Renew")).toMatchObject({ runtimeStatus: "Completed", output: "[1,2]" });
    expect(store.messages()).toEqual([]);
  });

  it("an event that could not be written is forgotten, though the orchestrator saw it already", async () => {
    await start("TakeOne");
    closeGate();
    isFull = true;
    await expect(hub.raiseEvent("TakeOne", "Go", '"refused"')).rejects.toThrow("disk is full");
    isFull = false;
    await openGate();
    await environment.advance(10_000);
    expect(await hub.get("TakeOne")).toMatchObject({ runtimeStatus: "Running", output: null });
    await hub.raiseEvent("TakeOne", "Go", '"accepted"');
    await quiet();
    expect(await hub.get("TakeOne")).toMatchObject({ runtimeStatus: "Completed", output: '"accepted"' });
  });

  it("its history stays in memory, however little memory there is", async () => {
    await hub.close();
    await begin({ historyCacheBytes: 1 });
    await start("TakeThree");
    closeGate();
    await hub.raiseEvent("TakeThree", "Go", "1");
    await quiet();
    await hub.start({ name: "TakeOne", instanceId: "other", inputJson: null });
    await quiet();
    await Promise.all([hub.raiseEvent("TakeThree", "Go", "2"), openGate()]);
    await hub.raiseEvent("TakeThree", "Go", "3");
    await quiet();
    expect(await hub.get("TakeThree")).toMatchObject({ runtimeStatus: "Completed", output: "[1,2,3]" });
    expect((await hub.history("TakeThree"))?.map(({ EventType }) => EventType).join(" ")).toBe(
      "12 0 13 12 15 13 12 15 13 12 15 1 13",
    );
  });

  it("two starts of one id wait for the disk: the second may win when the first could not be written", async () => {
    isFull = true;
    const first = hub.start({ name: "TakeOne", instanceId: "one", inputJson: '"first"' });
    const second = hub.start({ name: "TakeOne", instanceId: "one", inputJson: '"second"' });
    await expect(first).rejects.toThrow("disk is full");
    isFull = false;
    expect(await second).toEqual({ ok: true, instanceId: "one" });
    expect((await hub.get("one"))?.inputJson).toBe('"second"');
  });

  it("a closing hub does not wait, and the next one takes the messages in again", async () => {
    await start("TakeOne");
    closeGate();
    await hub.raiseEvent("TakeOne", "Go", "1");
    await quiet();
    await hub.close();
    await openGate();
    expect(store.instance("TakeOne")?.status).toBe("Running");
    await begin();
    await quiet();
    expect(await hub.get("TakeOne")).toMatchObject({ runtimeStatus: "Completed", output: "1" });
  });
});

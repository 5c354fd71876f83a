import type { EntityContext, EntityId, OrchestrationContext, Task } from "durable-functions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { df, type OrchestratorCall } from "../../../../test/support/capture-functions.ts";
import { type Harness, openHub, type StorePlace, storePlaces } from "../../../../test/support/hub-harness.ts";
import { quiet } from "../../../../test/support/manual-environment.ts";
import type { HistoryStore } from "../../store/history-store.ts";

type Flow = Generator<Task, unknown, unknown>;
type Account = { readonly balance: number };

const account = (key: string): EntityId => new df.EntityId("Account", key);

df.app.entity("Account", (context: EntityContext<Account>) => {
  const state = context.df.getState(() => ({ balance: 0 })) ?? { balance: 0 };
  const amount = context.df.getInput() as number;
  switch (context.df.operationName) {
    case "add":
      context.df.setState({ balance: state.balance + amount });
      return context.df.return({ balance: state.balance + amount });
    case "get":
      return context.df.return(state);
    case "nothing":
      return;
    case "close":
      return context.df.destructOnExit();
    case "fail":
      context.df.setState({ balance: -1 });
      throw { code: "NO_MONEY", amount };
    case "error":
      throw new Error("lost on the way");
    case "twice":
      context.df.return(1);
      return context.df.return(2);
    case "pass on":
      context.df.signalEntity(account(`${context.df.entityKey}-heir`), "add", amount);
      return;
    default:
      throw new Error(`Unknown operation ${context.df.operationName}`);
  }
});

df.app.orchestration("Calls", function* (context: OrchestrationContext): Flow {
  const { key, steps } = context.df.getInput() as { key: string; steps: readonly (readonly [string, unknown])[] };
  const results: unknown[] = [];
  for (const [operation, input] of steps) {
    try {
      results.push(yield context.df.callEntity(account(key), operation, input));
    } catch (error) {
      results.push(`failed: ${(error as Error).message}`);
    }
  }
  return results;
});
// biome-ignore lint/correctness/useYield: an orchestration that only signals waits for nothing
df.app.orchestration("Signals", function* (context: OrchestrationContext): Flow {
  for (let n = 1; n <= 3; n += 1) context.df.signalEntity(account("signalled"), "add", n);
  const { again } = context.df.getInput() as { again?: boolean };
  if (again) context.df.continueAsNew({});
  return "sent";
});
df.app.orchestration("Many", function* (context: OrchestrationContext): Flow {
  const calls = Array.from({ length: 20 }, (_, n) => context.df.callEntity(account("many"), "add", n));
  yield context.df.Task.all(calls);
  return yield context.df.callEntity(account("many"), "get");
});
df.app.orchestration("Stranger", function* (context: OrchestrationContext): Flow {
  return yield context.df.callEntity(new df.EntityId("Nobody", "1"), "get");
});
df.app.orchestration("Transfer", function* (context: OrchestrationContext): Flow {
  const { from, to, mode } = context.df.getInput() as { from: string; to: string; mode?: string };
  const lock = (yield context.df.lock(account(from), account(to))) as { release(): void };
  const { balance } = (yield context.df.callEntity(account(from), "get")) as Account;
  if (mode === "wait") yield context.df.waitForExternalEvent("Go");
  if (mode === "throw") throw new Error("in the section");
  yield context.df.callEntity(account(from), "add", -balance);
  yield context.df.callEntity(account(to), "add", balance);
  if (mode === "forget") return "forgotten";
  lock.release();
  yield context.df.callActivity("Entity audit", {});
  return balance;
});
df.app.activity("Entity audit", { handler: () => "done" });

/** Each call's history holds the ids that the SDK gave in the call before, no more and no fewer. */
function expectSameIds(seen: readonly OrchestratorCall[]): void {
  const taken = new Map<string, number>();
  for (const { trigger, idsTaken } of seen) {
    const execution = JSON.stringify(trigger.history[1]?.OrchestrationInstance);
    const recorded = trigger.history.filter(({ EventType }) => [4, 7, 10, 14].includes(EventType)).length;
    expect(recorded).toBe(taken.get(execution) ?? 0);
    taken.set(execution, idsTaken);
  }
}

describe.each(storePlaces)("entities on a hub over a store in %s", (_kind, makePlace) => {
  let place: StorePlace;
  let store: HistoryStore;
  let harness: Harness;
  const seen: OrchestratorCall[] = [];
  const batches: string[] = [];

  const watch = {
    orchestrator: (call: OrchestratorCall) => seen.push(call),
    entity: (id: string, batch: readonly { readonly name: string }[]) =>
      batches.push(`${id}: ${batch.map(({ name }) => name)}`),
  };
  const state = async (key: string) => (await harness.hub.entity("Account", key))?.stateJson ?? null;
  const put = (key: string, amount: number) =>
    harness.hub.signalEntity({ name: "Account", key, operation: "add", inputJson: String(amount) });
  const start = (name: string, input: unknown, instanceId?: string) =>
    harness.run({ name, inputJson: JSON.stringify(input), ...(instanceId === undefined ? {} : { instanceId }) });
  const output = async (name: string, input: unknown) =>
    JSON.parse((await harness.view(await start(name, input))).output ?? "null");
  const reopen = async (): Promise<void> => {
    await harness.hub.close();
    store = await place.open();
    harness = await openHub({ store, environment: harness.environment, watch });
    await quiet();
  };

  beforeEach(async () => {
    place = makePlace();
    store = await place.open();
    seen.length = 0;
    batches.length = 0;
    harness = await openHub({ store, watch });
  });
  afterEach(async () => {
    expectSameIds(seen);
    expect(store.entityMessages()).toEqual([]);
    await harness.hub.close();
    place.remove();
  });

  it("answer calls, keep their state, and are found under their name without case", async () => {
    expect(
      await output("Calls", {
        key: "Ada",
        steps: [
          ["add", 5],
          ["add", 0.5],
          ["nothing", null],
          ["get", null],
        ],
      }),
    ).toEqual([{ balance: 5 }, { balance: 5.5 }, null, { balance: 5.5 }]);
    expect(await harness.hub.entity("ACCOUNT", "Ada")).toMatchObject({
      name: "account",
      key: "Ada",
      stateJson: '{"balance":5.5}',
    });
    expect(await harness.hub.entity("Account", "ada")).toBeNull();
    expect(await harness.hub.entity("Account", "Bob")).toBeNull();
  });

  it("keep their state over a restart", async () => {
    await start("Calls", { key: "Ada", steps: [["add", 5]] });
    await reopen();
    expect(await output("Calls", { key: "Ada", steps: [["add", 1]] })).toEqual([{ balance: 6 }]);
  });

  it("leave the extension's events: a message that holds the id of its answer, and the answer", async () => {
    const instanceId = await start("Calls", { key: "Ada", steps: [["add", 5]] });
    expect(await harness.history(instanceId)).toBe("12 0 14#0 13 12 15 1#1 13");
    const events = (await harness.hub.history(instanceId)) ?? [];
    const sent = events.find(({ EventType }) => EventType === 14) ?? {};
    const request = JSON.parse((sent as { Input: string }).Input) as { id: string };
    expect(sent).toMatchObject({ InstanceId: "@account@Ada", Name: "op" });
    expect(request).toEqual({
      op: "add",
      input: "5",
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      parent: instanceId,
      parentExecution: expect.any(String),
    });
    expect(events.find(({ EventType }) => EventType === 15)).toMatchObject({
      Name: request.id,
      Input: '{"result":"{\\"balance\\":5}"}',
    });
  });

  it("tell a caller of a failed operation as the extension does, and keep what was set before it failed", async () => {
    const steps = [
      ["add", 5],
      ["fail", 7],
      ["error", null],
      ["get", null],
    ];
    expect(await output("Calls", { key: "Ada", steps })).toEqual([
      { balance: 5 },
      "failed: [object Object]",
      "failed: [object Object]",
      { balance: -1 },
    ]);
  });

  it("are gone when they delete themselves, and begin anew", async () => {
    await start("Calls", {
      key: "Ada",
      steps: [
        ["add", 5],
        ["close", null],
      ],
    });
    expect(await harness.hub.entity("Account", "Ada")).toBeNull();
    expect(store.entity("@account@Ada")).toBeNull();
    expect(await output("Calls", { key: "Ada", steps: [["add", 1]] })).toEqual([{ balance: 1 }]);
  });

  it("take signals in order, also those of an orchestration that ends or begins anew in the same episode", async () => {
    expect(await output("Signals", {})).toBe("sent");
    expect(await state("signalled")).toBe('{"balance":6}');
    await start("Signals", { again: true });
    expect(await state("signalled")).toBe('{"balance":18}');
    expect(batches[0]).toBe("@account@signalled: add,add,add");
  });

  it("take what came at once as one batch, and give each caller its own answer", async () => {
    expect(await output("Many", {})).toEqual({ balance: 190 });
    expect(batches.map((batch) => batch.split(",").length)).toEqual([20, 1]);
  });

  it("signal each other", async () => {
    await harness.hub.signalEntity({ name: "account", key: "Ada", operation: "pass on", inputJson: "4" });
    await quiet();
    expect(await state("Ada-heir")).toBe('{"balance":4}');
    expect(await state("Ada")).toBeNull();
  });

  it("are warned about when an operation returns twice", async () => {
    expect(await output("Calls", { key: "Ada", steps: [["twice", null]] })).toEqual([1]);
    expect(harness.logged.join("\n")).toContain("called context.df.return more than once");
  });

  it("fail the instance that calls one the app does not have", async () => {
    const view = await harness.view(await start("Stranger", {}));
    expect(view.runtimeStatus).toBe("Failed");
    expect(view.output).toContain(
      "There is no entity function 'nobody' in this app. On Azure this instance would stay Running",
    );
    expect(await harness.hub.signalEntity({ name: "Nobody", key: "1", operation: "x", inputJson: null })).toBe(
      "unknown-function",
    );
  });

  it("are listed by name, time and page, with their states when asked", async () => {
    for (const key of ["c", "a", "b"]) await put(key, 1);
    await quiet();
    const first = await harness.hub.entities({ name: "ACCOUNT", top: 2, withState: true });
    expect(first.entities.map(({ key, stateJson }) => [key, stateJson])).toEqual([
      ["a", '{"balance":1}'],
      ["b", '{"balance":1}'],
    ]);
    const rest = await harness.hub.entities({
      name: "account",
      top: 2,
      continuationToken: first.continuationToken ?? "",
    });
    expect(rest).toMatchObject({ entities: [{ key: "c", stateJson: null }], continuationToken: null });
    expect((await harness.hub.entities({ name: "acc" })).entities).toEqual([]);
    const later = harness.environment.nowMs() + 1;
    expect((await harness.hub.entities({ updatedFromMs: later })).entities).toEqual([]);
    expect((await harness.hub.entities({ updatedToMs: later })).entities).toHaveLength(3);
  });

  describe("in a critical section", () => {
    beforeEach(async () => {
      await put("a", 10);
      await put("b", 1);
      await quiet();
    });

    it("work for its orchestration alone, and for all others when it is over", async () => {
      const instanceId = await start("Transfer", { from: "b", to: "a", mode: "wait" });
      const other = await start("Calls", { key: "a", steps: [["add", 100]] });
      expect([await state("a"), (await harness.view(other)).runtimeStatus]).toEqual(['{"balance":10}', "Running"]);
      await harness.hub.raiseEvent(instanceId, "Go", "1");
      await quiet();
      expect((await harness.view(instanceId)).output).toBe("1");
      expect((await harness.view(other)).output).toBe('[{"balance":111}]');
      expect(store.lockedEntities()).toEqual([]);
      // Lock, call, call, call, two releases, and the activity after them.
      expect(await harness.history(instanceId)).toContain("14#4 14#5 4#6");
    });

    it("are locked one after the other, so that two sections over the same entities both come to their end", async () => {
      await harness.hub.start({ name: "Transfer", instanceId: "x", inputJson: '{"from":"a","to":"b"}' });
      await harness.hub.start({ name: "Transfer", instanceId: "y", inputJson: '{"from":"b","to":"a"}' });
      await quiet();
      expect([(await harness.view("x")).output, (await harness.view("y")).output]).toEqual(["10", "11"]);
      expect([await state("a"), await state("b")]).toEqual(['{"balance":11}', '{"balance":0}']);
    });

    it.each([
      ["forget", "Completed"],
      ["throw", "Failed"],
    ])("are released at the end by themselves: %s", async (mode, status) => {
      const instanceId = await start("Transfer", { from: "a", to: "b", mode });
      expect((await harness.view(instanceId)).runtimeStatus).toBe(status);
      expect(await harness.history(instanceId)).toMatch(/14#\d 14#\d 1#\d 13$/);
      expect(store.lockedEntities()).toEqual([]);
    });

    it("are free again when their orchestration is terminated, and when it was waiting for the lock", async () => {
      await start("Transfer", { from: "a", to: "b", mode: "wait" }, "holder");
      await start("Transfer", { from: "b", to: "a", mode: "wait" }, "waiter");
      await harness.hub.terminate("waiter", "no");
      await harness.hub.terminate("holder", "no");
      await quiet();
      expect(store.lockedEntities()).toEqual([]);
      expect(harness.logged.join("\n")).toContain('Instance "holder" ended without leaving its critical section');
      expect(await output("Calls", { key: "a", steps: [["get", null]] })).toEqual([{ balance: 10 }]);
    });

    it("stay locked over a restart", async () => {
      const holder = await start("Transfer", { from: "a", to: "b", mode: "wait" });
      const other = await start("Calls", { key: "b", steps: [["get", null]] });
      await reopen();
      expect([store.lockedEntities().length, (await harness.view(other)).runtimeStatus]).toEqual([2, "Running"]);
      await harness.hub.raiseEvent(holder, "Go", "1");
      await quiet();
      expect((await harness.view(other)).output).toBe('[{"balance":11}]');
    });
  });
});

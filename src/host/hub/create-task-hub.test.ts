import type { OrchestrationContext, Task } from "durable-functions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { df, type OrchestratorCall } from "../../../test/support/capture-functions.ts";
import {
  type Harness,
  type HarnessOptions,
  openHub,
  type StorePlace,
  storePlaces,
} from "../../../test/support/hub-harness.ts";
import { quiet } from "../../../test/support/manual-environment.ts";

type Flow = Generator<Task, unknown, unknown>;
const MINUTE_MS = 60_000;

df.app.activity("Say", { handler: (input: { name: string }) => `Hello ${input.name}` });
df.app.activity("Nothing", { handler: () => undefined });
df.app.activity("Fail", {
  handler: () => {
    throw new Error("no luck");
  },
});
let attempts = 0;
df.app.activity("FailOnce", {
  handler: () => {
    attempts += 1;
    if (attempts === 1) throw new Error("first time");
    return "second time";
  },
});

let running = 0;
let mostRunning = 0;
let letGo: (() => void)[] = [];
df.app.activity("Slow", {
  handler: async (input: unknown) => {
    running += 1;
    mostRunning = Math.max(mostRunning, running);
    await new Promise<void>((resolve) => letGo.push(resolve));
    running -= 1;
    return input;
  },
});
async function finishSlow(): Promise<void> {
  for (const resolve of letGo.splice(0)) resolve();
  await quiet();
}

df.app.orchestration("StatusOnce", function* (context: OrchestrationContext): Flow {
  if (!context.df.isReplaying) context.df.setCustomStatus("first");
  return yield context.df.waitForExternalEvent("Go");
});
df.app.orchestration("Chain", function* (context: OrchestrationContext): Flow {
  const said: unknown[] = [];
  for (const name of ["a", "b", "c"]) said.push(yield context.df.callActivity("Say", { name }));
  return said;
});
df.app.orchestration("FanOut", function* (context: OrchestrationContext): Flow {
  return yield context.df.Task.all([3, 1, 2].map((n) => context.df.callActivity("Slow", { n })));
});
df.app.orchestration("Echo", function* (context: OrchestrationContext): Flow {
  yield context.df.callActivity("Nothing", {});
  return { input: context.df.getInput(), parent: context.df.parentInstanceId };
});
df.app.orchestration("Broken", function* (context: OrchestrationContext): Flow {
  yield context.df.callActivity("Say", { name: "a" });
  throw new Error("broken inside");
});
df.app.orchestration("Parent", function* (context: OrchestrationContext): Flow {
  const given = yield context.df.callSubOrchestrator("Echo", { from: "parent" }, "the-child");
  const made = yield context.df.callSubOrchestrator("Echo", "text");
  let failure = "";
  try {
    yield context.df.callSubOrchestrator("Broken");
  } catch (error) {
    failure = (error as Error).message.split("\n")[0] ?? "";
  }
  return { given, made, failure };
});
df.app.orchestration("Retry", function* (context: OrchestrationContext): Flow {
  const options = new df.RetryOptions(1000, 2);
  const second = yield context.df.callActivityWithRetry("FailOnce", options, {});
  try {
    yield context.df.callActivityWithRetry("Fail", options, {});
  } catch (error) {
    return [second, (error as Error).message.split("\n")[0]];
  }
  return "unreachable";
});
df.app.orchestration("Wait", function* (context: OrchestrationContext): Flow {
  return yield context.df.waitForExternalEvent("Go");
});
df.app.orchestration("Race", function* (context: OrchestrationContext): Flow {
  const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + MINUTE_MS));
  const event = context.df.waitForExternalEvent("Go");
  const winner = yield context.df.Task.any([event, timer]);
  if (winner === timer) return "too late";
  timer.cancel();
  yield context.df.callActivity("Say", { name: "next" });
  return event.result;
});
df.app.orchestration("Sleep", function* (context: OrchestrationContext): Flow {
  const { delayMs } = context.df.getInput() as { delayMs: number };
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + delayMs));
  return context.df.currentUtcDateTime.getTime();
});
df.app.orchestration("Count", function* (context: OrchestrationContext): Flow {
  const { n, seen } = context.df.getInput() as { n: number; seen: unknown[] };
  context.df.setCustomStatus({ n });
  seen.push(yield context.df.waitForExternalEvent("Go"));
  // One look at what else has come before the history is dropped, and an activity between two looks.
  for (;;) {
    if (seen.length === 6) return seen;
    const timer = context.df.createTimer(context.df.currentUtcDateTime);
    const more = context.df.waitForExternalEvent("Go");
    if ((yield context.df.Task.any([more, timer])) === timer) break;
    timer.cancel();
    seen.push(more.result);
    yield context.df.callActivity("Nothing", {});
  }
  context.df.continueAsNew({ n: n + 1, seen });
  return undefined;
});
df.app.orchestration("Status", function* (context: OrchestrationContext): Flow {
  const { length } = context.df.getInput() as { length: number };
  context.df.setCustomStatus("x".repeat(length));
  yield context.df.callActivity("Nothing", {});
  return "done";
});
df.app.orchestration("Unknown", function* (context: OrchestrationContext): Flow {
  return yield context.df.callActivity("NobodyRegisteredThis", {});
});
df.app.orchestration("Strings", function* (context: OrchestrationContext): Flow {
  const back = yield context.df.callActivity("Slow", "text");
  return [back, yield context.df.callActivity("Nothing")];
});

describe.each(storePlaces)("a task hub over a store in %s", (_kind, makePlace) => {
  let place: StorePlace;
  let harness: Harness;
  const calls: OrchestratorCall[] = [];
  const ran: string[] = [];

  async function reopen(options: HarnessOptions = {}): Promise<Harness> {
    await harness?.hub.close();
    harness = await openHub({
      store: await place.open(),
      watch: { orchestrator: (call) => calls.push(call), activity: (name) => ran.push(name) },
      ...options,
    });
    return harness;
  }

  beforeEach(async () => {
    place = makePlace();
    calls.length = 0;
    ran.length = 0;
    attempts = 0;
    running = 0;
    mostRunning = 0;
    letGo = [];
    harness = undefined as unknown as Harness;
    await reopen();
  });
  afterEach(async () => {
    await harness.hub.close();
    place.remove();
  });

  /** The ids that the SDK gave in a call are the ids in the history that the next call gets. */
  function expectSameIds(): void {
    const taken = new Map<string, number>();
    for (const { instanceId, trigger, idsTaken } of calls) {
      const isFirst = !trigger.history.some(({ EventType }) => EventType === 13);
      const recorded = trigger.history.filter(({ EventType }) => [4, 7, 10, 14].includes(EventType)).length;
      expect(recorded).toBe(isFirst ? 0 : taken.get(instanceId));
      taken.set(instanceId, idsTaken);
    }
  }

  describe("running orchestrations of the real SDK", () => {
    it("runs a chain of activities and keeps its output", async () => {
      const id = await harness.run({ name: "chain", inputJson: '{"a":1}' });
      expect(await harness.view(id)).toEqual({
        instanceId: id,
        name: "chain",
        runtimeStatus: "Completed",
        inputJson: '{"a":1}',
        customStatusJson: null,
        output: '["Hello a","Hello b","Hello c"]',
        createdAtMs: Date.UTC(2026, 0, 1),
        updatedAtMs: Date.UTC(2026, 0, 1),
      });
      expect(await harness.history(id)).toBe("12 0 4#0 13 12 5 4#1 13 12 5 4#2 13 12 5 1#3 13");
      expectSameIds();
    });

    it("fans out, and in again in the order of the list", async () => {
      const id = await harness.run({ name: "FanOut" });
      letGo.reverse();
      await finishSlow();
      expect((await harness.view(id)).output).toBe('[{"n":3},{"n":1},{"n":2}]');
      expect(await harness.history(id)).toBe("12 0 4#0 4#1 4#2 13 12 5 5 5 1#3 13");
      expectSameIds();
    });

    it("calls sub-orchestrations by given and by made ids, and shows a failed one to its parent", async () => {
      const id = await harness.run({ name: "Parent" });
      expect(JSON.parse((await harness.view(id)).output ?? "")).toEqual({
        given: { input: { from: "parent" }, parent: id },
        made: { input: "text", parent: id },
        failure: "Orchestrator function 'Broken' failed: broken inside ",
      });
      const made = (await harness.hub.list({})).instances.map(({ instanceId }) => instanceId);
      expect(made).toHaveLength(4);
      expect(made).toContain("the-child");
      // Ids are numbers here: the parent's instance id is the first, its execution id the second.
      expect(made).toContain(`${"2".padStart(32, "0")}:1`);
      expectSameIds();
    });

    it("retries with timers, and gives up in the words of the extension", async () => {
      const id = await harness.run({ name: "Retry" });
      await harness.environment.advance(10_000);
      expect(JSON.parse((await harness.view(id)).output ?? "")).toEqual([
        "second time",
        "Activity function 'Fail' failed:  no luck ",
      ]);
      expect(await harness.history(id)).toBe(
        "12 0 4#0 13 12 6 10#1 13 12 11 4#2 13 12 5 4#3 13 12 6 10#4 13 12 11 4#5 13 12 6 10#6 13 12 11 1#7 13",
      );
      expectSameIds();
    });

    it("quotes string inputs once more, as production does, and passes none as none", async () => {
      const id = await harness.run({ name: "Strings" });
      await finishSlow();
      expect((await harness.view(id)).output).toBe('["text",null]');
    });

    it("fails with the text of the orchestrator's error", async () => {
      const id = await harness.run({ name: "Broken" });
      expect(await harness.view(id)).toMatchObject({
        runtimeStatus: "Failed",
        output: "Orchestrator function 'Broken' failed: broken inside",
      });
      expect(await harness.history(id)).toBe("12 0 4#0 13 12 5 1#1 13");
    });

    it("fails loudly where production would hang: an activity nobody registered", async () => {
      const id = await harness.run({ name: "Unknown" });
      expect(await harness.view(id)).toMatchObject({
        runtimeStatus: "Failed",
        output: expect.stringContaining("no activity function 'NobodyRegisteredThis'"),
      });
    });

    it.each([
      [2, 2],
      [3, 3],
    ] as const)("offers the SDK replay schema %i and takes its answer", async (schema, expected) => {
      await reopen({ schema });
      const id = await harness.run({ name: "Chain" });
      expect((await harness.view(id)).runtimeStatus).toBe("Completed");
      expect(calls[0]?.trigger).toMatchObject({ upperSchemaVersion: 1, upperSchemaVersionNew: expected });
      expect(JSON.parse(calls[0]?.result.ok ? (calls[0].result.resultJson ?? "") : "")).toMatchObject({
        schemaVersion: expected,
      });
    });
  });

  describe("starting", () => {
    it("refuses an unknown function and an id that production would refuse", async () => {
      const { hub } = harness;
      expect(await hub.start({ name: "Nope", inputJson: null })).toMatchObject({
        ok: false,
        reason: "unknown-function",
      });
      for (const instanceId of ["", "@x", "a/b", "a\\b", "a#b", "a?b", "a\nb", "x".repeat(257)]) {
        expect(await hub.start({ name: "Wait", instanceId, inputJson: null })).toMatchObject({ reason: "invalid-id" });
      }
      expect((await hub.list({})).instances).toEqual([]);
    });

    it("makes an id of 32 hex digits when none is given", async () => {
      expect(await harness.run({ name: "Wait" })).toMatch(/^[0-9a-f]{32}$/);
    });

    it("refuses the id of an instance that is running, and replaces one that has ended", async () => {
      await harness.run({ name: "Wait", instanceId: "one" });
      const again = { name: "Chain", instanceId: "one", inputJson: null };
      expect(await harness.hub.start(again)).toEqual({
        ok: false,
        reason: "exists",
        message: "An orchestration instance 'one' exists already and is Running.",
      });
      await harness.hub.terminate("one", "enough");
      await quiet();
      expect(await harness.hub.start(again)).toEqual({ ok: true, instanceId: "one" });
      await quiet();
      expect(await harness.view("one")).toMatchObject({ name: "Chain", runtimeStatus: "Completed" });
      expect((await harness.hub.list({})).instances).toHaveLength(1);
    });

    it("lets one of two starts of one id in the same moment win", async () => {
      const request = { name: "Wait", instanceId: "one", inputJson: null };
      const results = await Promise.all([harness.hub.start(request), harness.hub.start(request)]);
      expect(results.map(({ ok }) => ok)).toEqual([true, false]);
    });

    it("never replaces an instance when its start asks for that", async () => {
      await harness.run({ name: "Chain", instanceId: "one" });
      const again = { name: "Chain", instanceId: "one", inputJson: null, keepExisting: true };
      expect(await harness.hub.start(again)).toMatchObject({ ok: false, reason: "exists" });
    });

    it("never replaces an instance when told so", async () => {
      await reopen({ overridableStates: "None" });
      await harness.run({ name: "Chain", instanceId: "one" });
      expect(await harness.hub.start({ name: "Chain", instanceId: "one", inputJson: null })).toMatchObject({
        ok: false,
        reason: "exists",
      });
    });

    it("replaces even a running instance when told so, and drops what the old one had under way", async () => {
      await reopen({ overridableStates: "AnyState" });
      await harness.run({ name: "FanOut", instanceId: "one" });
      await harness.run({ name: "Wait", instanceId: "one" });
      await finishSlow();
      expect(await harness.view("one")).toMatchObject({ name: "Wait", runtimeStatus: "Running" });
      expect(await harness.history("one")).toBe("12 0 13");
      await harness.hub.raiseEvent("one", "Go", "1");
      await quiet();
      expect(await harness.view("one")).toMatchObject({ runtimeStatus: "Completed", output: "1" });
    });
  });

  describe("external events", () => {
    it("reach an instance that has not begun to wait", async () => {
      const start = harness.hub.start({ name: "Wait", instanceId: "one", inputJson: null });
      const raise = harness.hub.raiseEvent("one", "Go", '{"x":[1]}');
      expect([await start, await raise]).toEqual([{ ok: true, instanceId: "one" }, "accepted"]);
      await quiet();
      expect(await harness.view("one")).toMatchObject({ runtimeStatus: "Completed", output: '{"x":[1]}' });
    });

    it("tell an unknown instance from one that has ended", async () => {
      await harness.run({ name: "Chain", instanceId: "done" });
      expect(await harness.hub.raiseEvent("nobody", "Go", null)).toBe("not-found");
      expect(await harness.hub.raiseEvent("done", "Go", null)).toBe("finished");
      expect(await harness.hub.terminate("done", "late")).toBe("finished");
    });

    it.each(["7", "0042", "", "  "])("are refused under the name '%s'", async (name) => {
      await harness.run({ name: "Wait", instanceId: "one" });
      await expect(harness.hub.raiseEvent("one", name, null)).rejects.toThrow(
        expect.objectContaining({ code: "PARAMETER_INVALID" }),
      );
    });
  });

  describe("timers", () => {
    it("fire when their time has come on the hub's clock, not before", async () => {
      const id = await harness.run({ name: "Sleep", inputJson: '{"delayMs":90000}' });
      await harness.environment.advance(89_999);
      expect((await harness.view(id)).runtimeStatus).toBe("Running");
      await harness.environment.advance(1);
      expect((await harness.view(id)).output).toBe(String(Date.UTC(2026, 0, 1) + 90_000));
    });

    it("fire after a restart, also when their time passed in between", async () => {
      const id = await harness.run({ name: "Sleep", inputJson: '{"delayMs":90000}' });
      const { environment } = harness;
      environment.setNow(environment.nowMs() + 500_000);
      await reopen({ environment });
      await environment.advance(0);
      expect((await harness.view(id)).output).toBe(String(Date.UTC(2026, 0, 1) + 500_000));
    });

    it("longer than the longest timer go in legs", async () => {
      await reopen({ longestTimerMs: 2 * MINUTE_MS, timerLegMs: MINUTE_MS });
      const id = await harness.run({ name: "Sleep", inputJson: '{"delayMs":150000}' });
      await harness.environment.advance(149_999);
      expect((await harness.view(id)).runtimeStatus).toBe("Running");
      await harness.environment.advance(1);
      expect(await harness.history(id)).toBe("12 0 10#0 13 12 11 10#1 13 12 11 10#2 13 12 11 1#3 13");
      expectSameIds();
    });

    it("lose a race and are cancelled, and leave nothing behind", async () => {
      const id = await harness.run({ name: "Race" });
      await harness.hub.raiseEvent(id, "Go", '"now"');
      await quiet();
      expect(await harness.view(id)).toMatchObject({ runtimeStatus: "Completed", output: '"now"' });
      expect(await harness.history(id)).toBe("12 0 10#0 13 12 15 4#1 13 12 5 1#2 13");
      await harness.environment.advance(2 * MINUTE_MS);
      expect(await harness.history(id)).toBe("12 0 10#0 13 12 15 4#1 13 12 5 1#2 13");
      expectSameIds();
    });

    it("win a race", async () => {
      const id = await harness.run({ name: "Race" });
      await harness.environment.advance(MINUTE_MS);
      expect(await harness.view(id)).toMatchObject({ runtimeStatus: "Completed", output: '"too late"' });
      expect(await harness.hub.raiseEvent(id, "Go", null)).toBe("finished");
    });

    it("do not run backwards with the clock: an orchestration's time never goes back", async () => {
      const id = await harness.run({ name: "Sleep", inputJson: '{"delayMs":1000}' });
      harness.environment.setNow(Date.UTC(2026, 0, 1) - 5000);
      await harness.hub.suspend(id, "");
      await quiet();
      const events = (await harness.hub.history(id)) ?? [];
      const starts = events.filter(({ EventType }) => EventType === 12).map(({ Timestamp }) => Timestamp);
      expect(starts).toEqual(["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"]);
    });
  });

  describe("continue-as-new", () => {
    it("loses no event of bursts, whatever generation they find", async () => {
      const id = await harness.run({ name: "Count", inputJson: '{"n":0,"seen":[]}' });
      for (const burst of [["1", "2"], ["3"], ["4", "5", "6"]]) {
        await Promise.all(burst.map((data) => harness.hub.raiseEvent(id, "Go", data)));
        await harness.environment.advance(1000);
      }
      const { runtimeStatus, output, inputJson } = await harness.view(id);
      expect(runtimeStatus).toBe("Completed");
      expect(JSON.parse(output ?? "").toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
      expect(JSON.parse(inputJson ?? "").n).toBeGreaterThan(0);
    });

    it("shows the latest generation: its input and its time", async () => {
      const id = await harness.run({ name: "Count", inputJson: '{"n":0,"seen":[]}' });
      await harness.environment.advance(5000);
      await harness.hub.raiseEvent(id, "Go", "1");
      await harness.environment.advance(1);
      expect(await harness.view(id)).toMatchObject({
        runtimeStatus: "Running",
        inputJson: '{"n":1,"seen":[1]}',
        customStatusJson: '{"n":1}',
        createdAtMs: Date.UTC(2026, 0, 1) + 5000,
      });
      expect(await harness.history(id)).toBe("12 0 13");
    });
  });

  describe("suspend, resume and terminate", () => {
    it("holds events back while suspended", async () => {
      const id = await harness.run({ name: "Wait" });
      expect(await harness.hub.suspend(id, "lunch")).toBe("accepted");
      await harness.hub.raiseEvent(id, "Go", "1");
      await quiet();
      expect((await harness.view(id)).runtimeStatus).toBe("Suspended");
      await reopen({ environment: harness.environment });
      expect((await harness.view(id)).runtimeStatus).toBe("Suspended");
      expect(await harness.hub.resume(id, "back")).toBe("accepted");
      await quiet();
      expect(await harness.view(id)).toMatchObject({ runtimeStatus: "Completed", output: "1" });
      expect(await harness.history(id)).toMatch(/^12 0 13 12 19 (13 12 )?15 13 12 20 1#0 13$/);
    });

    it("terminates with the reason as output, also while suspended, and drops what comes later", async () => {
      const id = await harness.run({ name: "FanOut" });
      await harness.hub.suspend(id, "");
      await harness.hub.terminate(id, "not needed");
      await quiet();
      await finishSlow();
      expect(await harness.view(id)).toMatchObject({ runtimeStatus: "Terminated", output: "not needed" });
      expect(await harness.history(id)).toMatch(/ 3 1#3 13$/);
      await reopen({ environment: harness.environment });
      await quiet();
      expect(running).toBe(0);
    });

    it("does not begin activities of an instance that was terminated while they waited their turn", async () => {
      await reopen({ activityConcurrency: 1 });
      const id = await harness.run({ name: "FanOut" });
      await harness.hub.terminate(id, "not needed");
      await quiet();
      await finishSlow();
      expect(ran).toEqual(["Slow"]);
    });

    it("fails the parent of a terminated sub-orchestration, as production does", async () => {
      df.app.orchestration("ParentOfWait", function* (context: OrchestrationContext): Flow {
        return yield context.df.callSubOrchestrator("Wait", {}, "waiting-child");
      });
      const id = await harness.run({ name: "ParentOfWait" });
      await harness.hub.terminate("waiting-child", "gone");
      await quiet();
      expect(await harness.view(id)).toMatchObject({ runtimeStatus: "Failed" });
    });

    it("terminates an instance whose orchestrator is gone from the app", async () => {
      const id = await harness.run({ name: "Wait" });
      await harness.hub.close();
      const { environment } = harness;
      harness = await openHub({ store: await place.open(), environment });
      await harness.hub.terminate(id, "gone");
      await quiet();
      expect((await harness.view(id)).runtimeStatus).toBe("Terminated");
    });
  });

  describe("the custom status", () => {
    it("is that of the latest episode, and gone when that one set none", async () => {
      const id = await harness.run({ name: "StatusOnce" });
      expect((await harness.view(id)).customStatusJson).toBe('"first"');
      await harness.hub.raiseEvent(id, "Go", null);
      await quiet();
      expect(await harness.view(id)).toMatchObject({ runtimeStatus: "Completed", customStatusJson: null });
    });

    it("is kept up to 16 KB of UTF-16, and fails the instance above", async () => {
      const fits = await harness.run({ name: "Status", inputJson: '{"length":8600}' });
      expect((await harness.view(fits)).customStatusJson).toHaveLength(8602);
      const over = await harness.run({ name: "Status", inputJson: '{"length":8710}' });
      expect(await harness.view(over)).toMatchObject({
        runtimeStatus: "Failed",
        output: expect.stringContaining("custom status is 17 KB"),
      });
    });
  });

  describe("listing, purging and waiting", () => {
    it("purges ended instances only", async () => {
      await harness.run({ name: "Chain", instanceId: "done" });
      await harness.run({ name: "Wait", instanceId: "open" });
      expect(await harness.hub.purge("open")).toBe(0);
      expect(await harness.hub.purge("nobody")).toBe(0);
      expect(await harness.hub.purge("done")).toBe(1);
      expect(await harness.hub.get("done")).toBeNull();
      expect(await harness.hub.history("done")).toBeNull();
      expect(await harness.hub.get("open")).not.toBeNull();
    });

    it("purges by filter, page after page", async () => {
      for (let n = 0; n < 600; n += 1)
        void harness.hub.start({ name: "Echo", instanceId: `run-${n}`, inputJson: null });
      await harness.run({ name: "Wait", instanceId: "run-open" });
      await harness.hub.waitForEnd("run-599", 0);
      await quiet();
      expect(await harness.hub.purgeBy({ createdFromMs: 0, runtimeStatus: ["Failed"] })).toBe(0);
      expect(await harness.hub.purgeBy({ createdFromMs: 0 })).toBe(600);
      expect((await harness.hub.list({})).instances).toMatchObject([{ instanceId: "run-open" }]);
    });

    it("waits for an end, up to a time", async () => {
      const id = await harness.run({ name: "Sleep", inputJson: '{"delayMs":5000}' });
      const early = harness.hub.waitForEnd(id, 1000);
      const late = harness.hub.waitForEnd(id, 60_000);
      await harness.environment.advance(1000);
      expect((await early)?.runtimeStatus).toBe("Running");
      await harness.environment.advance(4000);
      expect((await late)?.runtimeStatus).toBe("Completed");
      expect(await harness.hub.waitForEnd("nobody", 1000)).toBeNull();
    });

    it("lets go of who waits when the hub is closed", async () => {
      const id = await harness.run({ name: "Wait" });
      const waiting = harness.hub.waitForEnd(id, MINUTE_MS);
      await reopen();
      expect((await waiting)?.runtimeStatus).toBe("Running");
    });
  });

  describe("its limits", () => {
    it("runs no more activities at once than it was told", async () => {
      await reopen({ activityConcurrency: 2 });
      const id = await harness.run({ name: "FanOut" });
      expect(running).toBe(2);
      await finishSlow();
      await finishSlow();
      expect(mostRunning).toBe(2);
      expect((await harness.view(id)).runtimeStatus).toBe("Completed");
    });

    it("goes on with instances whose history it let go of", async () => {
      await reopen({ historyCacheBytes: 1 });
      const id = await harness.run({ name: "Race" });
      await harness.run({ name: "Chain" });
      await harness.hub.raiseEvent(id, "Go", '"now"');
      await quiet();
      expect(await harness.view(id)).toMatchObject({ runtimeStatus: "Completed", output: '"now"' });
      expectSameIds();
    });
  });
});

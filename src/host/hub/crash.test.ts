import type { OrchestrationContext, Task } from "durable-functions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { df } from "../../../test/support/capture-functions.ts";
import { type FaultyStore, faultyStore } from "../../../test/support/faulty-store.ts";
import { openHub, type StorePlace, storePlaces } from "../../../test/support/hub-harness.ts";
import { type ManualEnvironment, manualEnvironment, quiet } from "../../../test/support/manual-environment.ts";
import type { HistoryStore } from "../store/history-store.ts";
import type { TaskHub } from "./task-hub.ts";

type Flow = Generator<Task, unknown, unknown>;

df.app.activity("Step", { handler: ({ key }: { key: string }) => key });
df.app.orchestration("SagaChild", function* (context: OrchestrationContext): Flow {
  const { round } = context.df.getInput() as { round: number };
  return yield context.df.callActivity("Step", { key: `${round}-child` });
});
df.app.orchestration("Saga", function* (context: OrchestrationContext): Flow {
  const { round, log } = context.df.getInput() as { round: number; log: unknown[] };
  const step = (part: string): Task => context.df.callActivity("Step", { key: `${round}-${part}` });
  log.push(yield step("first"));
  log.push(...((yield context.df.Task.all(["a", "b", "c"].map(step))) as unknown[]));
  log.push(yield context.df.callSubOrchestrator("SagaChild", { round }, `child-${round}`));
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1000));
  log.push(yield context.df.waitForExternalEvent(`Go ${round}`));
  if (round === 1) return log;
  context.df.continueAsNew({ round: round + 1, log });
  return undefined;
});

const EXPECTED = [0, 1].flatMap((round) => [
  ...["first", "a", "b", "c", "child"].map((part) => `${round}-${part}`),
  `event ${round}`,
]);

/** A user who starts a saga and raises its events, and sends again what was not acknowledged. */
class User {
  readonly #acknowledged = new Set<string>();

  /** @returns the output, or null when the hub went no further (it died) */
  async drive(hub: TaskHub, environment: ManualEnvironment): Promise<string | null> {
    for (let round = 0; round < 8; round += 1) {
      await this.#once("start", () =>
        hub.start({ name: "Saga", instanceId: "saga", inputJson: '{"round":0,"log":[]}' }),
      );
      await this.#once("Go 0", () => this.#raise(hub, "Go 0", '"event 0"'));
      await environment.advance(1500);
      // Round 1 begins in a new generation: raised earlier, its event could be dropped by continue-as-new.
      const view = await hub.get("saga");
      if (view?.inputJson?.includes('"round":1')) await this.#once("Go 1", () => this.#raise(hub, "Go 1", '"event 1"'));
      await environment.advance(1500);
      const { runtimeStatus, output } = (await hub.get("saga")) ?? {};
      if (runtimeStatus === "Completed") return output ?? null;
      expect(runtimeStatus).not.toBe("Failed");
    }
    return null;
  }

  async #raise(hub: TaskHub, name: string, dataJson: string): Promise<void> {
    if ((await hub.raiseEvent("saga", name, dataJson)) !== "accepted") throw new Error("not accepted");
  }

  async #once(what: string, send: () => Promise<unknown>): Promise<void> {
    if (this.#acknowledged.has(what)) return;
    await send().then(
      () => this.#acknowledged.add(what),
      () => {},
    );
  }
}

/** All that the disk knows of what came out of steps: histories, messages, and the inputs that carry logs on. */
function recordedText(store: HistoryStore): string {
  const { rows } = store.instances({});
  const histories = rows.flatMap(({ key }) => store.history(key).map(({ events }) => events));
  return [...histories, ...store.messages().map(({ event }) => event), ...rows.map((row) => row.inputJson)].join("\n");
}

describe.each(storePlaces)("a hub over a store in %s that dies", (_kind, makePlace) => {
  let place: StorePlace;
  beforeEach(() => {
    place = makePlace();
  });
  afterEach(() => place.remove());

  /** Runs the saga; the process dies at the commits named, one after the other. Counts how often each step ran. */
  async function runWithDeaths(deaths: readonly { at: number; when: "before" | "after" }[]) {
    const environment = manualEnvironment();
    const user = new User();
    const runs = new Map<string, number>();
    const repeated: string[] = [];
    let store: FaultyStore | undefined;
    for (const death of [...deaths, null]) {
      const kept = await place.open();
      const recorded = recordedText(kept);
      store = faultyStore(kept, (commit) =>
        death && commit >= death.at ? (commit === death.at ? death.when : "before") : null,
      );
      const activity = (_name: string, input: unknown): void => {
        const { key } = input as { key: string };
        // The one promise: what ran before runs again only if its outcome was not on the disk.
        if (recorded.includes(key)) repeated.push(key);
        runs.set(key, (runs.get(key) ?? 0) + 1);
      };
      const { hub } = await openHub({ store, environment, watch: { activity } });
      const output = await user.drive(hub, environment);
      expect(repeated).toEqual([]);
      if (output !== null) expect([kept.messages(), kept.activities(), kept.timers()]).toEqual([[], [], []]);
      await hub.close();
      if (output !== null) return { output: JSON.parse(output), runs, commits: store.commits };
    }
    throw new Error("The saga did not end.");
  }

  it("at any commit, before or after it is written, goes on with what was recorded and repeats nothing of it", async () => {
    const { commits, output } = await runWithDeaths([]);
    expect(output).toEqual(EXPECTED);
    expect(commits).toBeGreaterThan(10);
    place.remove();
    for (let at = 1; at <= commits; at += 1) {
      for (const when of ["before", "after"] as const) {
        place = makePlace();
        const run = await runWithDeaths([{ at, when }]);
        expect(run.output).toEqual(EXPECTED);
        expect([...run.runs.values()].every((count) => count <= 2)).toBe(true);
        place.remove();
      }
    }
    place = makePlace();
  });

  it("again and again, during every recovery, still ends right", async () => {
    const deaths = Array.from({ length: 12 }, (_, index) => ({ at: 2 + (index % 3), when: "before" as const }));
    const run = await runWithDeaths(deaths);
    expect(run.output).toEqual(EXPECTED);
  });
});

describe.each(storePlaces)("a hub whose store in %s refuses to write for a while", (_kind, makePlace) => {
  let place: StorePlace;
  beforeEach(() => {
    place = makePlace();
  });
  afterEach(() => place.remove());

  it("tells callers, keeps nothing of it, and goes on by itself when there is room again", async () => {
    let isFull = false;
    const ran: string[] = [];
    const store = faultyStore(await place.open(), () => (isFull ? "before" : null));
    const { hub, environment, logged, view } = await openHub({
      store,
      watch: { activity: (_name, input) => ran.push((input as { key: string }).key) },
    });
    await hub.start({ name: "Saga", instanceId: "saga", inputJson: '{"round":0,"log":[]}' });
    isFull = true;
    const refused = expect.objectContaining({ code: "STORE_WRITE_FAILED" });
    await expect(hub.start({ name: "Saga", instanceId: "other", inputJson: null })).rejects.toThrow(refused);
    await expect(hub.raiseEvent("saga", "Go 0", "0")).rejects.toThrow(refused);
    await expect(hub.terminate("saga", "no")).rejects.toThrow(refused);
    expect(await hub.get("other")).toBeNull();
    await environment.advance(60_000);
    expect((await view("saga")).runtimeStatus).toBe("Pending");
    expect(logged.length).toBeGreaterThan(2);
    isFull = false;
    expect(await new User().drive(hub, environment)).toBe(JSON.stringify(EXPECTED));
    expect(ran.toSorted()).toEqual(EXPECTED.filter((key) => !key.startsWith("event")).toSorted());
    await hub.close();
  });

  it("runs no activity twice when the disk fills up while it runs, at any commit", async () => {
    for (let at = 2; at < 15; at += 1) {
      place.remove();
      place = makePlace();
      const ran: string[] = [];
      const store = faultyStore(await place.open(), (commit) => (commit >= at && commit < at + 3 ? "before" : null));
      const { hub, environment } = await openHub({
        store,
        watch: { activity: (_name, input) => ran.push((input as { key: string }).key) },
      });
      expect(await new User().drive(hub, environment)).toBe(JSON.stringify(EXPECTED));
      expect(ran.toSorted()).toEqual(EXPECTED.filter((key) => !key.startsWith("event")).toSorted());
      await hub.close();
    }
  });

  it("keeps an outcome it could not write, and writes it when it is closed", async () => {
    const ran: string[] = [];
    const watch = { activity: (_name: string, input: unknown) => ran.push((input as { key: string }).key) };
    // The first commit holds the start, the second the scheduling; the third would hold the outcome.
    const store = faultyStore(await place.open(), (commit) => (commit === 3 ? "before" : null));
    const first = await openHub({ store, watch });
    await first.hub.start({ name: "SagaChild", instanceId: "child", inputJson: '{"round":7}' });
    await quiet();
    expect([store.commits, ran]).toEqual([3, ["7-child"]]);
    await first.hub.close();
    const second = await openHub({ store: await place.open(), watch });
    await quiet();
    expect(await second.view("child")).toMatchObject({ runtimeStatus: "Completed", output: '"7-child"' });
    expect(ran).toEqual(["7-child"]);
    await second.hub.close();
  });

  it("leaves an ended instance as it is when purging it could not be written", async () => {
    let isFull = false;
    const store = faultyStore(await place.open(), () => (isFull ? "before" : null));
    const { hub, view } = await openHub({ store });
    await hub.start({ name: "SagaChild", instanceId: "child", inputJson: '{"round":7}' });
    await quiet();
    isFull = true;
    await expect(hub.purge("child")).rejects.toThrow(expect.objectContaining({ code: "STORE_WRITE_FAILED" }));
    isFull = false;
    expect((await view("child")).runtimeStatus).toBe("Completed");
    expect(await hub.raiseEvent("child", "Go", null)).toBe("finished");
    await hub.close();
  });

  it("acknowledges nothing before it is on the disk, and writes what comes in one turn in one commit", async () => {
    const store = faultyStore(await place.open(), () => null);
    const { hub } = await openHub({ store });
    const starts = Array.from({ length: 100 }, (_, n) =>
      hub.start({ name: "Saga", instanceId: `saga-${n}`, inputJson: '{"round":0,"log":[]}' }).then(() => {
        expect(store.instance(`saga-${n}`)).not.toBeNull();
      }),
    );
    await Promise.all(starts);
    expect(store.commits).toBe(1);
    await quiet();
    await hub.close();
  });
});

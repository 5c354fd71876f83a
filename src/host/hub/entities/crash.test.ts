import type { EntityContext, OrchestrationContext, Task } from "durable-functions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { df } from "../../../../test/support/capture-functions.ts";
import { type FaultyStore, faultyStore } from "../../../../test/support/faulty-store.ts";
import { openHub, type StorePlace, storePlaces } from "../../../../test/support/hub-harness.ts";
import { type ManualEnvironment, manualEnvironment } from "../../../../test/support/manual-environment.ts";
import type { TaskHub } from "../task-hub.ts";

type Flow = Generator<Task, unknown, unknown>;

/** Each operation is counted in the state, so one that is lost or counted twice shows. */
df.app.entity("Ledger", (context: EntityContext<string[]>) => {
  const lines = [...(context.df.getState(() => []) ?? []), `${context.df.operationName}`];
  context.df.setState(lines);
  if (context.df.operationName === "pass") context.df.signalEntity(new df.EntityId("Ledger", "c"), "passed", {});
  context.df.return(lines.length);
});
df.app.orchestration("Bookkeeping", function* (context: OrchestrationContext): Flow {
  const [a, b] = [new df.EntityId("Ledger", "a"), new df.EntityId("Ledger", "b")];
  const seen: unknown[] = [];
  seen.push(yield context.df.callEntity(a, "open", {}));
  context.df.signalEntity(b, "signal", {});
  const lock = (yield context.df.lock(b, a)) as { release(): void };
  seen.push(yield context.df.callEntity(a, "locked", {}));
  seen.push(yield context.df.callEntity(b, "pass", {}));
  lock.release();
  seen.push(yield context.df.callEntity(a, "close", {}));
  return seen;
});

const EXPECTED = {
  output: "[1,2,2,3]",
  states: { a: '["open","locked","close"]', b: '["signal","pass"]', c: '["passed"]', d: '["outside"]' },
};

/** A user who starts a run and signals an entity, and sends again what was not acknowledged. */
class User {
  readonly #acknowledged = new Set<string>();

  /** @returns false when the hub went no further (it died) */
  async drive(hub: TaskHub, environment: ManualEnvironment): Promise<boolean> {
    for (let round = 0; round < 4; round += 1) {
      await this.#once("start", () => hub.start({ name: "Bookkeeping", instanceId: "books", inputJson: null }));
      await this.#once("signal", () =>
        hub.signalEntity({ name: "Ledger", key: "d", operation: "outside", inputJson: null }),
      );
      await environment.advance(10_000);
      if ((await hub.get("books"))?.runtimeStatus === "Completed" && this.#acknowledged.has("signal")) return true;
    }
    return false;
  }

  async #once(what: string, send: () => Promise<unknown>): Promise<void> {
    if (this.#acknowledged.has(what)) return;
    await send().then(
      () => this.#acknowledged.add(what),
      () => {},
    );
  }
}

describe.each(storePlaces)("a hub with entities over a store in %s", (_kind, makePlace) => {
  let place: StorePlace;
  beforeEach(() => {
    place = makePlace();
  });
  afterEach(() => place.remove());

  async function outcome(hub: TaskHub) {
    const state = async (key: string) => (await hub.entity("Ledger", key))?.stateJson;
    return {
      output: (await hub.get("books"))?.output,
      states: { a: await state("a"), b: await state("b"), c: await state("c"), d: await state("d") },
    };
  }

  /** Runs the books; the process dies at one commit. */
  async function runWithDeath(at: number, when: "before" | "after") {
    const environment = manualEnvironment();
    const user = new User();
    for (const dies of [true, false]) {
      const store: FaultyStore = faultyStore(await place.open(), (commit) =>
        dies && commit >= at ? (commit === at ? when : "before") : null,
      );
      const { hub } = await openHub({ store, environment });
      const isDone = await user.drive(hub, environment);
      const done = { ...(await outcome(hub)), commits: store.commits };
      if (isDone) expect([store.entityMessages(), store.lockedEntities(), store.messages()]).toEqual([[], [], []]);
      await hub.close();
      if (isDone) return done;
    }
    throw new Error("The books were not closed.");
  }

  it("dies at any commit, before or after it is written, and counts each operation once", async () => {
    const { commits, ...plain } = await runWithDeath(Number.POSITIVE_INFINITY, "before");
    expect(plain).toEqual(EXPECTED);
    expect(commits).toBeGreaterThan(8);
    for (let at = 1; at <= commits; at += 1) {
      for (const when of ["before", "after"] as const) {
        place.remove();
        place = makePlace();
        const { commits: _, ...run } = await runWithDeath(at, when);
        // A signal whose acknowledgement was cut off is sent again: the user cannot know.
        const isSentTwice = run.states.d === '["outside","outside"]';
        expect({ ...run, states: { ...run.states, d: isSentTwice ? EXPECTED.states.d : run.states.d } }).toEqual(
          EXPECTED,
        );
        expect(isSentTwice && when === "before").toBe(false);
      }
    }
  });

  it("goes on by itself after the disk was full, at any commit, and counts each operation once", async () => {
    for (let at = 1; at < 14; at += 1) {
      place.remove();
      place = makePlace();
      const environment = manualEnvironment();
      const store = faultyStore(await place.open(), (commit) => (commit >= at && commit < at + 3 ? "before" : null));
      const { hub } = await openHub({ store, environment });
      expect(await new User().drive(hub, environment)).toBe(true);
      expect(await outcome(hub)).toEqual(EXPECTED);
      await hub.close();
    }
  });
});

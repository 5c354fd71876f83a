import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import { startRun } from "../../src/durable/client.ts";
import { readEvents } from "../../src/durable/events.ts";
import { answerData, answerEvent } from "../../src/durable/mail.ts";
import { registerDurableFunctions } from "../../src/durable/register.ts";
import { isWorkflowError } from "../../src/errors.ts";
import type { TaskHub } from "../../src/host/hub/task-hub.ts";
import { defineCatalog, defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import type { RunEvent } from "../../src/wire/run-event.ts";
import { customStatus } from "../../src/wire/status.ts";
import { faultyStore } from "../support/faulty-store.ts";
import { openHub, type StorePlace, storePlaces } from "../support/hub-harness.ts";
import { type ManualEnvironment, manualEnvironment, quiet } from "../support/manual-environment.ts";
import { instancesOfHub } from "./support/hub-instances.ts";

/** A loop beside people who are asked again and again, so that answers come at every moment of a generation. */
const loop = defineExecutor({ id: "Loop", input: z.number(), output: z.number(), handle: (value) => value + 1 });
const ask = defineRequestPort({ id: "Ask", request: z.number(), response: z.number() });
const last = defineExecutor({ id: "Last", input: z.number(), output: z.number(), handle: (value) => value });
const workflow = new WorkflowBuilder("DyingHopper", loop)
  .addEdge(loop, loop, { when: (value) => value < 9, label: "again" })
  .addEdge(loop, ask, { when: (value) => value % 2 === 0 })
  .addEdge(ask, last)
  .withOutputFrom(last)
  .build();
const generationLimits = { maxSupersteps: 3, maxChars: 1_000_000 };
const catalog = defineCatalog([workflow]);
const RUN = "hopper";

let place: StorePlace | undefined;
afterEach(() => place?.remove());

const instant = { nowMs: () => 0, delay: () => new Promise<void>((resolve) => setImmediate(resolve)) };

/** Starts the run, answers what it asks, and sends again what was not acknowledged; in life after life of the host. */
class User {
  readonly #acknowledged = new Set<string>();
  /** What it was told so far. */
  told: readonly RunEvent[] = [];

  /** @returns true when the run has completed; false when the hub went no further (it died) */
  async drive(hub: TaskHub, environment: ManualEnvironment, isDead: () => boolean): Promise<boolean> {
    const instances = instancesOfHub(hub);
    for (let round = 0; round < 60; round++) {
      await this.#once("start", () => startRun(instances, workflow, 0, { runId: RUN, generationLimits }));
      const run = await instances.read(RUN);
      if (run?.runtimeStatus === "Completed") {
        await this.#read(instances);
        return true;
      }
      expect(run?.runtimeStatus).not.toBe("Failed");
      for (const { requestId, requestJson } of customStatus.safeParse(run?.customStatus).data?.requests ?? []) {
        const data = answerData(requestJson ?? "0");
        await this.#once(requestId, () => instances.raiseEvent(RUN, answerEvent(requestId), data));
      }
      await this.#read(instances);
      await environment.advance(round % 3 === 0 ? 200 : 1);
      if (isDead()) return false;
    }
    return false;
  }

  /** What it was told once stays as it is, and only more comes. */
  async #read(instances: ReturnType<typeof instancesOfHub>): Promise<void> {
    const events: RunEvent[] = [];
    try {
      for (;;) {
        const page = await readEvents(instances, workflow, RUN, events.length);
        events.push(...page.events);
        if (page.hasEnded || page.events.length === 0) break;
      }
    } catch (error) {
      // It was not started yet, or its start was not written.
      if (isWorkflowError(error) && error.code === "RUN_NOT_FOUND" && this.told.length === 0) return;
      throw error;
    }
    expect(events.slice(0, this.told.length)).toEqual(this.told);
    expect(events.map(({ number }) => number)).toEqual(events.map((_event, index) => index + 1));
    this.told = events;
  }

  async #once(what: string, send: () => Promise<unknown>): Promise<void> {
    if (this.#acknowledged.has(what)) return;
    await send().then(
      () => this.#acknowledged.add(what),
      () => {},
    );
  }
}

/** Runs to the end; the host dies at the commits named, one after the other. */
async function runWithDeaths(at: StorePlace, deaths: readonly { at: number; when: "before" | "after" }[]) {
  const environment = manualEnvironment();
  const user = new User();
  for (const death of [...deaths, null]) {
    const store = faultyStore(await at.open(), (commit) =>
      death && commit >= death.at ? (commit === death.at ? death.when : "before") : null,
    );
    const harness: { hub?: TaskHub } = {};
    registerDurableFunctions(catalog, [], { instances: () => instancesOfHub(harness.hub as TaskHub), clock: instant });
    const { hub } = await openHub({ store, environment });
    harness.hub = hub;
    await quiet();
    const hasEnded = await user.drive(hub, environment, () => death !== null && store.commits >= death.at);
    await hub.close();
    if (hasEnded) return { told: user.told, commits: store.commits };
  }
  throw new Error("The run did not end.");
}

const outline = (events: readonly RunEvent[]) => ({
  outputs: events.flatMap((event) => (event.type === "runOutput" ? [event.output] : [])),
  answered: events.flatMap((event) => (event.type === "requestAnswered" ? [event.response] : [])),
  loops: events.filter((event) => event.type === "executorCompleted" && event.executorId === "Loop").length,
  ended: events.filter(({ type }) => type === "runCompleted").length,
});
const EXPECTED = { outputs: [2, 4, 6, 8], answered: [2, 4, 6, 8], loops: 9, ended: 1 };

it.each(storePlaces)(
  "goes on in new generations whenever the host dies, at any commit over a store in %s, and neither loses nor doubles anything",
  { timeout: 300_000 },
  async (kind, makePlace) => {
    place = makePlace();
    const { commits, told } = await runWithDeaths(place, []);
    expect(outline(told)).toEqual(EXPECTED);
    expect(commits).toBeGreaterThan(25);
    // Each commit of a file is dear, and the store is not what is tested here.
    const step = kind === "memory" ? 1 : 7;
    for (let at = 1; at <= commits; at += step) {
      for (const when of ["before", "after"] as const) {
        place.remove();
        place = makePlace();
        const run = await runWithDeaths(place, [{ at, when }]);
        expect(outline(run.told), `death ${when} commit ${at}`).toEqual(EXPECTED);
      }
    }
  },
);

it("goes on in new generations when the host dies again and again", async () => {
  const [, makePlace] = storePlaces[0] ?? [];
  place = makePlace?.();
  if (!place) throw new Error("There is no place to keep a store.");
  const deaths = Array.from({ length: 30 }, (_, index) => ({ at: 2 + (index % 4), when: "before" as const }));
  expect(outline((await runWithDeaths(place, deaths)).told)).toEqual(EXPECTED);
});

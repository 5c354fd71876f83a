import { expect, it } from "vitest";
import { z } from "zod";
import { deleteRun } from "../../src/durable/manage.ts";
import { purgeEndedRuns, purgeRun } from "../../src/durable/retention.ts";
import type { Instances } from "../../src/durable/sdk.ts";
import { defineCatalog, defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import { ARCHIVE_ENTITY, orchestratorName } from "../../src/wire/durable-names.ts";
import { type DurableRuns, serveDurably, until } from "./support/durable-runs.ts";
import { createSteeredEnvironment } from "./support/steered-environment.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const count = defineExecutor({ id: "Count", input: z.number(), output: z.number(), handle: (value) => value + 1 });
const ask = defineRequestPort({ id: "Ask", request: z.number(), response: z.number() });

/** Counts up to 20 from its input; its runs are two generations or more. */
const long = new WorkflowBuilder("LongKept", count)
  .addEdge(count, count, { when: (value) => value < 20 })
  .withOutputFrom(count)
  .build();
const waiting = new WorkflowBuilder("WaitingKept", ask).build();
const catalog = defineCatalog([long, waiting]);
const generationLimits = { maxSupersteps: 5, maxChars: 1_000_000 };

async function served() {
  const environment = createSteeredEnvironment(Date.UTC(2026, 0, 1));
  const runs = await serveDurably(catalog, { generationLimits, environment });
  const logged: string[] = [];
  const purge = (instances: Instances = runs.instances, stopAfterLooks = 1_000) => {
    let looks = 0;
    return purgeEndedRuns(instances, {
      orchestrators: [orchestratorName("LongKept"), orchestratorName("WaitingKept")],
      endedBeforeMs: environment.nowMs() - 30 * DAY_MS,
      stopAtMs: stopAfterLooks,
      nowMs: () => looks++,
      logError: (text) => logged.push(text),
    });
  };
  /** Runs to its end; a new generation begins when a timer fires that is due at once. */
  const ended = async (runId: string) => {
    const run = await runs.runner.start(long, 0, { runId });
    await until(async () => {
      environment.advance(0);
      return (await run.status()).status === "Completed";
    });
  };
  return { runs, environment, purge, logged, ended };
}

const ids = async ({ hub }: DurableRuns) => (await hub.list({})).instances.map(({ instanceId }) => instanceId).sort();
const archived = async ({ hub }: DurableRuns) => (await hub.entities({ name: ARCHIVE_ENTITY })).entities.length;

it("deletes what ended 30 days ago with its archives, and nothing else", async () => {
  const { runs, environment, purge, ended } = await served();
  await ended("old");
  await runs.runner.start(waiting, 1, { runId: "open" });
  await runs.hub.start({ name: orchestratorName("LongKept"), instanceId: "@not-a-run", inputJson: null });
  environment.advance(20 * DAY_MS);
  await ended("young");
  expect(await archived(runs)).toBe(6);
  environment.advance(10 * DAY_MS + 1_000);
  expect(await purge()).toBe(1);
  await until(async () => (await archived(runs)) === 3);
  expect(await ids(runs)).toEqual(["open", "young"]);
  expect((await runs.events(long, "young")).length).toBeGreaterThan(40);
});

it("counts from the end of a run, and not from its start", async () => {
  const { runs, environment, purge } = await served();
  const run = await runs.runner.start(waiting, 1, { runId: "r" });
  await until(async () => (await run.status()).waitingForInput.length === 1);
  environment.advance(31 * DAY_MS);
  expect(await purge()).toBe(0);
  await run.respond("Ask", 1);
  await until(async () => (await run.status()).status === "Completed");
  environment.advance(29 * DAY_MS);
  expect(await purge()).toBe(0);
  environment.advance(2 * DAY_MS);
  expect(await purge()).toBe(1);
});

it("leaves orchestrations alone that are no runs of this app", async () => {
  const { runs, environment, ended } = await served();
  await ended("r");
  environment.advance(40 * DAY_MS);
  const retention = { endedBeforeMs: environment.nowMs(), stopAtMs: 1, nowMs: () => 0, logError: () => {} };
  expect(await purgeEndedRuns(runs.instances, { ...retention, orchestrators: ["dafx-Other"] })).toBe(0);
  expect(await purgeEndedRuns(runs.instances, { ...retention, orchestrators: ["DAFX-LONGKEPT"] })).toBe(1);
});

it("finishes, at its next time, what a crash has left of a deletion, wherever it came", async () => {
  for (let crashAt = 0; ; crashAt++) {
    const { runs, environment, purge, logged, ended } = await served();
    await ended("r");
    environment.advance(31 * DAY_MS);
    let steps = 0;
    const crash = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      if (steps++ >= crashAt) throw new Error("killed");
      return work();
    };
    const dying: Instances = {
      ...runs.instances,
      signalEntity: (...call) => crash(() => runs.instances.signalEntity(...call)),
      purge: (...call) => crash(() => runs.instances.purge(...call)),
    };
    const isWhole = (await purge(dying)) === 1;
    if (isWhole) {
      // Three parts and the run itself.
      expect(crashAt).toBe(4);
      return;
    }
    expect(logged[0]).toMatch(/^Run "r" could not be deleted and is tried again next time: Error: killed/);
    await until(async () => (await archived(runs)) === 3 - Math.min(crashAt, 3));
    expect(await purge()).toBe(1);
    await until(async () => (await archived(runs)) === 0);
    expect(await ids(runs)).toEqual([]);
  }
});

it("stops when its time is up, and goes on at its next time", async () => {
  const { runs, environment, purge, ended } = await served();
  for (let number = 0; number < 20; number++) await ended(`r-${number}`);
  environment.advance(31 * DAY_MS);
  expect(await purge(runs.instances, 1)).toBe(8);
  expect(await purge()).toBe(12);
});

it("deletes no run that was started anew under the id meanwhile", async () => {
  const { runs } = await served();
  await runs.runner.start(waiting, 1, { runId: "r" });
  await purgeRun(runs.instances, "r");
  await purgeRun(runs.instances, "unknown");
  expect(await ids(runs)).toEqual(["r"]);
});

it("is what the delete route does, too: a new run of that id begins with nothing of the old one", async () => {
  const { runs, ended } = await served();
  await ended("r");
  await deleteRun(runs.instances, long, "r");
  await until(async () => (await archived(runs)) === 0);
  await ended("r");
  const events = await runs.events(long, "r");
  expect(events.map(({ number }) => number)).toEqual(events.map((_event, place) => place + 1));
  expect(events.filter(({ type }) => type === "runStarted")).toHaveLength(1);
});

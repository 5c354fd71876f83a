import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { readEvents } from "../../src/durable/events.ts";
import { registerDurableFunctions } from "../../src/durable/register.ts";
import { createDurableRunner } from "../../src/durable/runner.ts";
import type { Instances } from "../../src/durable/sdk.ts";
import { defineCatalog } from "../../src/graph/catalog.ts";
import { createTaskHub } from "../../src/host/hub/create-task-hub.ts";
import { defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import type { RunEvent } from "../../src/wire/run-event.ts";
import { capturedFunctions } from "../support/capture-functions.ts";
import { storePlaces } from "../support/hub-harness.ts";
import { allEvents } from "./support/all-events.ts";
import { until } from "./support/durable-runs.ts";
import { instancesOfHub } from "./support/hub-instances.ts";

const SUPERSTEPS = 30;
const RUN_ID = "read-on";

const loop = defineExecutor({ id: "Loop", input: z.number(), output: z.number(), handle: (value) => value + 1 });
const ask = defineRequestPort({ id: "Ask", request: z.number(), response: z.number() });
const end = defineExecutor({ id: "End", input: z.number(), output: z.number(), handle: (value) => value });
const workflow = new WorkflowBuilder("ReadOn", loop)
  .addEdge(loop, loop, { when: (value) => value < SUPERSTEPS, label: "again" })
  .addEdge(loop, ask, { when: (value) => value === SUPERSTEPS, label: "done" })
  .addEdge(ask, end)
  .withOutputFrom(end)
  .build();
const generationLimits = { maxSupersteps: 5, maxChars: 1_000_000 };

it.each(storePlaces)(
  "a reader of events goes on after a restart of the host, archives and all, in %s",
  async (_name, newPlace) => {
    const place = newPlace();
    onTestFinished(() => place.remove());
    let instances: Instances;
    registerDurableFunctions(defineCatalog([workflow]), [], { instances: () => instances });
    const openHost = async () => {
      const hub = createTaskHub({ store: await place.open() });
      instances = instancesOfHub(hub);
      await hub.open(capturedFunctions());
      const runner = createDurableRunner(instances, { generationLimits });
      return { hub, instances, runner };
    };

    const first = await openHost();
    const run = await first.runner.start(workflow, 0, { runId: RUN_ID });
    await until(async () => (await run.status()).waitingForInput.length === 1);
    const page = await readEvents(first.instances, workflow, RUN_ID);
    await first.hub.close();

    const second = await openHost();
    onTestFinished(() => second.hub.close());
    const read: RunEvent[] = [...page.events];
    const readOn = async () => {
      const { events } = await readEvents(second.instances, workflow, RUN_ID, read.at(-1)?.number);
      read.push(...events);
      return events;
    };
    expect(page.hasEnded).toBe(false);
    expect((await readOn()).at(-1)?.type).toBe("requestOpened");
    const again = second.runner.open(workflow, RUN_ID);
    await (await again.nextRequest(ask)).respond(7);
    expect(await again.output()).toBe(7);
    await readOn();

    expect(read.map(({ number }) => number)).toEqual(read.map((_event, place) => place + 1));
    expect(read.filter(({ type }) => type === "executorCompleted")).toHaveLength(SUPERSTEPS + 2);
    expect(read.at(-1)?.type).toBe("runCompleted");
    expect(await allEvents(second.instances, workflow, RUN_ID)).toEqual(read);
    // From the middle of what an earlier host has archived.
    const { events: behind } = await readEvents(second.instances, workflow, RUN_ID, 10);
    expect(behind).toEqual(page.events.slice(10));
  },
);

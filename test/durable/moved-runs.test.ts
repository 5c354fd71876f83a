import { expect, it } from "vitest";
import { z } from "zod";
import { createMemoryStore } from "../../src/host/store/memory.ts";
import { exportRun } from "../../src/host/transfer/export-run.ts";
import { importRun } from "../../src/host/transfer/import-run.ts";
import { readRunFile, writeRunFile } from "../../src/host/transfer/run-file.ts";
import { defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import { runStart } from "../../src/wire/run-start.ts";
import { serveDurably } from "./support/durable-runs.ts";

const count = defineExecutor({ id: "Count", input: z.number(), output: z.number(), handle: (value) => value + 1 });
const ask = defineRequestPort({ id: "Ask", request: z.number(), response: z.number() });
const workflow = new WorkflowBuilder("Moved", count)
  .addEdge(count, count, { when: (value) => value < 12 })
  .addEdge(count, ask, { when: (value) => value === 12 })
  .withLimits({ maxSupersteps: 100 })
  .withOutputFrom(ask)
  .build();
const generationLimits = { maxSupersteps: 5, maxChars: 1_000_000 };

it("a run in its third generation is moved with the events of the first two, and leaves none of them behind", async () => {
  const [from, to] = [createMemoryStore(), createMemoryStore()];
  const here = await serveDurably(workflow, { store: from, generationLimits });
  for (const runId of ["r", "r2"]) {
    await (await here.runner.start(workflow, 0, { runId })).nextRequest("Ask");
  }
  const input = runStart.parse((await here.instances.read("r", { withInput: true }))?.input);
  expect(input.continued).toMatchObject({ generation: 3, archiveParts: 2 });
  const told = await here.events(workflow, "r");
  const toldOfOther = await here.events(workflow, "r2");
  const { content, removal } = exportRun(from, "r");
  await here.hub.close();
  from.commit(removal);
  importRun(to, readRunFile(writeRunFile(content)));

  const there = await serveDurably(workflow, { store: to, generationLimits });
  expect(await there.events(workflow, "r")).toEqual(told);
  const run = await there.runner.start(workflow, 0, { runId: "r" });
  await (await run.nextRequest("Ask")).respond(7);
  expect(await run.wait()).toMatchObject({ status: "Completed", output: 7 });
  const types = (await there.events(workflow, "r")).map(({ type }) => type);
  expect([types[0], types.at(-1)]).toEqual(["runStarted", "runCompleted"]);
  expect(from.entities({}).rows).toHaveLength(2);
  const again = await serveDurably(workflow, { store: from, generationLimits });
  expect(await again.events(workflow, "r2")).toEqual(toldOfOther);
});

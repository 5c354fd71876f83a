import { describe, expect, it } from "vitest";
import { z } from "zod";
import { runStart } from "../../src/wire/run-start.ts";
import { defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import { serveDurably, until } from "./support/durable-runs.ts";

const count = defineExecutor({
  id: "Count",
  input: z.number(),
  output: z.number(),
  handle: (value) => value + 1,
});

/** Counts up to a number, one superstep each. */
const countTo = (name: string, end: number) =>
  new WorkflowBuilder(name, count)
    .addEdge(count, count, { when: (value) => value < end })
    .withLimits({ maxSupersteps: 1_000 })
    .withOutputFrom(count)
    .build();

const generationLimits = { maxSupersteps: 5, maxChars: 1_000_000 };

describe.each([2, 3] as const)("a long run, with replay schema %d", (schema) => {
  it("goes on in generations, each with a short history, and keeps all its events", async () => {
    const workflow = countTo(`Generations${schema}`, 23);
    let longest = 0;
    const runs = await serveDurably(workflow, {
      schema,
      generationLimits,
      around: (functions) => ({
        ...functions,
        invokeOrchestrator(name, triggerJson, instanceId) {
          longest = Math.max(longest, JSON.parse(triggerJson).history.length);
          return functions.invokeOrchestrator(name, triggerJson, instanceId);
        },
      }),
    });
    const run = await runs.runner.start(workflow, 0, { runId: "r" });
    const status = await run.wait();
    expect(status).toMatchObject({ status: "Completed", superstep: 23 });
    expect(status.outputs).toHaveLength(23);
    const events = await runs.events(workflow, "r");
    expect(events.map(({ number }) => number)).toEqual(events.map((_event, place) => place + 1));
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === "executorStarted")).toHaveLength(23);
    expect([types[0], types.at(-1)]).toEqual(["runStarted", "runCompleted"]);
    const input = runStart.parse((await runs.instances.read("r", { withInput: true }))?.input);
    expect(input.continued).toMatchObject({ generation: 5, archiveParts: 4 });
    // 4 events of a call, with those of its episode, for 5 supersteps; then the archive and the last wait.
    expect(longest).toBeLessThan(50);
  });
});

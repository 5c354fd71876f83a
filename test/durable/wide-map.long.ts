import { expect } from "vitest";
import { z } from "zod";
import { defineExecutor, WorkflowBuilder } from "../../src/index.ts";
import { longSuite } from "../support/long-suite.ts";
import { serveDurably } from "./support/durable-runs.ts";

const [NARROW, WIDE] = [1_000, 10_000];

longSuite(
  "wide-map",
  "A map of 10,000 items neither blows up one history nor slows down with its width",
  async ({ count }) => {
    await mapOf(NARROW); // warms up
    const narrow = await mapOf(NARROW);
    const wide = await mapOf(WIDE);
    count("items", WIDE);
    count("ms an item of 1,000", narrow.msPerItem);
    count("ms an item of 10,000", wide.msPerItem);
    count("generations of 10,000 items", wide.generations);
    count("events in the longest history", wide.longest);
    expect(wide.longest).toBeLessThan(2 * narrow.longest);
    expect(wide.msPerItem).toBeLessThan(2 * narrow.msPerItem);
  },
);

interface Measured {
  readonly msPerItem: number;
  readonly generations: number;
  /** Events in the longest history that an episode was given. */
  readonly longest: number;
}

async function mapOf(items: number): Promise<Measured> {
  const list = defineExecutor({
    id: "List",
    input: z.number(),
    output: z.array(z.number()),
    handle: (width) => Array.from({ length: width }, (_, place) => place),
  });
  const double = defineExecutor({ id: "Double", input: z.number(), output: z.number(), handle: (value) => 2 * value });
  const sum = defineExecutor({
    id: "Sum",
    input: z.array(z.number()),
    output: z.object({ length: z.number(), last: z.number(), isInOrder: z.boolean() }),
    handle: (values) => ({
      length: values.length,
      last: values.at(-1) ?? -1,
      isInOrder: values.every((value, place) => value === 2 * place),
    }),
  });
  const workflow = new WorkflowBuilder("WideMap", list).addMap(list, double, sum).build();
  const executions = new Map<string, number>();
  const runs = await serveDurably(workflow, {
    around: (functions) => ({
      ...functions,
      invokeOrchestrator: (name, trigger, instanceId) => {
        const { history } = JSON.parse(trigger.json) as {
          history: readonly { readonly OrchestrationInstance?: { readonly ExecutionId: string } }[];
        };
        const id = history.find((event) => event.OrchestrationInstance)?.OrchestrationInstance?.ExecutionId ?? "";
        executions.set(id, Math.max(executions.get(id) ?? 0, history.length));
        return functions.invokeOrchestrator(name, trigger, instanceId);
      },
    }),
  });
  const startedAt = performance.now();
  const run = await runs.runner.start(workflow, items, { runId: `wide-${items}` });
  const output = await run.output();
  const ms = performance.now() - startedAt;
  expect(output).toEqual({ length: items, last: 2 * (items - 1), isInOrder: true });
  return {
    msPerItem: Math.round((ms / items) * 1_000) / 1_000,
    generations: executions.size,
    longest: Math.max(...executions.values()),
  };
}

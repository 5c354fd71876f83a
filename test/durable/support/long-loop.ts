import { expect } from "vitest";
import { z } from "zod";
import { defineExecutor, WorkflowBuilder } from "../../../src/index.ts";
import { ARCHIVE_ACTIVITY } from "../../../src/wire/durable-names.ts";
import { DEFAULT_GENERATION_LIMITS } from "../../../src/wire/run-start.ts";
import { serveDurably } from "./durable-runs.ts";

/** What an episode gets, and so what it costs: the SDK replays each of these events. */
interface Cost {
  readonly events: number;
  /** Of history and state, without numbers, ids and times: these have as many digits as they happen to have. */
  readonly chars: number;
}

function costOf(triggerJson: string): Cost {
  const { history } = JSON.parse(triggerJson) as { readonly history: readonly unknown[] };
  return { events: history.length, chars: triggerJson.replaceAll(/[\da-f.]/gi, "").length };
}

const GENERATION = DEFAULT_GENERATION_LIMITS.maxSupersteps;

const count = defineExecutor({
  id: "Count",
  input: z.number(),
  output: z.number(),
  handle: (value) => value + 1,
});
const end = defineExecutor({ id: "End", input: z.number(), output: z.number(), handle: (value) => value });

/**
 * Runs a loop of so many supersteps as an orchestration, with generations of the default length, and holds that it ends, that
 * all its events are there, and that the last superstep of a generation has as much to replay as that of any other one.
 *
 * @returns what the episodes at the ends of the generations got, by superstep
 */
export async function checkLongLoop(supersteps: number): Promise<ReadonlyMap<number, Cost>> {
  const workflow = new WorkflowBuilder("LongLoop", count)
    .addEdge(count, count, { when: (value) => value < supersteps - 1 })
    .addEdge(count, end, { when: (value) => value >= supersteps - 1 })
    .withOutputFrom(end)
    .build();
  const costs = new Map<number, Cost>();
  let calls = 0;
  const runs = await serveDurably(workflow, {
    around: (functions) => ({
      ...functions,
      async invokeActivity(name, ...call) {
        if (name !== ARCHIVE_ACTIVITY) calls++;
        return functions.invokeActivity(name, ...call);
      },
      async invokeOrchestrator(name, trigger, instanceId) {
        // The first episode after a call takes its outcome in.
        if (calls > 0 && calls % GENERATION === 0 && !costs.has(calls)) costs.set(calls, costOf(trigger.json));
        return functions.invokeOrchestrator(name, trigger, instanceId);
      },
    }),
  });
  const run = await runs.runner.start(workflow, 0, { runId: "long" });
  expect(await run.wait()).toMatchObject({ status: "Completed", superstep: supersteps, output: supersteps - 1 });

  const [first, second, ...later] = [...costs.values()];
  expect(costs.size).toBe(supersteps / GENERATION);
  later.pop(); // in the last one another executor is called
  for (const cost of later) expect(cost).toEqual(second);
  expect(second?.events).toBe(first?.events);

  const events = await runs.events(workflow, "long");
  expect(events.map(({ number }) => number)).toEqual(events.map((_event, place) => place + 1));
  expect(events.filter(({ type }) => type === "executorCompleted")).toHaveLength(supersteps);
  return costs;
}

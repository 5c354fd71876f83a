import { expect, it } from "vitest";
import { z } from "zod";
import { waitForEvents } from "../../src/durable/events.ts";
import type { Instances } from "../../src/durable/sdk.ts";
import { defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import { serveDurably } from "./support/durable-runs.ts";

const ask = defineRequestPort({ id: "Ask", request: z.string(), response: z.string() });
const end = defineExecutor({ id: "End", input: z.string(), output: z.string(), handle: (text) => text });
const workflow = new WorkflowBuilder("EventsAwaited", ask).addEdge(ask, end).withOutputFrom(end).build();

it("reads a long history again only when the run has moved, however long a person thinks", async () => {
  const { instances, runner } = await serveDurably(workflow);
  const run = await runner.start(workflow, "well?", { runId: "r" });
  await run.nextRequest("Ask");
  let histories = 0;
  let nowMs = 0;
  const counted: Instances = {
    ...instances,
    read(instanceId, options) {
      if (options?.withHistory) histories++;
      return instances.read(instanceId, options);
    },
  };
  const clock = {
    nowMs: () => nowMs,
    async delay(milliseconds: number) {
      nowMs += milliseconds;
      if (nowMs > 20_000) await run.respond("Ask", "yes").catch(() => undefined);
    },
  };
  const query = { after: 3, waitMs: 30_000 };
  const page = await waitForEvents(counted, workflow, "r", query, clock);
  expect(page.events[0]).toMatchObject({ number: 4, type: "executorStarted", executorId: "Ask" });
  // About a dozen in the first two seconds, and then those of the answer.
  expect(histories).toBeLessThan(15);
  expect(nowMs).toBeGreaterThan(20_000);
});

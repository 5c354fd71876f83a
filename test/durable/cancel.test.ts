import { expect, it } from "vitest";
import { z } from "zod";
import { defineExecutor, WorkflowBuilder } from "../../src/index.ts";
import { serveDurably, until } from "./support/durable-runs.ts";

const hangs = defineExecutor({
  id: "Hangs",
  input: z.number(),
  output: z.number(),
  handle: () => new Promise<number>(() => {}),
});
const workflow = new WorkflowBuilder("Hanging", hangs).build();

it("a cancel shows in the custom status before the call under way has ended, for other processes to see", async () => {
  const { runner, instances } = await serveDurably(workflow);
  const run = await runner.start(workflow, 1, { runId: "r" });
  const customStatus = async () => (await instances.read("r"))?.customStatus;
  await until(async () => (await run.status()).executors[0]?.status === "running");
  expect(await customStatus()).not.toHaveProperty("isCancelRequested");
  // As another process would: nobody tells the calls of this one.
  await instances.raiseEvent("r", "cancel", { reason: "enough" });
  await until(async () => JSON.stringify(await customStatus()).includes('"isCancelRequested":true'));
  expect((await run.status()).status).toBe("Running");
  await run.cancel();
  expect((await run.wait()).status).toBe("Cancelled");
  expect(await instances.read("r")).toMatchObject({ runtimeStatus: "Completed" });
});

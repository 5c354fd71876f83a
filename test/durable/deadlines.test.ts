import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import { serveDurably, until } from "./support/durable-runs.ts";
import { createSteeredEnvironment } from "./support/steered-environment.ts";

const START_MS = Date.parse("2026-11-23T08:00:00.000Z");
const DAY_MS = 24 * 60 * 60 * 1_000;

/** Activities read the clock of their process: it has to stand where the hub's does. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

const approval = defineRequestPort({
  id: "Approval",
  request: z.string(),
  response: z.string(),
  timeout: { afterMs: 30 * DAY_MS, respondWith: "nobody" },
});
const note = defineExecutor({ id: "Note", input: z.string(), output: z.string(), handle: (text) => `noted: ${text}` });
const workflow = new WorkflowBuilder("Month", approval).addEdge(approval, note).withOutputFrom(note).build();

async function start() {
  const environment = createSteeredEnvironment(START_MS);
  const runs = await serveDurably(workflow, { environment });
  const run = await runs.runner.start(workflow, "a desk", { runId: "r" });
  const wait = async (days: number) => {
    for (let day = 0; day < days; day++) {
      vi.setSystemTime(Date.now() + DAY_MS);
      environment.advance(DAY_MS);
      await settled();
    }
  };
  /** Until the run waits again, or has ended. */
  const settled = async () => {
    for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  await until(async () => (await run.status()).waitingForInput.length === 1);
  return { run, runs, wait };
}

it("a request with 30 days may be answered on day 8", async () => {
  const { run, runs, wait } = await start();
  expect((await run.status()).waitingForInput).toMatchObject([{ deadline: "2026-12-23T08:00:00.000Z" }]);
  await wait(8);
  await run.respond(approval, "the boss");
  expect(await run.output()).toBe("noted: the boss");
  const types = (await runs.events(workflow, "r")).map(({ type }) => type);
  expect(types).not.toContain("requestTimedOut");
});

it("a request with 30 days times out on day 30, and not before", async () => {
  const { run, runs, wait } = await start();
  await wait(29);
  expect((await run.status()).waitingForInput).toHaveLength(1);
  await wait(1);
  await until(async () => (await run.status()).status === "Completed");
  expect((await run.status()).outputs).toEqual(["noted: nobody"]);
  expect(await runs.events(workflow, "r")).toContainEqual(
    expect.objectContaining({ type: "requestTimedOut", at: "2026-12-23T08:00:00.000Z", followedBy: "response" }),
  );
});

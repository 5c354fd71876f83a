import { afterEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { respondToRun } from "../../src/durable/respond.ts";
import type { Instances } from "../../src/durable/sdk.ts";
import { defineExecutor, defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import { serveDurably, until } from "./support/durable-runs.ts";

const REQUESTS = 60;
/** So many answers leave more open than the status of the run holds. */
const CROWD = 30;

const askAll = defineExecutor({
  id: "AskAll",
  input: z.number(),
  sends: z.number(),
  handle(count, { sendMessage }) {
    for (let number = 1; number <= count; number++) sendMessage(number);
  },
});
const ask = defineRequestPort({ id: "Ask", request: z.number(), response: z.number() });
const workflow = new WorkflowBuilder("Crowd", askAll).addEdge(askAll, ask).withOutputFrom(ask).build();

afterEach(() => {
  vi.useRealTimers();
});

/** A run that asks so often that its status does not hold all of it, and how often its history is read. */
async function asking(runId: string) {
  const { instances, runner } = await serveDurably(workflow);
  const run = await runner.start(workflow, REQUESTS, { runId });
  await until(async () => (await run.status()).waitingForInput.length === REQUESTS);
  const requestIds = (await run.status()).waitingForInput.map(({ requestId }) => requestId);
  let histories = 0;
  const counted: Instances = {
    ...instances,
    read(id, options) {
      if (options?.withHistory) histories++;
      return instances.read(id, options);
    },
  };
  const respond = (requestId: string, response: number) =>
    respondToRun(counted, workflow, runId, { requestId }, response);
  return { run, requestIds, respond, histories: () => histories };
}

it("reads a long history once for a crowd that answers one after the other", async () => {
  const { run, requestIds, respond, histories } = await asking("crowd");
  const crowd = requestIds.slice(-CROWD); // the status shows the first ones
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }); // a slow machine must not make the reading too old
  for (const [index, requestId] of crowd.entries()) await respond(requestId, index);
  vi.useRealTimers();
  expect(histories()).toBe(1);
  for (const requestId of requestIds.slice(0, -CROWD)) await respond(requestId, 0);
  expect((await run.wait({ timeoutMs: 10_000 })).outputs).toHaveLength(REQUESTS);
});

it("refuses a second answer all the same, whatever was read a moment ago", async () => {
  const { run, requestIds, respond } = await asking("crowd-of-two");
  const last = requestIds.at(-1) ?? "";
  await respond(requestIds.at(-2) ?? "", 1); // reads the history, in which the last one is open
  await respond(last, 2);
  await expect(respond(last, 3)).rejects.toMatchObject({ code: "REQUEST_CLOSED" });
  await run.cancel();
});

import { expect, it } from "vitest";
import { z } from "zod";
import { cancelRun, respondToRun } from "../../src/durable/respond.ts";
import { waitForEnd } from "../../src/durable/wait.ts";
import { defineRequestPort, WorkflowBuilder } from "../../src/index.ts";
import { createGate, type Gate, serveDurably, until } from "./support/durable-runs.ts";

const ask = defineRequestPort({ id: "Ask", request: z.string(), response: z.boolean() });
const workflow = new WorkflowBuilder("LateAnswers", ask).build();

/** A run that asks, and whose next episode ends only when the gate is opened. */
async function asking() {
  let gate: Gate | undefined;
  let isHeld = false;
  const runs = await serveDurably(workflow, {
    around: (functions) => ({
      ...functions,
      async invokeOrchestrator(...call) {
        const result = await functions.invokeOrchestrator(...call);
        isHeld = gate !== undefined;
        await gate?.passed;
        return result;
      },
    }),
  });
  const run = await runs.runner.start(workflow, "May I?", { runId: "r" });
  const { requestId } = await run.nextRequest(ask);
  gate = createGate();
  return { ...runs, requestId, gate, untilHeld: () => until(() => isHeld) };
}

it("leaves a trace of an answer that came while the run was about to end", async () => {
  const { instances, events, requestId, gate, untilHeld } = await asking();
  await cancelRun(instances, workflow, "r");
  await untilHeld();
  await respondToRun(instances, workflow, "r", { requestId }, true);
  gate.open();
  expect(await waitForEnd(instances, workflow, "r", 5_000)).toMatchObject({ status: "Cancelled", waitingForInput: [] });
  const told = await events(workflow, "r");
  expect(told.slice(-2)).toMatchObject([{ type: "runCancelled" }, { type: "responseIgnored", requestId }]);
  expect(told.map(({ number }) => number)).toEqual(told.map((_event, place) => place + 1));
});

it("takes no answer in after a termination", async () => {
  const { hub, instances, events, requestId, gate, untilHeld } = await asking();
  await instances.raiseEvent("r", "nothing-of-ours", {});
  await untilHeld();
  await hub.terminate("r", "enough");
  await respondToRun(instances, workflow, "r", { requestId }, true);
  gate.open();
  expect(await waitForEnd(instances, workflow, "r", 5_000)).toMatchObject({ status: "Terminated" });
  expect((await events(workflow, "r")).map(({ type }) => type)).toEqual([
    "runStarted",
    "executorStarted",
    "requestOpened",
    "responseIgnored",
  ]);
});

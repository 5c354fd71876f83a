import { expect, it } from "vitest";
import { z } from "zod";
import type { FunctionInvoker } from "../../src/host/hub/task-hub.ts";
import { defineExecutor, WorkflowBuilder } from "../../src/index.ts";
import { answerJsonOf } from "../support/capture-functions.ts";
import { serveDurably } from "./support/durable-runs.ts";

const addOne = <Id extends string>(id: Id) =>
  defineExecutor({ id, input: z.number(), output: z.number(), handle: (value) => value + 1 });

it("sends the custom status with every episode, since the host forgets that of the episode before", async () => {
  const start = addOne("Start");
  const [left, right] = [addOne("Left"), addOne("Right")];
  const join = defineExecutor({ id: "Join", input: z.array(z.number()), output: z.number(), handle: ([a = 0]) => a });
  const workflow = new WorkflowBuilder("StatusOfEveryEpisode", start)
    .addFanOut(start, [left, right])
    .addFanIn([left, right], join)
    .withOutputFrom(join)
    .build();
  const answers: { customStatus?: { superstep: number } }[] = [];
  const around = (functions: FunctionInvoker): FunctionInvoker => ({
    ...functions,
    async invokeOrchestrator(...call) {
      const result = await functions.invokeOrchestrator(...call);
      answers.push(JSON.parse(answerJsonOf(result)));
      return result;
    },
  });

  const runs = await serveDurably(workflow, { around });
  await (await runs.runner.start(workflow, 1)).wait();

  expect(answers.length).toBeGreaterThanOrEqual(4);
  expect(answers.filter(({ customStatus }) => customStatus === undefined)).toEqual([]);
  expect(answers.at(-1)?.customStatus).toMatchObject({ status: "completed", superstep: 3 });
});

import { expect, it } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { defineRequestPort } from "../graph/request-port.ts";
import { runInTest } from "./run-in-test.ts";

const number = z.number();
const list = defineExecutor({ id: "List", input: z.array(number), output: z.array(number), handle: (items) => items });
const add = defineExecutor({
  id: "Add",
  input: number,
  output: number,
  retry: { maxAttempts: 2, firstDelayMs: 60_000 },
  handle: (value) => value + 1,
});
const ask = defineRequestPort({ id: "Ask", request: number, response: number });
const inner = new WorkflowBuilder("Inner", add).addEdge(add, ask).withOutputFrom(ask).build();
const join = defineExecutor({ id: "Join", input: z.array(number), output: z.array(number), handle: (all) => all });
const outer = new WorkflowBuilder("Outer", list).addMap(list, inner, join).withOutputFrom(join).build();

it("answers, mocks and fails what is inside a sub-workflow, by the path that leads there", async () => {
  const answers = { Ask: (value: number) => value * 10 };
  const tested = await runInTest(outer, [1, 2], { answers });
  expect(tested.outputs).toEqual([[20, 30]]);
  expect(tested.path).toEqual(["List", "Inner", "Inner~Add", "Inner", "Inner~Add", "Inner~Ask", "Inner~Ask", "Join"]);

  const mocked = await runInTest(outer, [1, 2], {
    answers,
    mocks: { "Inner~Add": (value: number) => value + 100 },
    failures: [{ executor: "Inner~Add", attempt: 1, error: new Error("Busy.") }],
  });
  expect(mocked.outputs).toEqual([[1_010, 1_020]]);
  expect(mocked.events.filter(({ type }) => type === "executorDelayed")).toHaveLength(2);
});

it("refuses a name that leads nowhere", async () => {
  const script = { mocks: { Add: () => 1 } };
  await expect(runInTest(outer, [1], script)).rejects.toMatchObject({
    code: "EXECUTOR_UNKNOWN",
    message: expect.stringContaining("It has List, Inner~Add, Join"),
  });
});

import { expect, it } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { missingParts } from "./missing.ts";
import { diffPlans } from "./plan-diff.ts";

const number = z.number();
const step = <const Id extends string>(id: Id) =>
  defineExecutor({ id, input: number, output: number, handle: (value) => value });
const [first, second, third] = [step("First"), step("Second"), step("Third")];

const innerBefore = new WorkflowBuilder("Inner", first)
  .addEdge(first, second, { when: (value) => value > 1 })
  .withOutputFrom(second)
  .build();
const before = new WorkflowBuilder("Outer", third).addEdge(third, innerBefore).build();

it("finds what a build lacks in its sub-workflows, by the path that leads there", () => {
  const inner = new WorkflowBuilder("Inner", first).withOutputFrom(first).build();
  const after = new WorkflowBuilder("Outer", third).addEdge(third, inner).build();
  expect(missingParts(before.plan, before)).toEqual([]);
  expect(missingParts(before.plan, after)).toEqual([
    {
      workflow: "Outer",
      executorId: "Inner~First",
      reason: "the build lacks the condition of an edge that starts there",
    },
    { workflow: "Outer", executorId: "Inner~Second", reason: "the executor is not in the build" },
  ]);
  const without = new WorkflowBuilder("Outer", third).build();
  expect(missingParts(before.plan, without)).toEqual([
    { workflow: "Outer", executorId: "Inner", reason: "the sub-workflow is not in the build" },
  ]);
});

it("finds that a build lacks the code that undoes a call, or that says whether it is tried again", () => {
  const plain = { input: number, output: number, handle: (value: number) => value };
  const build = (code: object) =>
    new WorkflowBuilder("Coded", defineExecutor({ id: "Paid", ...plain, ...code })).build();
  const retry = { maxAttempts: 2, firstDelayMs: 1 };
  const asking = { ...retry, retryOn: () => true };
  const full = build({ compensate: () => {}, retry: asking });
  const reasons = (code: object) => missingParts(full.plan, build(code)).map(({ reason }) => reason);
  expect(missingParts(full.plan, full)).toEqual([]);
  expect(reasons({ retry: asking })).toEqual(["its compensate is not in the build"]);
  expect(reasons({ compensate: () => {}, retry })).toEqual(["the function of its retryOn is not in the build"]);
});

it("tells what changed in a sub-workflow", () => {
  const inner = new WorkflowBuilder("Inner", first).withOutputFrom(first).build();
  const after = new WorkflowBuilder("Outer", third).addEdge(third, inner).build();
  expect(diffPlans(before.plan, after.plan)).toEqual([
    "Inner: - executor Second",
    "Inner: - edge First->Second?",
    'Inner: ~ outputs: ["Second"] → ["First"]',
  ]);
  expect(diffPlans(new WorkflowBuilder("Outer", third).build().plan, before.plan)).toContain("+ sub-workflow Inner");
});

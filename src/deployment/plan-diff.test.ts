import { expect, it } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "../graph/builder.ts";
import { defineExecutor } from "../graph/executor.ts";
import { diffPlans } from "./plan-diff.ts";

const step = <const Id extends string>(id: Id) =>
  defineExecutor({ id, input: z.number(), output: z.number(), handle: (value) => value });
const [a, b, c] = [step("A"), step("B"), step("C")];
const plain = new WorkflowBuilder("Diffed", a).addEdge(a, b).build().plan;

it("tells what came, went and changed between two plans", () => {
  const text = defineExecutor({ id: "A", input: z.number(), output: z.number().min(1), handle: (value) => value });
  const after = new WorkflowBuilder("Diffed", text)
    .describe("Does it")
    .addEdge(text, c, { when: () => true })
    .withOutputFrom(c)
    .build().plan;
  expect(diffPlans(plain, after)).toEqual([
    "- executor B",
    "+ executor C",
    "~ executor A: schemas",
    "- edge A->B",
    "+ edge A->C?",
    '~ outputs: ["B"] → ["C"]',
    '~ description: none → "Does it"',
  ]);
});

it("tells a change of an edge, and of the order of calls", () => {
  const conditional = (label: string) =>
    new WorkflowBuilder("Diffed", a).addEdge(a, b, { when: () => true, label }).build().plan;
  expect(diffPlans(conditional("if"), conditional("when"))).toEqual(["~ edge A->B?: label"]);
  const wide = (first: typeof b, second: typeof b) =>
    new WorkflowBuilder("Diffed", a).addEdge(a, first).addEdge(a, second).withOutputFrom(b).build().plan;
  const [other] = [c as unknown as typeof b];
  expect(diffPlans(wide(b, other), wide(other, b))).toEqual(["~ order of executors: A, B, C → A, C, B"]);
});

it("is empty for a plan and itself", () => {
  expect(diffPlans(plain, plain)).toEqual([]);
});

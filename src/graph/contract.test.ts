import { expect, it } from "vitest";
import { z } from "zod";
import { recordedPlan } from "../wire/recorded-plan.ts";
import { WorkflowBuilder } from "./builder.ts";
import { inputSchema, outputSchemas, requestSchema, responseSchema } from "./contract.ts";
import { defineExecutor } from "./executor.ts";
import { recordedPlanPath, recordPlan } from "./record.ts";
import { defineRequestPort } from "./request-port.ts";
import { defineState } from "./state.ts";

const $schema = "https://json-schema.org/draft/2020-12/schema";
const count = defineState({ name: "count", schema: z.number(), initial: 0 });
const start = defineExecutor({
  id: "Start",
  input: z.string().min(1),
  output: z.string(),
  yields: z.number(),
  state: { reads: [count] },
  handle: (text) => text,
});
const ask = defineRequestPort({
  id: "Ask",
  request: z.string(),
  response: z.boolean(),
  sends: "requestAndResponse",
});
const workflow = new WorkflowBuilder("Contract", start).addEdge(start, ask).build();

it("shows what a run takes, what a port asks and what may be answered", () => {
  expect(inputSchema(workflow)).toEqual({ $schema, type: "string", minLength: 1 });
  expect(inputSchema(new WorkflowBuilder("Asks", ask).build())).toEqual({ $schema, type: "string" });
  expect(requestSchema(ask)).toEqual({ $schema, type: "string" });
  expect(responseSchema(ask)).toEqual({ $schema, type: "boolean" });
});

it("shows everything that may come out of a run", () => {
  expect(outputSchemas(workflow)).toEqual([
    { executorId: "Start", place: "yielded", schema: { $schema, type: "number" } },
    {
      executorId: "Ask",
      place: "returned",
      schema: {
        type: "object",
        properties: { request: { $schema, type: "string" }, response: { $schema, type: "boolean" } },
        required: ["request", "response"],
      },
    },
  ]);
});

it("records a plan with the schemas its fingerprints stand for", () => {
  expect(recordedPlanPath(workflow)).toBe(`Contract/${workflow.plan.fingerprint}.json`);
  const recorded = recordPlan(workflow);
  expect(recorded).toEqual({
    format: 1,
    plan: workflow.plan,
    schemas: {
      Start: {
        input: { $schema, type: "string", minLength: 1 },
        output: { $schema, type: "string" },
        yields: { $schema, type: "number" },
      },
      Ask: { request: { $schema, type: "string" }, response: { $schema, type: "boolean" } },
    },
    stateSchemas: { count: { $schema, type: "number" } },
  });
  expect(recordedPlan.parse(JSON.parse(JSON.stringify(recorded)))).toEqual(recorded);
});

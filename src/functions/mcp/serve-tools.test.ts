import { app } from "@azure/functions";
import { afterEach, beforeEach, expect, it, type MockInstance, vi } from "vitest";
import { z } from "zod";
import { WorkflowBuilder } from "../../graph/builder.ts";
import { defineCatalog } from "../../graph/catalog.ts";
import { defineExecutor } from "../../graph/executor.ts";
import { defineRequestPort } from "../../graph/request-port.ts";
import { registerTools } from "./serve-tools.ts";

const workflowOf = <Input>(name: string, input: z.ZodType<Input>) =>
  new WorkflowBuilder(name, defineExecutor({ id: "Start", input, output: z.string(), handle: () => "" }))
    .describe(`About ${name}`)
    .build();
const text = workflowOf("Text", z.string());
const port = defineRequestPort({ id: "Boss", request: z.string(), response: z.boolean() });
const asking = new WorkflowBuilder("Asking", port).build();

let mcpTool: MockInstance<typeof app.mcpTool>;
beforeEach(() => {
  mcpTool = vi.spyOn(app, "mcpTool").mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

const services = (...workflows: Parameters<typeof defineCatalog>[0]) => ({
  catalog: defineCatalog(workflows),
  instancesOf: () => {
    throw new Error("Nothing is called here.");
  },
});
const registered = () => mcpTool.mock.calls.map(([name]) => name);
const inputOf = (name: string) => {
  const trigger = mcpTool.mock.calls.find(([registeredAs]) => registeredAs === name)?.[1].trigger;
  return JSON.parse(String((trigger as Record<string, unknown> | undefined)?.inputSchema));
};

it("makes tools of the named workflows alone, and a tool to look at their runs", () => {
  registerTools(services(text, asking), { tools: [text] });
  expect(registered()).toEqual(["mcptool-Text", "mcptool-run-status"]);
  expect(inputOf("mcptool-run-status").properties.workflow).toMatchObject({ enum: ["Text"] });
});

it("lets clients answer requests only where that was asked for, of workflows that ask", () => {
  registerTools(services(text, asking), { tools: [text, asking] });
  expect(registered()).not.toContain("mcptool-run-respond");
  registerTools(services(text, asking), { tools: [text, asking], mayRespond: true });
  expect(inputOf("mcptool-run-respond").properties.workflow).toMatchObject({ enum: ["Asking"] });
});

it("registers nothing when no workflow is named", () => {
  registerTools(services(text), { tools: [], mayRespond: true });
  expect(registered()).toEqual([]);
});

it("refuses a workflow that the catalog does not have, also one of the same name", () => {
  expect(() => registerTools(services(text), { tools: [workflowOf("Text", z.string())] })).toThrow(
    expect.objectContaining({ code: "MCP_TOOL_INVALID" }),
  );
});

it("keeps an input that refers to itself whole, also below the argument it becomes", () => {
  const nested: z.ZodType<unknown> = z.array(z.lazy(() => nested));
  const list = workflowOf("List", nested);
  registerTools(services(list), { tools: [list] });
  const { properties, required } = inputOf("mcptool-List");
  expect(required).toEqual(["input"]);
  expect(properties.input).toMatchObject({ $id: "urn:durable-workflows:schema:List:input", type: "array" });
  expect(JSON.stringify(properties.input)).not.toContain("#/properties");
});

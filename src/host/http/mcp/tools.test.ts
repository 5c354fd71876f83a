import { describe, expect, it } from "vitest";
import { describeFunction } from "../../app/functions.ts";
import { describeTools } from "./tools.ts";

function toolFunction(name: string, trigger: Record<string, unknown>) {
  const binding = { type: "mcpToolTrigger", name: "call", direction: "in", ...trigger };
  const described = describeFunction(
    { metadata: { name, bindings: { call: binding } }, callback: () => undefined } as Parameters<
      typeof describeFunction
    >[0],
    {},
  );
  if (!described) throw new Error("This function has a trigger.");
  return described;
}

describe("the tools of an app", () => {
  it("may limit a property to some values", () => {
    const properties = [{ propertyName: "size", propertyType: "string", isArray: true, enumValues: ["s", "m"] }];
    const [tool] = describeTools([
      toolFunction("order", { toolName: "order", toolProperties: JSON.stringify(properties) }),
    ]);
    expect(tool?.listing.inputSchema).toEqual({
      type: "object",
      properties: { size: { type: "array", items: { type: "string", enum: ["s", "m"] }, description: "" } },
      required: [],
    });
  });

  it.each([
    ["a trigger without a name", {}, "toolName"],
    ["properties that are no JSON", { toolName: "a", toolProperties: "[" }, "toolProperties of its trigger is no JSON"],
    ["a schema of its own that is missing", { toolName: "a", useWorkerInputSchema: true }, "inputSchema"],
    [
      "a schema of its own that is no object's",
      { toolName: "a", useWorkerInputSchema: true, inputSchema: '{"type":"string"}' },
      "inputSchema of its trigger is wrong",
    ],
    ["metadata that is no object", { toolName: "a", metadata: "1" }, "metadata of its trigger is wrong"],
  ])("refuse %s when the host starts", (_what, trigger, message) => {
    const describing = () => describeTools([toolFunction("order", trigger)]);
    expect(describing).toThrow(message);
    expect(describing).toThrow(expect.objectContaining({ code: "MCP_TOOL_INVALID" }));
  });

  it("have one name each, compared without case", () => {
    const both = [toolFunction("one", { toolName: "Order" }), toolFunction("two", { toolName: "order" })];
    expect(() => describeTools(both)).toThrow('Functions "one" and "two" both have the MCP tool name "order"');
  });
});

const { app, arg, McpContentBlock, McpTextContent, McpToolResponse } = require("@azure/functions");

app.mcpTool("echoTool", {
  toolName: "Echo",
  description: "Gives back what it was given",
  toolProperties: {
    text: arg.string().describe("What to say"),
    times: arg.number().optional(),
    tags: arg.string().asArray().optional(),
  },
  metadata: JSON.stringify({ "ui/colour": "green" }),
  handler: (call, context) => JSON.stringify({ call, metadata: context.triggerMetadata }),
});

app.mcpTool("measureTool", {
  toolName: "measure",
  description: "Two blocks and a value",
  toolProperties: [],
  handler: () =>
    new McpToolResponse({
      content: [new McpTextContent("one"), new McpTextContent("two")],
      structuredContent: { blocks: 2 },
    }),
});

class WholeResult extends McpContentBlock {
  type = "call_tool_result";
  toJSON() {
    return { content: [{ type: "text", text: "The shop is closed." }], isError: true };
  }
}

const schema = {
  type: "object",
  properties: { order: { type: "object", properties: { id: { type: "string" } }, required: ["id"] } },
  required: ["order"],
};
app.mcpTool("buyTool", {
  trigger: {
    type: "mcpToolTrigger",
    name: "call",
    toolName: "buy",
    description: "Has a schema of its own",
    useResultSchema: true,
    useWorkerInputSchema: true,
    inputSchema: JSON.stringify(schema),
    outputSchema: JSON.stringify({ type: "object", properties: { price: { type: "number" } }, required: ["price"] }),
  },
  handler: () => new WholeResult(),
});

app.mcpTool("breaksTool", {
  toolName: "breaks",
  description: "Throws",
  toolProperties: [],
  handler: () => {
    throw new Error("this text must not reach the caller");
  },
});

app.mcpTool("silentTool", { toolName: "silent", description: "", toolProperties: [], handler: () => undefined });

app.generic("bareTool", {
  trigger: { type: "mcpToolTrigger", name: "call", toolName: "bare" },
  handler: () => "as it is",
});

app.mcpTool("hiddenTool", { toolName: "hidden", description: "Disabled", toolProperties: [], handler: () => "no" });

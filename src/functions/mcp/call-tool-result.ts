import azureFunctions from "@azure/functions";

// By name, Node 22 does not find the classes of this package: it is CommonJS, and they are re-exported by getters.
const { McpContentBlock } = azureFunctions;

/**
 * The whole answer to a tool call. The library's own response has no way to say that a call failed; a block of this type
 * is what the extension takes for a result as it stands.
 */
export class CallToolResult extends McpContentBlock {
  readonly type = "call_tool_result";
  readonly text: string;
  readonly isError: boolean;
  readonly structuredContent: object | undefined;

  /** @param structuredContent - left out only for an error: a tool that declares an output schema has to fill it */
  constructor(text: string, isError: boolean, structuredContent?: object) {
    super();
    this.text = text;
    this.isError = isError;
    this.structuredContent = structuredContent;
  }

  toJSON(): Record<string, unknown> {
    return {
      content: [{ type: "text", text: this.text }],
      ...(this.structuredContent && { structuredContent: this.structuredContent }),
      ...(this.isError && { isError: true }),
    };
  }
}

import type { McpConnection } from "./mcp-client.ts";

/** What a tool call came to. */
export interface ToolAnswer {
  readonly content: readonly { readonly type: string; readonly text: string }[];
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came, and its expectations say what that has to be
  readonly structuredContent?: any;
  readonly isError?: boolean;
}

export async function callTool(
  client: McpConnection["client"],
  name: string,
  given: Record<string, unknown> = {},
): Promise<ToolAnswer> {
  return (await client.callTool({ name, arguments: given })) as unknown as ToolAnswer;
}

export function textOf({ content }: ToolAnswer): string {
  return content.map(({ text }) => text).join("\n");
}

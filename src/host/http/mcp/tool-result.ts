import { z } from "zod";
import type { TypedData } from "../../app/core-types.ts";
import type { Tool } from "./tools.ts";

/** What `tools/call` answers with. */
export type ToolResult = Readonly<Record<string, unknown>>;

/** The library's envelope: the fields hold JSON text. */
const envelope = z.object({ type: z.string(), content: z.string().nullish(), structuredContent: z.string().nullish() });

/**
 * What a tool's function returned as an MCP result, as the extension reads it: a whole result, a list of content blocks or
 * one block, by the type in the envelope; without an envelope the text itself.
 *
 * @throws for a value that is none of these
 */
export function toolResultOf({ hasEnvelope }: Tool, returned: TypedData | null | undefined): ToolResult {
  const text = returned?.string ?? returned?.json ?? null;
  if (text === null) return { content: [] };
  if (!hasEnvelope) return { content: [{ type: "text", text }] };
  const { type, content, structuredContent } = envelope.parse(JSON.parse(text));
  const body: unknown = JSON.parse(content ?? "null");
  if (type.toLowerCase() === "call_tool_result") return z.record(z.string(), z.unknown()).parse(body);
  return {
    content: type.toLowerCase() === "multi_content_result" ? body : [body],
    ...(structuredContent && { structuredContent: JSON.parse(structuredContent) }),
  };
}

/** The answer to a call whose function threw: why stands in the log alone, as with the extension. */
export function failedCall({ name }: Tool): ToolResult {
  return { content: [{ type: "text", text: `An error occurred invoking '${name}'.` }], isError: true };
}

import { app, type InvocationContext } from "@azure/functions";
import { z } from "zod";
import { durableClientInput } from "../../durable/sdk.ts";
import type { WorkflowError } from "../../errors.ts";
import type { JsonSchema } from "../../graph/schema.ts";
import { scanJson } from "../json-scanner.ts";
import { isForeseen, UNFORESEEN } from "../problem.ts";
import { CallToolResult } from "./call-tool-result.ts";

/** The part of a trigger's value that tools read. */
const trigger = z.object({ arguments: z.record(z.string(), z.unknown()).optional() });

export type ToolArguments = Readonly<Record<string, unknown>>;

export interface ToolOptions {
  readonly name: string;
  readonly description: string;
  readonly input: JsonSchema;
  readonly output: JsonSchema;
  readonly call: (given: ToolArguments, context: InvocationContext) => Promise<CallToolResult>;
}

/**
 * Registers an MCP tool. Its JSON Schemas reach the extension as they are: the property list of `app.mcpTool` knows no
 * nested shapes, and its result schema is not read.
 */
export function registerTool({ name, description, input, output, call }: ToolOptions): void {
  app.mcpTool(`mcptool-${name}`, {
    toolName: name,
    description,
    trigger: {
      type: "mcpToolTrigger",
      name: "call",
      toolName: name,
      description,
      useResultSchema: true,
      useWorkerInputSchema: true,
      inputSchema: JSON.stringify(input),
      outputSchema: JSON.stringify(output),
    },
    extraInputs: [durableClientInput],
    handler: (value, context) => answerCall(value, context, call),
  });
}

/** What a tool throws becomes an error that the model can read; what nobody foresaw stays in the log. */
async function answerCall(value: unknown, context: InvocationContext, call: ToolOptions["call"]): Promise<unknown> {
  try {
    const given = trigger.parse(value).arguments ?? {};
    // As strict as a body: nothing that JSON loses, no depth without end.
    scanJson(JSON.stringify(given));
    return await call(given, context);
  } catch (error) {
    if (isForeseen(error)) return new CallToolResult(textOf(error), true);
    context.error(error);
    return new CallToolResult(UNFORESEEN, true);
  }
}

function textOf({ code, message, issues }: WorkflowError): string {
  const places = issues.map(({ pointer, message: what }) => `\n${pointer === "" ? "/" : pointer}: ${what}`);
  return `${code}: ${message}${places.join("")}`;
}

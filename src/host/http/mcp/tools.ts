import { z } from "zod";
import { WorkflowError } from "../../../errors.ts";
import type { Binding } from "../../app/core-types.ts";
import type { AppFunction } from "../../app/functions.ts";

/** A JSON Schema of an object, as MCP wants it for what a tool takes and gives. */
type ObjectSchema = Readonly<Record<string, unknown>>;

/** A function with an MCP tool trigger, as clients see it. */
export interface Tool {
  readonly fn: AppFunction;
  readonly name: string;
  /** The tool in the answer to `tools/list`. */
  readonly listing: Readonly<Record<string, unknown>>;
  /** Arguments a call must have; the function itself checks the rest. */
  readonly required: readonly string[];
  /** The function answers in the envelope that `useResultSchema` stands for; else what it returns is the text of the answer. */
  readonly hasEnvelope: boolean;
}

const binding = z.object({
  toolName: z.string().min(1),
  description: z.string().nullish(),
  /** JSON text of the list below. */
  toolProperties: z.string().nullish(),
  useWorkerInputSchema: z.boolean().nullish(),
  /** JSON text; counts only with `useWorkerInputSchema`. */
  inputSchema: z.string().nullish(),
  outputSchema: z.string().nullish(),
  useResultSchema: z.boolean().nullish(),
  /** JSON text of an object. */
  metadata: z.string().nullish(),
});

const property = z.object({
  propertyName: z.string(),
  propertyType: z.string(),
  description: z.string().nullish(),
  isRequired: z.boolean().nullish(),
  isArray: z.boolean().nullish(),
  enumValues: z.array(z.string()).nullish(),
});
type Property = z.infer<typeof property>;

const objectSchema = z.looseObject({
  type: z.literal("object"),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
});

/**
 * The tools of an app, from the bindings of its functions, in the order of the functions. Names are told apart without
 * case, as the extension does.
 *
 * @throws {WorkflowError} `MCP_TOOL_INVALID`
 */
export function describeTools(functions: readonly AppFunction[]): readonly Tool[] {
  const tools = functions.filter(({ kind, isDisabled }) => kind === "mcpTool" && !isDisabled).map(describe);
  const owners = new Map<string, Tool>();
  for (const tool of tools) {
    const other = owners.get(tool.name.toLowerCase());
    if (other) throw twice(tool, other);
    owners.set(tool.name.toLowerCase(), tool);
  }
  return tools;
}

function describe(fn: AppFunction): Tool {
  const trigger = readBinding(fn);
  const input = trigger.useWorkerInputSchema
    ? parsed(fn, "inputSchema", trigger.inputSchema ?? "", objectSchema)
    : schemaOf(parsed(fn, "toolProperties", trigger.toolProperties ?? "[]", z.array(property)));
  const listing = {
    name: trigger.toolName,
    ...(trigger.description && { description: trigger.description }),
    inputSchema: input,
    ...(trigger.outputSchema && { outputSchema: parsed(fn, "outputSchema", trigger.outputSchema, objectSchema) }),
    ...(trigger.metadata && {
      _meta: parsed(fn, "metadata", trigger.metadata, z.record(z.string(), z.unknown())),
    }),
  };
  const required = objectSchema.parse(input).required ?? [];
  return { fn, name: trigger.toolName, listing, required, hasEnvelope: trigger.useResultSchema ?? false };
}

function readBinding(fn: AppFunction): z.infer<typeof binding> {
  const trigger: Binding = fn.trigger;
  const read = binding.safeParse(trigger);
  if (read.success) return read.data;
  throw invalid(fn, `its trigger is wrong: ${z.prettifyError(read.error)}`);
}

/** What the extension makes of the property list of a trigger. */
function schemaOf(properties: readonly Property[]): ObjectSchema {
  return {
    type: "object",
    properties: Object.fromEntries(properties.map((one) => [one.propertyName, propertySchema(one)])),
    required: properties.filter(({ isRequired }) => isRequired).map(({ propertyName }) => propertyName),
  };
}

function propertySchema({ propertyType, description, isArray, enumValues }: Property): ObjectSchema {
  const value = { type: propertyType, ...(enumValues?.length && { enum: enumValues }) };
  return { ...(isArray ? { type: "array", items: value } : value), description: description ?? "" };
}

function parsed<Value>(fn: AppFunction, field: string, text: string, schema: z.ZodType<Value>): Value {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalid(fn, `${field} of its trigger is no JSON`);
  }
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  throw invalid(fn, `${field} of its trigger is wrong: ${z.prettifyError(read.error)}`);
}

function invalid({ name }: AppFunction, reason: string): WorkflowError {
  return new WorkflowError(
    "MCP_TOOL_INVALID",
    `Function "${name}" cannot be served as an MCP tool, since ${reason}.`,
    "Correct its registration.",
  );
}

function twice(tool: Tool, other: Tool): WorkflowError {
  return new WorkflowError(
    "MCP_TOOL_INVALID",
    `Functions "${other.fn.name}" and "${tool.fn.name}" both have the MCP tool name "${tool.name}", which is told apart without case.`,
    "Rename one of the tools.",
  );
}

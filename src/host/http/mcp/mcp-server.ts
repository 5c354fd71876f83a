import { z } from "zod";
import type { TypedData } from "../../app/core-types.ts";
import type { ToolTrigger } from "../../app/function-app.ts";
import type { AppFunction } from "../../app/functions.ts";
import type { WriteLog } from "../../log.ts";
import { INVALID_PARAMS, METHOD_NOT_FOUND, RpcError, type RpcRequest } from "./json-rpc.ts";
import { failedCall, type ToolResult, toolResultOf } from "./tool-result.ts";
import type { Tool } from "./tools.ts";

/** The versions of MCP this server speaks, the newest first. */
export const PROTOCOL_VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

export interface McpServerOptions {
  readonly tools: readonly Tool[];
  /** What clients are told of this server, as `extensions.mcp` of host.json has it. */
  readonly info: { readonly name: string; readonly version: string; readonly instructions: string | null };
  /** Calls the function of a tool, as the extension would. */
  readonly invoke: (fn: AppFunction, trigger: ToolTrigger) => Promise<TypedData | null>;
  readonly write: WriteLog;
}

/** Who calls, as far as the transport knows. */
export interface Caller {
  readonly sessionId: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

const initializeParams = z.object({ protocolVersion: z.string() });
const callParams = z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()).optional() });

/** Answers the requests of MCP clients: the life cycle and tools. It keeps nothing between two requests. */
export class McpServer {
  readonly #options: McpServerOptions;

  constructor(options: McpServerOptions) {
    this.#options = options;
  }

  /** @throws {RpcError} */
  async answer({ method, params = {} }: RpcRequest, caller: Caller): Promise<object> {
    switch (method) {
      case "initialize":
        return this.#initialize(params);
      case "ping":
        return {};
      case "tools/list":
        return { tools: this.#options.tools.map(({ listing }) => listing) };
      case "tools/call":
        return this.#call(params, caller);
      default:
        throw new RpcError(METHOD_NOT_FOUND, `Method '${method}' is not available.`);
    }
  }

  /** A client that wants a version nobody here speaks is offered the newest one, and decides. */
  #initialize(params: object): object {
    const asked = initializeParams.safeParse(params);
    if (!asked.success) throw new RpcError(INVALID_PARAMS, "The initialize request names no protocolVersion.");
    const { name, version, instructions } = this.#options.info;
    const wanted = asked.data.protocolVersion;
    return {
      protocolVersion: PROTOCOL_VERSIONS.includes(wanted) ? wanted : PROTOCOL_VERSIONS[0],
      capabilities: { tools: {} },
      serverInfo: { name, version },
      ...(instructions !== null && { instructions }),
    };
  }

  async #call(params: object, caller: Caller): Promise<ToolResult> {
    const asked = callParams.safeParse(params);
    if (!asked.success) throw new RpcError(INVALID_PARAMS, "A tool call needs a name, and an object of arguments.");
    const { name, arguments: given } = asked.data;
    const tool = this.#options.tools.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (!tool) throw new RpcError(INVALID_PARAMS, `Unknown tool: '${name}'`);
    refuseMissing(tool, given ?? {});
    try {
      return toolResultOf(tool, await this.#options.invoke(tool.fn, triggerOf(tool, given, caller)));
    } catch (error) {
      const reason = error instanceof Error ? error.stack : String(error);
      this.#options.write("error", `MCP tool "${tool.name}" failed: ${reason}`, tool.fn.name);
      return failedCall(tool);
    }
  }
}

function refuseMissing({ required }: Tool, given: Readonly<Record<string, unknown>>): void {
  const missing = required.filter((name) => (Object.hasOwn(given, name) ? given[name] : null) === null);
  if (missing.length === 0) return;
  throw new RpcError(
    INVALID_PARAMS,
    `One or more required tool properties are missing values. Please provide: ${missing.join(", ")}`,
  );
}

function triggerOf(
  { name }: Tool,
  given: Readonly<Record<string, unknown>> | undefined,
  { sessionId, headers }: Caller,
): ToolTrigger {
  const session = sessionId === null ? {} : { sessionId };
  const context = {
    name,
    ...(given && { arguments: given }),
    ...(sessionId !== null && { sessionid: sessionId }),
    transport: { name: "http-streamable", ...session, properties: { headers } },
  };
  return {
    contextJson: JSON.stringify(context),
    metadata: {
      mcptoolcontext: { json: JSON.stringify(context) },
      ...(sessionId !== null && { mcpsessionid: { string: sessionId } }),
      ...(given && { mcptoolargs: { json: JSON.stringify(asTexts(given)) } }),
    },
  };
}

/** Binding data holds text: .NET prints booleans with a capital, and what is no text as JSON. */
function asTexts(given: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, asText(value)]));
}

function asText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "True" : "False";
  return value === null ? "" : JSON.stringify(value);
}

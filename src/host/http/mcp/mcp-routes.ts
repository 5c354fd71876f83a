import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type Answer, problemAnswer } from "../answer.ts";
import { readBody } from "../body.ts";
import { isPrincipalHeader } from "../function-request.ts";
import type { Routes } from "../router.ts";
import { hasSystemKey } from "../system-key-check.ts";
import {
  type ClientMessage,
  errorMessage,
  INVALID_REQUEST,
  PARSE_ERROR,
  RpcError,
  type RpcRequest,
  readMessage,
  resultMessage,
  TRANSPORT_ERROR,
} from "./json-rpc.ts";
import { type Caller, type McpServer, PROTOCOL_VERSIONS } from "./mcp-server.ts";

const MCP_PATH = /^\/runtime\/webhooks\/mcp\/?$/i;

const KEY_HEADER = "x-functions-key";

export interface McpRoutesOptions {
  readonly server: McpServer;
  /** null: nobody has to show one. */
  readonly systemKey: string | null;
  readonly bodyLimitBytes: number;
}

/**
 * MCP over Streamable HTTP, as the extension speaks it: a POST for each message, answered by server-sent events that end
 * with the answer. There is no session to lose: the id a client gets is only handed on to its tools.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
 */
export function createMcpRoutes({ server, systemKey, bodyLimitBytes }: McpRoutesOptions): Routes {
  return (request, path, target) => {
    if (!MCP_PATH.test(path)) return null;
    if (systemKey !== null && !hasSystemKey(request, target, systemKey)) return { status: 401 };
    if (request.method !== "POST") return { status: 405, headers: { allow: "POST" } };
    return answerPost(server, request, bodyLimitBytes);
  };
}

async function answerPost(server: McpServer, request: IncomingMessage, bodyLimitBytes: number): Promise<Answer> {
  const refused = refusal(request);
  if (refused) return refused;
  const bytes = await readBody(request, bodyLimitBytes);
  if (bytes === null) return problemAnswer("BODY_TOO_LARGE", "Body too large", `The limit is ${bodyLimitBytes} bytes.`);
  const message = parse(bytes.toString("utf8"));
  if (message instanceof RpcError) return rpcFailure(400, message);
  if (message.kind !== "request") return { status: 202 };
  const caller = callerOf(request, message.request);
  return eventAnswer(await reply(server, message.request, caller), caller.sessionId);
}

function refusal({ headers }: IncomingMessage): Answer | null {
  const accept = headers.accept ?? "";
  if (!accepts(accept, "application/json") || !accepts(accept, "text/event-stream")) {
    const text = "Not Acceptable: Client must accept both application/json and text/event-stream";
    return rpcFailure(406, new RpcError(TRANSPORT_ERROR, text));
  }
  const version = headers["mcp-protocol-version"];
  if (version === undefined || PROTOCOL_VERSIONS.includes(String(version))) return null;
  const text = `Bad Request: MCP-Protocol-Version '${version}' is none of ${PROTOCOL_VERSIONS.join(", ")}`;
  return rpcFailure(400, new RpcError(TRANSPORT_ERROR, text));
}

function accepts(header: string, type: string): boolean {
  const ranges = header.split(",").map((range) => range.split(";", 1)[0]?.trim().toLowerCase());
  return ranges.some((range) => range === type || range === "*/*" || range === `${type.split("/", 1)[0]}/*`);
}

function parse(text: string): ClientMessage | RpcError {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return new RpcError(PARSE_ERROR, "The body is no JSON.");
  }
  return readMessage(value) ?? new RpcError(INVALID_REQUEST, "The body is no single JSON-RPC 2.0 message.");
}

/**
 * A new client gets an id at its first request; the others bring theirs. The key to this host is not for tools, and nobody
 * vouches for a principal here.
 */
function callerOf({ headers }: IncomingMessage, { method }: RpcRequest): Caller {
  const given = headers["mcp-session-id"];
  const shown = Object.entries(headers)
    .filter(([name]) => name !== KEY_HEADER && !isPrincipalHeader(name))
    .map(([name, value = ""]) => [name, typeof value === "string" ? value : value.join(",")]);
  return {
    sessionId: method === "initialize" ? randomUUID() : typeof given === "string" ? given : null,
    headers: Object.fromEntries(shown),
  };
}

async function reply(server: McpServer, request: RpcRequest, caller: Caller): Promise<object> {
  try {
    return resultMessage(request, await server.answer(request, caller));
  } catch (error) {
    if (error instanceof RpcError) return errorMessage(request, error);
    throw error;
  }
}

function eventAnswer(message: object, sessionId: string | null): Answer {
  return {
    status: 200,
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-cache,no-store",
      ...(sessionId !== null && { "mcp-session-id": sessionId }),
    },
    body: `event: message\ndata: ${JSON.stringify(message)}\n\n`,
  };
}

function rpcFailure(status: number, error: RpcError): Answer {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(errorMessage(null, error)),
  };
}

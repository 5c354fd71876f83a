import { z } from "zod";

/** JSON-RPC 2.0, as far as MCP uses it over HTTP: one message in a body. */

export const PARSE_ERROR = -32_700;
export const INVALID_REQUEST = -32_600;
export const METHOD_NOT_FOUND = -32_601;
export const INVALID_PARAMS = -32_602;
/** A request that the transport refuses. */
export const TRANSPORT_ERROR = -32_000;

const version = z.literal("2.0");
const id = z.union([z.string(), z.int()]);
const params = z.record(z.string(), z.unknown());

const request = z.object({ jsonrpc: version, id, method: z.string(), params: params.optional() });
const notification = z.object({ jsonrpc: version, method: z.string(), params: params.optional() });
const response = z
  .object({ jsonrpc: version, id, result: params.optional(), error: params.optional() })
  .refine(({ result, error }) => (result === undefined) !== (error === undefined));

export type RpcRequest = z.infer<typeof request>;

/** A message of a client: only a request wants an answer. */
export type ClientMessage =
  | { readonly kind: "request"; readonly request: RpcRequest }
  | { readonly kind: "notification" }
  | { readonly kind: "response" };

/** @returns null for what is no message; a list of messages is none, since MCP has no batches any more */
export function readMessage(value: unknown): ClientMessage | null {
  const asked = request.safeParse(value);
  if (asked.success) return { kind: "request", request: asked.data };
  if (typeof value === "object" && value !== null && "id" in value) {
    return response.safeParse(value).success ? { kind: "response" } : null;
  }
  return notification.safeParse(value).success ? { kind: "notification" } : null;
}

/** A failure that the caller gets as a JSON-RPC error. */
export class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export function resultMessage({ id }: RpcRequest, result: object): object {
  return { jsonrpc: "2.0", id, result };
}

/** @param request - null where it could not be read */
export function errorMessage(request: RpcRequest | null, { code, message }: RpcError): object {
  return { jsonrpc: "2.0", id: request?.id ?? null, error: { code, message } };
}

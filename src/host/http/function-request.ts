import type { IncomingHttpHeaders } from "node:http";
import type { HttpData, TypedData } from "../app/core-types.ts";
import type { RouteParams } from "./route-template.ts";

export interface FunctionRequest {
  readonly method: string;
  /** Path and query as they came, and the Host header. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: RouteParams;
  readonly body: Uint8Array | null;
}

/** Headers that Easy Auth puts on in Azure. Nobody does so here, so what a caller sends under these names is forged. */
const PRINCIPAL_HEADER = "x-ms-client-principal";

export function hasForgedPrincipal(headers: IncomingHttpHeaders): boolean {
  return Object.keys(headers).some(isPrincipalHeader);
}

export function isPrincipalHeader(name: string): boolean {
  return name.startsWith(PRINCIPAL_HEADER);
}

export function toTypedData({ method, target, headers, params, body }: FunctionRequest): TypedData {
  const http: HttpData = {
    method,
    url: `http://${headers.host}${target}`,
    nullableHeaders: nullableHeaders(headers),
    nullableQuery: nullableQuery(target),
    nullableParams: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, { value }])),
    body: body && body.byteLength > 0 ? { bytes: body } : null,
  };
  return { http };
}

function nullableHeaders(headers: IncomingHttpHeaders): Record<string, { value: string }> {
  const entries = Object.entries(headers)
    .filter(([name, value]) => value && !isPrincipalHeader(name))
    .map(([name, value = ""]) => [name, { value: typeof value === "string" ? value : value.join(", ") }]);
  return Object.fromEntries(entries);
}

/** Repeated parameters arrive joined by a comma. */
function nullableQuery(target: string): Record<string, { value: string }> {
  const start = target.indexOf("?");
  if (start === -1) return {};
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(target.slice(start + 1))) {
    const earlier = values.get(name);
    values.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return Object.fromEntries([...values].map(([name, value]) => [name, { value }]));
}

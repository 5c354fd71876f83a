import type { TypedData } from "../app/core-types.ts";
import type { Answer } from "./answer.ts";
import { formatCookie } from "./cookie.ts";

/** The server sets these itself: a length or an encoding that does not fit the body would break the connection. */
const OWN_HEADERS = ["content-length", "transfer-encoding", "connection"];

export function withoutOwnHeaders<Value>(headers: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN_HEADERS.includes(name.toLowerCase())));
}

/** Turns what a handler returned into an HTTP answer; nothing becomes 204. */
export function toAnswer(returnValue: TypedData | null): Answer {
  const http = returnValue?.http;
  if (!http) return { status: 204 };
  const headers: Record<string, string | readonly string[]> = withoutOwnHeaders(http.headers ?? {});
  if (http.cookies && http.cookies.length > 0) headers["set-cookie"] = http.cookies.map(formatCookie);
  return { status: Number(http.statusCode ?? 200), headers, body: http.body?.bytes ?? http.body?.string ?? "" };
}

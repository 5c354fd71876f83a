import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Whether a request carries the system key, as header `x-functions-key` or as query `code`. The header counts first. */
export function hasSystemKey(request: IncomingMessage, target: string, systemKey: string): boolean {
  const key = request.headers["x-functions-key"] ?? queryOf(target).get("code");
  return typeof key === "string" && isSame(key, systemKey);
}

/** The query of a request target. */
export function queryOf(target: string): URLSearchParams {
  const start = target.indexOf("?");
  return new URLSearchParams(start === -1 ? "" : target.slice(start + 1));
}

/** Takes the same time wherever the two differ. */
function isSame(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}
